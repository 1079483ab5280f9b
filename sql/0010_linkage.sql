-- The working state of the linkage: what it knows of each record and each pair of records as of its last run, and what stewards
-- decided. Records and pairs can be made again from raw at any time; decisions cannot, so nobody but the owner changes them.

-- Петров in one system is Petrov in another, which took him from his passport: Cyrillic as passports have it (ICAO Doc 9303), Greek as
-- Greek ones do (ELOT 743). What upper() does to such letters depends on the server, so capitals are made here.
create function identity.in_latin(value text) returns text language sql immutable parallel safe
return case when value !~ U&'[\0370-\03FF\0400-\04FF]' then value else (
    select string_agg(coalesce('{
        "А": "A", "Б": "B", "В": "V", "Г": "G", "Ґ": "G", "Ѓ": "G", "Д": "D", "Ђ": "D", "Е": "E", "Є": "IE",
        "Ж": "ZH", "З": "Z", "Ѕ": "DZ", "И": "I", "І": "I", "Ј": "J", "К": "K", "Л": "L", "Љ": "LJ", "М": "M",
        "Н": "N", "Њ": "NJ", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "Ћ": "C", "У": "U", "Ф": "F",
        "Х": "KH", "Ц": "TS", "Ч": "CH", "Џ": "DZ", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "", "Э": "E",
        "Ю": "IU", "Я": "IA", "Α": "A", "Β": "V", "Γ": "G", "Δ": "D", "Ε": "E", "Ζ": "Z", "Η": "I", "Θ": "TH",
        "Ι": "I", "Κ": "K", "Λ": "L", "Μ": "M", "Ν": "N", "Ξ": "X", "Ο": "O", "Π": "P", "Ρ": "R", "Σ": "S", "Τ": "T",
        "Υ": "Y", "Φ": "F", "Χ": "CH", "Ψ": "PS", "Ω": "O"}'::jsonb ->> letter, letter), '' order by place)
    from string_to_table(replace(translate(value,
        'абвгґѓдђеєжзѕиіјклљмнњопрстћуфхцчџшщъыьэюяαβγδεζηθικλμνξοπρστυφχψως',
        'АБВГҐЃДЂЕЄЖЗЅИІЈКЛЉМНЊОПРСТЋУФХЦЧЏШЩЪЫЬЭЮЯΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΣ'), 'ΟΥ', 'OU'), null)
        with ordinality as spelled (letter, place)
) end;
comment on function identity.in_latin is 'Cyrillic and Greek letters without accents as Latin capitals; all else unchanged.';

-- Names in one spelling: accents and special letters as plain ones, upper case, apostrophes (typographic ones and primes too), full
-- stops and what has no width left out, any other punctuation and dash a blank, Cyrillic and Greek in Latin letters. Those of another
-- script stay as they are: a name is never lost because we cannot spell it.
create function identity.plain_letters(value text) returns text language sql immutable parallel safe
return case when octet_length(value) = length(value) then value else
    identity.in_latin(regexp_replace(
        normalize(
            replace(replace(replace(replace(replace(replace(replace(
                translate(value, U&'\00D8\00F8\0141\0142\0110\0111\0126\0127\0166\0167\0131\00D0\00F0', 'OoLlDdHhTtiDd'),
                U&'\00DF', 'ss'), U&'\00C6', 'AE'), U&'\00E6', 'ae'), U&'\0152', 'OE'), U&'\0153', 'oe'), U&'\00DE', 'TH'), U&'\00FE', 'th'),
            NFKD),
        U&'[\0300-\036F]', '', 'g'))
end;
comment on function identity.plain_letters is 'Latin letters without accents and ligatures, Cyrillic and Greek ones in Latin; other scripts unchanged.';

create function identity.standard_name(value text) returns text language sql immutable parallel safe
return nullif(btrim(regexp_replace(
    upper(identity.plain_letters(translate(translate(value, U&'\2010\2011\2012\2013\2014\2015\2212', '-------'),
        U&'''`.\00B4\2018\2019\201B\2032\02B9\02BB\02BC\00AD\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E\2060\FEFF', ''))),
    U&'[^A-Z\00C0-\1FFF\2070-\FFFF]+', ' ', 'g')), '');
comment on function identity.standard_name is 'A name in standard spelling: O''Brien is OBRIEN, Zoë-Jane is ZOE JANE; null when nothing is left.';

create function identity.surname_forms(surnames text[]) returns text[] language sql immutable parallel safe
return case
    when cardinality(surnames) = 1 and surnames[1] not like '% %' then surnames
    else array(
        select distinct form collate "C"
        from unnest(surnames) as whole
        cross join lateral (
            select whole
            union all
            select part from unnest(string_to_array(whole, ' ')) as part
            where length(part) > 2
                and part <> all('{VAN,VON,DER,DEN,DEL,DOS,BIN,ABU,MAC,SAN}')
        ) as named (form)
        where form is not null
        order by 1
    )
end;
comment on function identity.surname_forms is 'Every form of some standard surnames: the whole, and the parts of double-barrelled ones without particles; sorted.';

create function identity.forename_forms(forenames text[], roots jsonb) returns text[] language sql immutable parallel safe
return array(
    select distinct form collate "C"
    from unnest(forenames) as given
    cross join lateral unnest(string_to_array(given, ' ')) as name
    cross join lateral (values (name), (roots ->> name)) as named (form)
    where form is not null
    order by 1
);
comment on function identity.forename_forms is 'Every given name in some standard forenames, and its root in `roots` (nickname -> root); sorted.';

create function identity.standard_postcode(value text) returns text language sql immutable parallel safe
return case when upper(replace(value, ' ', '')) ~ '^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$' then upper(replace(value, ' ', '')) end;
comment on function identity.standard_postcode is 'A full postcode in upper case without blanks, or null.';

create function identity.why_rejected(delivered text, used text, bad_values jsonb, standard text) returns text
language sql immutable parallel safe
return case when delivered is not null and used is null then
    coalesce(bad_values ->> standard, bad_values ->> upper(btrim(delivered)),
        case when standard is not null then 'of a year in which its holder was not yet ten'
            when identifiers.is_valid_pnc(delivered) then 'of a year after its delivery' else 'invalid' end)
end;
comment on function identity.why_rejected is 'Why a delivered value is not used: the reason of the bad value, else the year of a PNC that is valid but for it, or invalid; null when it is used or was not delivered.';

create table identity.record (
    record_id bigint generated always as identity primary key,
    source_file text not null,
    source_key text not null,
    forename text,
    surname text,
    forename_root text,
    forenames text[] not null,
    surnames text[] not null,
    dob date,
    dob_is_rough boolean not null,
    sex text,
    postcode text,
    postcodes text[] not null,
    pnc text,
    cro text,
    prison_number text,
    crn text,
    rejected jsonb,
    is_linkable boolean not null default true,
    unique (source_file, source_key)
);
comment on table identity.record is 'One row per source record current at the vintage of the last run, in the standard form in which it is compared.';
comment on column identity.record.forename is 'First given name; of a DIP client the initial. Names of DIP clients are never scored.';
comment on column identity.record.forename_root is 'The name that the forename is short for (reference.nicknames), else the forename.';
comment on column identity.record.forenames is 'Every given name, root and alias.';
comment on column identity.record.surnames is 'Every surname, part of a double-barrelled one and alias.';
comment on column identity.record.dob_is_rough is 'Whether the birth date is one of the days that often stand for a year alone: 1 January, by bad_values.csv.';
comment on column identity.record.postcode is 'Current postcode without blanks; of a DIP client the sector.';
comment on column identity.record.postcodes is 'Every postcode in any version of the record up to the vintage.';
comment on column identity.record.is_linkable is 'False for a DIP client without consent: nothing of it is held here, and it is joined to nobody, whoever decided so.';
comment on column identity.record.rejected is 'Kind of value -> why it is not used. The value as delivered is in raw.';

-- A night finds the records that changed ones are compared with by these indexes: each serves blocking rules of the linkage model.
-- To make them in one go is several times cheaper than to keep them while everybody is written, so a relink of everybody does that.
create function identity.make_record_indexes() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    create index record_pnc on identity.record (pnc) where pnc is not null;
    create index record_cro on identity.record (cro) where cro is not null;
    create index record_prison_number on identity.record (prison_number) where prison_number is not null;
    create index record_crn on identity.record (crn) where crn is not null;
    create index record_dob on identity.record (dob);
    create index record_names_year on identity.record
        (least(surname, forename_root), greatest(surname, forename_root), extract(year from dob));
    create index record_names_day on identity.record (surname, forename_root, extract(month from dob), extract(day from dob));
    -- The area comes first: else the planner takes this index for the names with the year too, and reads every namesake.
    create index record_names_area on identity.record
        (left(postcode, 2), least(surname, forename_root), greatest(surname, forename_root));
    create index record_postcodes on identity.record using gin (postcodes) with (fastupdate = off);
end $$;
create function identity.drop_record_indexes() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    drop index identity.record_pnc, identity.record_cro, identity.record_prison_number, identity.record_crn, identity.record_dob,
        identity.record_names_year, identity.record_names_day, identity.record_names_area, identity.record_postcodes
$$;
revoke execute on function identity.make_record_indexes, identity.drop_record_indexes from public;
grant execute on function identity.make_record_indexes, identity.drop_record_indexes to iom_linker;
do $$ begin perform identity.make_record_indexes(); end $$;

create table identity.overused_value (
    kind text not null check (kind in ('pnc', 'cro', 'prison_number', 'crn', 'postcode')),
    value text not null,
    primary key (kind, value)
);
comment on table identity.overused_value is 'Valid identifiers on so many records that they stand for nobody, and postcodes on so many that they are nobody''s home; they are not matched on. Holds identifiers.';

create view identity.usable_record as
select
    record_id, source_file, source_key, forename, surname, forename_root, forenames, surnames, dob, dob_is_rough, sex,
    case when postcode not in (select value from identity.overused_value where kind = 'postcode') then postcode end as postcode,
    case when postcodes && array(select value from identity.overused_value where kind = 'postcode')
        then array(select lived from unnest(postcodes) as lived
            where lived not in (select value from identity.overused_value where kind = 'postcode'))
        else postcodes end as postcodes,
    case when pnc not in (select value from identity.overused_value where kind = 'pnc') then pnc end as pnc,
    case when cro not in (select value from identity.overused_value where kind = 'cro') then cro end as cro,
    case when prison_number not in (select value from identity.overused_value where kind = 'prison_number') then prison_number end
        as prison_number,
    case when crn not in (select value from identity.overused_value where kind = 'crn') then crn end as crn,
    array(select lived from unnest(postcodes) as lived
        where lived in (select value from identity.overused_value where kind = 'postcode')) as overused_postcodes
from identity.record;
comment on view identity.usable_record is 'Records with the identifiers and addresses that they are matched on: those on too many records left out.';
comment on column identity.usable_record.overused_postcodes is 'The postcodes that were left out. Their sectors still say where somebody lives: a DIP client gives no more.';

create table identity.pair (
    record_a bigint not null,
    record_b bigint not null,
    kind text not null default 'scored' check (kind in ('scored', 'shared_identifier', 'dip_identifier', 'dip_candidate')),
    weight double precision,
    shares_identifier boolean not null,
    looks_like_twins boolean not null,
    has_two_forenames boolean not null default false,
    levels jsonb not null,
    since timestamptz not null default now(),
    primary key (record_a, record_b),
    check (record_a < record_b),
    check ((kind = 'scored') = (weight is not null))
);
comment on table identity.pair is 'One row per pair of records with evidence to be one person, as of the last run.';
comment on column identity.pair.kind is 'scored: by the model, at its lowest threshold or above; shared_identifier: they share one, but the model''s weight is below that; dip_identifier, dip_candidate: a DIP client and a record that shares an identifier, or initials, birth date, sex and postcode sector.';
comment on column identity.pair.weight is 'Match weight: log2 of the odds that the two are one person. Only of scored pairs.';
comment on column identity.pair.looks_like_twins is 'Same surname and birth date, another forename (or one merely alike, and another sex or both of them names that the model knows), no identifier in common: perhaps twins, never joined by the model.';
comment on column identity.pair.has_two_forenames is 'The same, but with an identifier in common: one person known by two forenames.';
comment on column identity.pair.levels is 'Comparison -> name of the level of agreement; comparisons without a value on both sides are left out. Holds no values.';
comment on column identity.pair.since is 'The run since which the two records are as they were compared.';
create index pair_record_b on identity.pair (record_b);
create index pair_twins on identity.pair (record_a) where looks_like_twins;

create table identity.distant_twins (
    record_a bigint not null,
    record_b bigint not null,
    primary key (record_a, record_b),
    check (record_a < record_b)
);
comment on table identity.distant_twins is 'One row per pair of records that look like twins and weigh less than the model''s lowest threshold, as of the last run: no question for a steward, but no chain of other records joins them.';
create index distant_twins_record_b on identity.distant_twins (record_b);

create table identity.decision (
    decision_id bigint generated always as identity primary key,
    kind text not null check (kind in ('same', 'different', 'undecided')),
    source_file text not null,
    source_key text not null,
    other_source_file text not null,
    other_source_key text not null,
    reason text not null check (length(btrim(reason)) >= 5),
    decided_by text not null,
    decided_at timestamptz not null default clock_timestamp(),
    event_id bigint not null references audit.event,
    withdrawn_by_decision bigint references identity.decision check (withdrawn_by_decision > decision_id),
    check ((source_file, source_key) <> (other_source_file, other_source_key))
);
comment on table identity.decision is 'One row per decision of a steward about two records: they are the same person, they are not, or it is left to the model again. The linkage obeys those that are not withdrawn, whatever the model says.';
comment on column identity.decision.event_id is 'Its event in the audit chain. Rows of one event were decided together and are withdrawn together.';
comment on column identity.decision.withdrawn_by_decision is 'The later decision about the same two records that took the place of this one.';
create index decision_event on identity.decision (event_id);

create view identity.decision_of_records as
select decision_id, withdrawn_by_decision, kind, decided_by, one.record_id, other.record_id as other_id
from identity.decision as decision
join identity.record as one using (source_file, source_key)
join identity.record as other on (other.source_file, other.source_key) = (decision.other_source_file, decision.other_source_key)
where kind = 'different' or kind = 'same' and one.is_linkable and other.is_linkable;
comment on view identity.decision_of_records is 'Decisions that the linkage obeys while they stand: about records that are there now, and joining nobody who has not consented. As known after decision D: decision_id <= D and (withdrawn_by_decision is null or withdrawn_by_decision > D).';

create view identity.standing_decision as
select decision_id, kind, decided_by, record_id, other_id from identity.decision_of_records where withdrawn_by_decision is null;
comment on view identity.standing_decision is 'Decisions that the linkage obeys now: not withdrawn.';

grant select, insert, update, delete, truncate, maintain on identity.record, identity.overused_value, identity.pair, identity.distant_twins
    to iom_linker;
grant select on identity.usable_record, identity.decision, identity.decision_of_records, identity.standing_decision to iom_linker;
