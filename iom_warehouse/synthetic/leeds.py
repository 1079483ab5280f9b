"""The Leeds example: invented people whose convictions give the static-cohort table that Leeds printed for 2010/11.

The printed table fixes, for each of three divisions, the number of people on the scheme on 1 April 2010, their convictions for
offences of the twelve months before, and by quarter those of the twelve months after: each is the only integer that gives the
printed cells. How the offences fall to people and days is invented. Beside them lie rows that must not count: see
`leeds_decoys`. The first offence of every window falls on its first day and the last one on its last.
"""

from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import polars as pl

from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.synthetic.check_letters import cro_number, pnc_id
from iom_warehouse.synthetic.delivery_writer import write_only_deliveries
from iom_warehouse.synthetic.generator.columns import nothing, numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Rng, chance, choose, days, pick, stream
from iom_warehouse.synthetic.generator.names import draw_heritages, draw_names
from iom_warehouse.synthetic.leeds_decoys import add_decoys

BUSINESS_DATE = date(2011, 10, 31)
FROZEN_ON = date(2010, 4, 1)
WINDOWS = {
    "baseline": (date(2009, 4, 1), date(2010, 3, 31)),
    "q1": (date(2010, 4, 1), date(2010, 6, 30)),
    "q2": (date(2010, 7, 1), date(2010, 9, 30)),
    "q3": (date(2010, 10, 1), date(2010, 12, 31)),
    "q4": (date(2011, 1, 1), date(2011, 3, 31)),
}
COUNTS = {  # people, then convictions of the baseline and of each quarter
    "NW Leeds": (43, (86, 25, 17, 16, 15)),
    "NE Leeds": (31, (53, 11, 14, 9, 1)),
    "City & Holbeck": (25, (54, 16, 11, 2, 11)),
}
_OFFENCES = {  # code, wording, share
    "028/03": ("Burglary in a dwelling", 0.24),
    "045/10": ("Theft from a motor vehicle", 0.20),
    "046/00": ("Theft from a shop", 0.24),
    "048/01": ("Theft of a motor vehicle", 0.10),
    "034/01": ("Robbery", 0.06),
    "049/10": ("Other theft", 0.10),
    "054/01": ("Receiving stolen goods", 0.06),
}
_SEED = 2011


def write_leeds(inbox: Path) -> list[Path]:
    """Write one delivery each of police and hub below `inbox` and return their folders."""
    rng = stream(_SEED, "leeds")
    memberships = _members(rng)
    memberships, convictions = add_decoys(memberships, _convictions(memberships, rng), rng)
    people = _people(memberships, rng)
    feeds = {"police": _police(people, memberships, convictions, rng), "hub": _hub(people, memberships)}
    extracted_at = datetime.combine(BUSINESS_DATE, time(23, 40), LONDON)
    return write_only_deliveries(inbox, BUSINESS_DATE, extracted_at, feeds)


def _members(rng: Rng) -> pl.DataFrame:
    """The memberships of the 99 people: person, division, scheme, starts_on, ends_on."""
    sizes = [size for size, _ in COUNTS.values()]
    members = pl.DataFrame({"person": np.arange(sum(sizes)), "division": np.repeat(list(COUNTS), sizes)})
    begun = plus_days(pl.lit(FROZEN_ON), -days(rng, 30, 1400, members.height))
    return members.with_columns(scheme=pl.lit("PPO"), starts_on=begun, ends_on=pl.lit(None, pl.Date))


def _convictions(members: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """The convictions that count, one row per offence."""
    windows = [
        _in_window(rng, members.filter(pl.col("division") == division), number, *window)
        for division, (_, numbers) in COUNTS.items()
        for number, window in zip(numbers, WINDOWS.values(), strict=True)
    ]
    return pl.concat(windows).with_columns(
        proof=pl.lit("court"),
        is_breach=pl.lit(False),
        recordable=pl.lit(True),
        committed_in_ew=pl.lit(True),
        second_record=pl.lit(False),
    )


def _in_window(rng: Rng, members: pl.DataFrame, number: int, first: date, last: date) -> pl.DataFrame:
    """`number` offences of some of the members, a few of whom have many: person, offence_code, offence_on, proved_on."""
    who = members["person"].gather(pick(rng, 1 / np.arange(1, members.height + 1) ** 0.7, number))
    day = np.sort(days(rng, 0, (last - first).days, number))
    day[0], day[-1] = 0, (last - first).days
    offence_on = plus_days(pl.lit(first), day)
    codes = np.asarray(list(_OFFENCES))[pick(rng, [share for _, share in _OFFENCES.values()], number)]
    return pl.DataFrame({"person": who, "offence_code": codes}).with_columns(
        offence_on=offence_on, proved_on=plus_days(offence_on, days(rng, 15, 200, number))
    )


def _people(memberships: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """One row per person: invented names, birth dates and identifiers, and the day of death."""
    people = memberships.group_by("person").agg(pl.col("died_on").first()).sort("person")
    size = people.height
    is_male = chance(rng, 0.93, size)
    serial = pl.lit(pl.Series(rng.permutation(size) * 37 + 1201))
    return people.with_columns(
        **draw_names(rng, draw_heritages(rng, size), is_male),
        sex=pl.Series(np.where(is_male, "M", "F")),
        dob=plus_days(pl.lit(date(1991, 1, 15)), -days(rng, 0, 7300, size)),
        pncid=pnc_id(pl.lit(2004), serial),
        cro_number=cro_number(pl.lit(2004), serial),
        police_ref=pl.format("P{}", pl.col("person") + 1001),
        second_police_ref=pl.format("P{}", pl.col("person") + 5001),
        case_ref=pl.format("H{}", pl.col("person") + 101),
    )


def _police(people: pl.DataFrame, memberships: pl.DataFrame, convictions: pl.DataFrame, rng: Rng) -> dict[str, pl.DataFrame]:
    """Some people have a second record with the same PNC identifier, under which a crime was proved once more."""
    homes = memberships.unique("person", keep="first", maintain_order=True).select("person", "division")
    disposals = choose(rng, ["custody", "community", "fine", "discharge"], [3, 4, 2, 1], convictions.height)
    by_court = pl.col("proof") == "court"
    wording = {code: text for code, (text, _) in _OFFENCES.items()}
    proved = convictions.join(people.join(homes, on="person"), on="person", maintain_order="left").with_columns(
        police_ref=pl.when("second_record").then("second_police_ref").otherwise("police_ref"),
        crime_ref=pl.format("CR{}", pl.col("crime") + 10_000),
        offence_text=pl.col("offence_code").replace_strict(wording, default="Other"),
        dealt_with_on=plus_days(pl.col("offence_on"), 5),
        outcome=pl.when(by_court).then(pl.lit("charged")).otherwise(pl.lit("cautioned")),
        disposal=pl.when(by_court).then(pl.Series(disposals)).otherwise(pl.lit("caution")),
    )  # fmt: skip
    twice = people.join(proved.filter("second_record"), on="person", how="semi", maintain_order="left")
    records = pl.concat([people, twice.with_columns(police_ref="second_police_ref")])
    return {
        "police_person": records.select(
            *("police_ref", "pncid", "cro_number", "surname", "forenames", "dob", "sex"),
            ethnicity=nothing(),
            postcode=nothing(),
            died_on="died_on",
        ),
        "police_crime": _crimes(proved),
        "police_suspect": proved.unique(["crime_ref", "police_ref"], keep="first", maintain_order=True).select(
            "crime_ref", "police_ref", named_on="dealt_with_on", outcome="outcome", outcome_on="dealt_with_on"
        ),
        "police_conviction": _proven(proved),
    }


def _crimes(proved: pl.DataFrame) -> pl.DataFrame:
    return proved.unique("crime", keep="first", maintain_order=True).select(
        "crime_ref",
        "offence_code",
        offence_class=nothing(),
        offence_text="offence_text",
        committed_from="offence_on",
        committed_to="offence_on",
        recorded_on="offence_on",
        division="division",
        ward=nothing(),
        outcome="outcome",
        outcome_on="dealt_with_on",
        cancelled_on=nothing(),
    )


def _proven(proved: pl.DataFrame) -> pl.DataFrame:
    """Offences of one record proved on one day are one occasion; the first of them is its principal one."""
    first = pl.int_range(pl.len()).over("police_ref", "proved_on") == 0
    return proved.select(
        conviction_ref=numbered("CV"),
        police_ref="police_ref",
        occasion_ref=pl.format("OC-{}-{}", "police_ref", pl.col("proved_on").cast(pl.String)),
        crime_ref="crime_ref",
        offence_code="offence_code",
        offence_text="offence_text",
        offence_on="offence_on",
        proved_on="proved_on",
        proof="proof",
        disposal="disposal",
        is_principal=yes_no(first),
        is_breach=yes_no(pl.col("is_breach")),
        recordable=yes_no(pl.col("recordable")),
        committed_in_ew=yes_no(pl.col("committed_in_ew")),
        court=pl.when(pl.col("proof") == "court").then(pl.lit("Leeds Magistrates' Court")),
    )


def _hub(people: pl.DataFrame, memberships: pl.DataFrame) -> dict[str, pl.DataFrame]:
    members = memberships.filter(pl.col("scheme").is_not_null())
    cases = people.join(members, on="person", how="semi", maintain_order="left")
    empty = {name: nothing() for name in ("prison_number", "crn", "ethnicity", "postcode", "district", "gp_registered")}
    cases = cases.with_columns(**empty, lead_agency=pl.lit("POL"), lead_practitioner=nothing())
    return {
        "hub_case": cases.select(
            *(
                "case_ref",
                "pncid",
                "prison_number",
                "crn",
                "surname",
                "forenames",
                "dob",
                "sex",
                "ethnicity",
                "postcode",
                "district",
            ),
            *("gp_registered", "lead_agency", "lead_practitioner"),
        ),
        "hub_membership": members.join(people.select("person", "case_ref"), on="person", maintain_order="left").select(
            membership_ref=numbered("ME"),
            case_ref="case_ref",
            scheme="scheme",
            strand=nothing(),
            starts_on="starts_on",
            ends_on="ends_on",
            end_reason=pl.when(pl.col("ends_on").is_not_null()).then(pl.col("end_reason").fill_null("other")),
            division="division",
            district=nothing(),
        ),
    }
