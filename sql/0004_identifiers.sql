-- Identifiers of a person: is one valid, and what is its canonical form.
--
-- PNC, CRO and ASN end in a check letter: the remainder of a number by 23, looked up in an alphabet without I, O and S.
-- Each canonical_* answers null for what is no valid identifier, so that a bad one never links anybody. Blanks around and
-- lower case are forgiven. A value in canonical form takes a short expression that PostgreSQL writes into the calling query;
-- every other spelling goes through a tidied_* function. The short ones compare pieces, since all rows of every night pass them:
-- a long regular expression costs three times as much, because it builds a state for each character it reads.
create schema identifiers;
comment on schema identifiers is 'Rules of identifiers: formats and check letters. Functions only, no data.';
grant usage on schema identifiers to iom_loader, iom_linker, iom_transformer, iom_publisher;

create function identifiers.check_letter(number bigint) returns text language sql immutable parallel safe
return ('{Z,A,B,C,D,E,F,G,H,J,K,L,M,N,P,Q,R,T,U,V,W,X,Y}'::text[])[number % 23 + 1];
comment on function identifiers.check_letter is 'The modulus 23 check letter of a number.';

-- PNC: YYYY/NNNNNNNL. The letter is that of the last two digits of the year and the serial padded to seven. None is given out before
-- its year has begun.
create function identifiers.checked_pnc(value text, as_of_year integer) returns text language sql immutable parallel safe
return case when value like '____/________' and left(value, 2) in ('19', '20') and left(value, 4) <= as_of_year::text
    and substr(value, 3, 2) || substr(value, 6, 7) !~ '[^0-9]' then
    case when right(value, 1) = identifiers.check_letter((substr(value, 3, 2) || substr(value, 6, 7))::bigint) then value end
end;
comment on function identifiers.checked_pnc is 'The value itself when it is a canonical PNC with the right check letter, of a year not after as_of_year, else null.';

create function identifiers.tidied_pnc(value text, as_of_year integer) returns text
language plpgsql immutable strict parallel safe cost 5 as $$
declare
    pnc text := upper(btrim(value));
    serial text;
begin
    if pnc ~ '^[0-9]{4}/?[0-9]{7}[A-Z]$' then
        return identifiers.checked_pnc(left(pnc, 4) || '/' || right(pnc, 8), as_of_year);
    elsif pnc ~ '^[0-9]{2}/?[0-9]{1,7}[A-Z]$' then
        serial := lpad(ltrim(substr(pnc, 3), '/'), 8, '0');
        return identifiers.checked_pnc(
            case when 2000 + left(pnc, 2)::integer <= as_of_year then '20' else '19' end || left(pnc, 2) || '/' || serial,
            as_of_year);
    end if;
    return null;
end $$;
comment on function identifiers.tidied_pnc is 'Canonical form of a PNC in any accepted spelling: with or without slash, with a short year, with a short serial.';

create function identifiers.canonical_pnc(value text, as_of_year integer) returns text language sql immutable parallel safe
return coalesce(identifiers.checked_pnc(value, as_of_year), identifiers.tidied_pnc(value, as_of_year));
comment on function identifiers.canonical_pnc is
    'YYYY/NNNNNNNL, or null when invalid or of a year after as_of_year (the year in which the value was delivered). A short year YY is 20YY when that is not after as_of_year, else 19YY.';

create function identifiers.is_valid_pnc(value text) returns boolean language sql immutable parallel safe
return case when value is not null then identifiers.canonical_pnc(value, 2099) is not null end;
comment on function identifiers.is_valid_pnc is 'Whether a PNC is valid in its form and letter, in whatever year (the century of a short year does not matter to that); null for null.';

-- CRO: NNNNNN/YYL with the letter of year and padded serial, or SFYY/N…L ("file only") with that of year and serial as written.
create function identifiers.checked_cro(value text) returns text language sql immutable parallel safe
return case when value like '______/___' and left(value, 6) || substr(value, 8, 2) !~ '[^0-9]' then
    case when right(value, 1) = identifiers.check_letter((substr(value, 8, 2) || left(value, 6))::bigint) then value end
end;
comment on function identifiers.checked_cro is 'The value itself when it is a canonical standard CRO with the right check letter, else null.';

create function identifiers.tidied_cro(value text) returns text language plpgsql immutable strict parallel safe cost 5 as $$
declare
    cro text := upper(btrim(value));
begin
    if cro ~ '^[0-9]{1,6}/[0-9]{2}[A-Z]$' then
        return identifiers.checked_cro(lpad(cro, 10, '0'));
    elsif cro ~ '^SF[0-9]{2}/[0-9]{1,6}[A-Z]$'
        and right(cro, 1) = identifiers.check_letter(translate(substr(left(cro, -1), 3), '/', '')::bigint) then
        return cro;
    end if;
    return null;
end $$;
comment on function identifiers.tidied_cro is 'Canonical form of a CRO in any accepted spelling.';

create function identifiers.canonical_cro(value text) returns text language sql immutable parallel safe
return coalesce(identifiers.checked_cro(value), identifiers.tidied_cro(value));
comment on function identifiers.canonical_cro is 'NNNNNN/YYL, or SFYY/N…L unchanged; null when invalid.';

create function identifiers.is_valid_cro(value text) returns boolean language sql immutable parallel safe
return case when value is not null then identifiers.canonical_cro(value) is not null end;
comment on function identifiers.is_valid_cro is 'Whether a CRO number is valid; null for null.';

-- ASN: YY, an optional top-level letter, force FF, unit UU, system SS, eleven digits, letter. The letter is that of force and
-- system (each only when it is two digits), year and sequence; the unit does not count.
-- Every arrest of every night is checked, so the usual form, with force and system in digits, has an expression of its own.
create function identifiers.checked_asn(value text) returns text language sql immutable parallel safe
return case
    when value like '____________________'
        and left(value, 4) || substr(value, 7, 13) !~ '[^0-9]' and substr(value, 5, 2) !~ '[^0-9A-Z]' then
    case when right(value, 1) = identifiers.check_letter(
        (substr(value, 3, 2) || substr(value, 7, 2) || left(value, 2) || substr(value, 9, 11))::bigint) then value end
end;
comment on function identifiers.checked_asn is 'The value itself when it is a canonical ASN of the usual form with the right check letter, else null.';

create function identifiers.tidied_asn(value text) returns text language plpgsql immutable strict parallel safe cost 5 as $$
declare
    asn text := upper(btrim(value));
    origin text;
begin
    if asn ~ '^[0-9]{2}/[A-Z0-9]{4,5}/[A-Z0-9]{2}/[0-9]{1,11}[A-Z]$' then
        asn := split_part(asn, '/', 1) || split_part(asn, '/', 2) || split_part(asn, '/', 3) || lpad(split_part(asn, '/', 4), 12, '0');
    elsif asn ~ '^[0-9]{2}[A-Z0-9]{6}[0-9]{1,10}[A-Z]$' then
        asn := left(asn, 8) || lpad(substr(asn, 9), 12, '0');
    elsif asn !~ '^[0-9]{2}[A-Z0-9]{6,7}[0-9]{11}[A-Z]$' then
        return null;
    end if;
    origin := left(right(asn, 18), 6);
    return case when right(asn, 1) = identifiers.check_letter((
        coalesce(substring(origin from '^[0-9]{2}'), '') || coalesce(substring(origin from '[0-9]{2}$'), '')
        || left(asn, 2) || left(right(asn, 12), 11))::bigint) then asn end;
end $$;
comment on function identifiers.tidied_asn is 'Canonical form of an ASN in any accepted spelling: with slashes, with a short sequence, with a top-level letter, with letters for force or system.';

create function identifiers.canonical_asn(value text) returns text language sql immutable parallel safe
return coalesce(identifiers.checked_asn(value), identifiers.tidied_asn(value));
comment on function identifiers.canonical_asn is 'YYFFUUSSNNNNNNNNNNNL (21 characters with a top-level letter), or null when invalid.';

create function identifiers.is_valid_asn(value text) returns boolean language sql immutable parallel safe
return case when value is not null then identifiers.canonical_asn(value) is not null end;
comment on function identifiers.is_valid_asn is 'Whether an arrest summons number is valid; null for null.';

-- Prison number (A1234BC, or AB123456 of the old local system) and CRN (X123456): formats without a check letter.
create function identifiers.canonical_prison_number(value text) returns text language sql immutable parallel safe
return case when upper(btrim(value)) ~ '^(?:[A-Z][0-9]{4}[A-Z]{2}|[A-Z]{2}[0-9]{6})$' then upper(btrim(value)) end;
comment on function identifiers.canonical_prison_number is 'A1234BC, or the old AB123456; null when invalid.';

create function identifiers.is_valid_prison_number(value text) returns boolean language sql immutable parallel safe
return case when value is not null then identifiers.canonical_prison_number(value) is not null end;
comment on function identifiers.is_valid_prison_number is 'Whether a prison number is valid; null for null.';

create function identifiers.canonical_crn(value text) returns text language sql immutable parallel safe
return case when upper(btrim(value)) ~ '^[A-Z][0-9]{6}$' then upper(btrim(value)) end;
comment on function identifiers.canonical_crn is 'X123456, or null when invalid.';

create function identifiers.is_valid_crn(value text) returns boolean language sql immutable parallel safe
return case when value is not null then identifiers.canonical_crn(value) is not null end;
comment on function identifiers.is_valid_crn is 'Whether a case reference number is valid; null for null.';
