"""Many people in four feeds, written straight into `raw` by PostgreSQL: names as common as in life, a few slips and gaps."""

import yaml

from iom_warehouse.platform.database import Connection
from iom_warehouse.platform.settings import PROJECT_DIR

RECORDS_OF_A_PERSON = 2.2  # police all, probation 60%, prison 40%, hub 20%

# A surname of the pool, the more common the earlier it stands there, or one made of the parts of place names.
PEOPLE = """
    create temporary table person as
    select
        number,
        case when random() < 0.6 then (%(surnames)s::text[])[1 + floor(cardinality(%(surnames)s::text[]) * random() ^ 2)::integer]
            else (%(beginnings)s::text[])[1 + floor(cardinality(%(beginnings)s::text[]) * random())::integer]
                || (%(endings)s::text[])[1 + floor(cardinality(%(endings)s::text[]) * random())::integer]
        end as surname,
        (%(forenames)s::text[])[1 + floor(cardinality(%(forenames)s::text[]) * random() ^ 2)::integer] as forenames,
        date '1950-01-01' + floor(random() * 20000)::integer as dob,
        case when random() < 0.85 then 'M' else 'F' end as sex,
        'LS' || 1 + floor(random() * 28)::integer || ' ' || floor(random() * 10)::integer
            || chr(65 + floor(random() * 26)::integer) || chr(65 + floor(random() * 26)::integer) as postcode,
        1980 + number %% 33 as active_from
    from generate_series(%(first)s, %(last)s) as number
"""
WITH_NUMBERS = """
    create temporary table known as
    select
        *,
        case when random() < 0.8 then
            year || '/' || lpad((number %% 10000000)::text, 7, '0')
            || identifiers.check_letter((right(year::text, 2) || lpad((number %% 10000000)::text, 7, '0'))::bigint) end as pncid,
        chr(65 + number / 6760000 %% 26) || lpad((number / 676 %% 10000)::text, 4, '0') || chr(65 + number / 26 %% 26)
            || chr(65 + number %% 26) as prison_number,
        chr(65 + number / 1000000) || lpad((number %% 1000000)::text, 6, '0') as crn
    from (  -- nobody has a PNC before the year in which they turn ten
        select *, least(greatest(active_from, extract(year from dob)::integer + 10), 2013) as year from person
    ) as person
"""
FEEDS = {
    "police_person (police_ref, pncid, surname, forenames, dob, sex, postcode": (
        "number::text, pncid, surname, forenames, dob, sex, postcode"
    ),
    "probation_person (crn, pncid, prison_number, surname, forenames, dob, sex, postcode": (
        "crn, case when random() < 0.7 then pncid end, case when random() < 0.3 then prison_number end,"
        " case when random() < 0.03 then left(surname, -1) else surname end, forenames, dob, sex, postcode"
    ),
    "prison_person (prison_number, pncid, surname, forenames, dob, sex": (
        "prison_number, case when random() < 0.7 then pncid end, surname, forenames,"
        " case when random() < 0.02 then dob + 1 else dob end, sex"
    ),
    "hub_case (case_ref, crn, surname, forenames, dob, sex, postcode": (
        "number::text, case when random() < 0.8 then crn end, surname, forenames, dob, sex, postcode"
    ),
}
SHARES = (1.0, 0.6, 0.4, 0.2)


def write(owner: Connection, first: int, last: int, sequence: int) -> None:
    """Add the people numbered from `first` to `last` to every feed with this sequence."""
    pools = yaml.safe_load((PROJECT_DIR / "iom_warehouse/synthetic/generator/name_pools.yml").read_text(encoding="utf-8"))
    heritage = pools["heritages"][0]
    names = {
        "surnames": heritage["surnames"].split(),
        "forenames": heritage["men"].split() + heritage["women"].split(),
        "beginnings": pools["place_name_beginnings"].split(),
        "endings": pools["place_name_endings"].split(),
    }
    with owner, owner.cursor() as cursor:
        cursor.execute("select setseed(0.42)")
        cursor.execute(PEOPLE, names | {"first": first, "last": last})
        cursor.execute(WITH_NUMBERS.replace("%%", "%"))
        for (columns, values), share in zip(FEEDS.items(), SHARES, strict=True):
            cursor.execute(
                f"insert into raw.{columns}, opened_by_sequence, recorded_from)"
                f" select {values}, {sequence}, now() from known where random() < {share}"
            )
        cursor.execute("drop table person, known")
    owner.autocommit = True
    with owner.cursor() as cursor:
        for table in ("police_person", "probation_person", "prison_person", "hub_case"):
            cursor.execute(f"vacuum analyze raw.{table}")
    owner.autocommit = False
