-- Which OASys assessments count, and what is a need in them. The models and the passport of one person read it here, so that they agree.
create schema needs;
comment on schema needs is 'Rules of criminogenic needs: sections of OASys with their thresholds, and which assessments count.';
grant usage on schema needs to iom_transformer, iom_analyst;

create table needs.oasys_section (
    section text primary key,
    pathway integer not null check (pathway between 1 and 9),
    items text[] not null,
    need_from integer,
    severe_from integer check (severe_from > need_from)
);
comment on table needs.oasys_section is
    'One row per section of OASys that asks about needs, with its pathway, its items, and the scores from which it is a need and a severe one. Finance and emotional wellbeing are asked but never scored as criminogenic needs.';
insert into needs.oasys_section
select section, pathway, string_to_array(items, ' '), need_from, severe_from
from (
    values
    ('accommodation', 1, 'no_fixed_abode suitability permanence location', 2, 7),
    ('ete', 2, 'unemployed employment_history skills attitude', 3, 7),
    ('emotional', 3, 'coping self_harm attitude_self', null, null),
    ('drugs', 4, 'current main_drug_level injected motivation major_activity', 2, 8),
    ('alcohol', 4, 'current binge frequency motivation', 4, 7),
    ('finance', 5, 'situation debt budgeting', null, null),
    ('relationships', 6, 'family childhood previous_close', 2, 5),
    ('lifestyle', 7, 'activities influenced recklessness', 2, 5),
    ('thinking', 7, 'recognises_problems problem_solving consequences others_views', 4, 7),
    ('attitudes', 7, 'pro_criminal supervision society motivation', 2, 7)
) as listed (section, pathway, items, need_from, severe_from);
grant select on needs.oasys_section to iom_transformer, iom_analyst;

create function needs.is_layer_3(instrument text, layer text, status text) returns boolean
language sql immutable parallel safe as $$
    select upper(instrument) = 'OASYS' and regexp_replace(upper(layer), '[^A-Z0-9]', '', 'g') in ('LAYER3', 'L3', '3') and status = 'complete'
$$;
comment on function needs.is_layer_3 is 'Whether an assessment is one that counts: a completed layer 3 of OASys.';

create function needs.oasys_days() returns integer language sql immutable parallel safe as $$ select 55 * 7 $$;
comment on function needs.oasys_days is 'Days for which an OASys assessment counts after the day of its completion: 55 weeks.';

create function needs.sections_of(crns text[], today date)
returns table (section text, pathway integer, score bigint, need_from integer, severe_from integer, completed_on date)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
    with scored as (
        select a.assessment_ref, a.completed_on, s.section, s.pathway, s.need_from, s.severe_from, sum(n.score) as score, count(n.score) as answer_count
        from raw.probation_assessment a
        cross join needs.oasys_section s
        left join raw.probation_answer n
            on n.assessment_ref = a.assessment_ref and n.section = s.section and n.question = any(s.items) and n.closed_by_sequence is null
        where a.crn = any(crns) and a.closed_by_sequence is null and needs.is_layer_3(a.instrument, a.layer, a.status)
            and a.completed_on between today - needs.oasys_days() and today
        group by a.assessment_ref, a.completed_on, s.section, s.pathway, s.need_from, s.severe_from
    ),
    counting as (
        select assessment_ref from scored group by assessment_ref, completed_on
        order by completed_on desc, sum(answer_count) desc, assessment_ref desc limit 1
    )
    select s.section, s.pathway, s.score::bigint, s.need_from, s.severe_from, s.completed_on from scored s join counting c using (assessment_ref);
end $$;
comment on function needs.sections_of is 'Sections of the OASys assessment that counts on a day with their scores, of the person who has these CRNs: as int_needs__section_counting has them, from what is current in raw. For functions of the owner.';

create function needs.oasys_of(crns text[], today date) returns table (pathway integer, completed_on date)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select pathway, completed_on from needs.sections_of(crns, today) group by pathway, completed_on having bool_or(score >= need_from)
$$;
comment on function needs.oasys_of is 'Pathways in which the OASys assessment that counts on a day finds a need. For functions of the owner.';
revoke execute on function needs.sections_of, needs.oasys_of from public;
