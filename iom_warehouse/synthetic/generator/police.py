"""The police feed, put together: people and their other names, arrests, charges and drug tests."""

import polars as pl

from iom_warehouse.synthetic.check_letters import asn
from iom_warehouse.synthetic.generator.calendar_days import HISTORY_TO
from iom_warehouse.synthetic.generator.columns import nothing, numbered, plus_days, timestamp, yes_no
from iom_warehouse.synthetic.generator.crimes import crimes, suspects, victims
from iom_warehouse.synthetic.generator.dice import chance, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late, first_known
from iom_warehouse.synthetic.generator.identifiers import IDENTIFIED, MOVED, typed
from iom_warehouse.synthetic.generator.places import DISTRICT_NAMES, OUTSIDE, division_of

FORCE_NUMBER, UNIT = 98, "FX"
_SUITES = {district: f"{name} Custody Suite" for district, name in DISTRICT_NAMES.items()} | {OUTSIDE: "Other force"}


def police_files(
    cases: pl.DataFrame,
    tests: pl.DataFrame,
    proven: History,
    records: pl.DataFrame,
    people: pl.DataFrame,
    members: pl.DataFrame,
    seed: int,
) -> dict[str, History]:
    """All files of the feed, parents first. `members`: person, starts_on, ends_on of memberships of a scheme."""
    deeds = cases.filter(pl.col("kind") == "offence")
    recorded = crimes(deeds, seed)
    events = {
        "police_crime": recorded,
        "police_arrest": _arrests(cases, seed),
        "police_charge": _charges(deeds, members, seed),
        "police_drug_test": _drug_tests(tests),
        "police_suspect": suspects(deeds, seed),
        "police_victim": victims(recorded, seed),
        "police_conviction": proven,
    }
    concerned = [(history, "police_ref") for history in events.values() if "police_ref" in history.columns]
    persons = _persons(records, people, first_known(*concerned))
    return {"police_person": persons, "police_alias": _aliases(persons, seed), **events}


def _persons(records: pl.DataFrame, people: pl.DataFrame, known: pl.DataFrame) -> History:
    joined = records.join(known, on="ref").join(people.select("person", "died_on"), on="person")
    rows = joined.select(
        pl.col("ref").alias("police_ref"),
        *("pncid", "cro_number", "surname", "forenames", "dob", "sex", "ethnicity", "postcode", "died_on"),
        *("known_on", "_moved_on", "_old_postcode", "_identified_on"),
    )
    late = (Late(MOVED.day, {"postcode": MOVED.before["postcode"]}), IDENTIFIED, Late("died_on", {"died_on": None}))
    return History(rows, ("police_ref",), late)


def _aliases(persons: History, seed: int) -> History:
    """Names that some people gave besides their own, with a birth date a little off; a few are withdrawn later."""
    rng = stream(seed, "aliases")
    named = persons.rows.sort("police_ref")
    named = named.filter(pl.Series(chance(rng, 0.14, named.height)))
    size = named.height
    keeps, shifts, gone = (pl.lit(pl.Series(chance(rng, share, size))) for share in (0.5, 0.3, 0.02))
    other_surname = pl.lit(named["surname"].gather(rng.permutation(size)))
    surname = named.select(pl.when(keeps).then("surname").otherwise(other_surname).alias("surname")).to_series()
    rows = named.select(
        alias_ref=numbered("AL"),
        police_ref="police_ref",
        surname=typed(surname, rng, 0.3),
        forenames="forenames",
        dob=pl.when(shifts).then(plus_days(pl.col("dob"), days(rng, -400, 400, size))).otherwise("dob"),
        known_on=plus_days(pl.col("known_on"), waiting_days(rng, 300, size)),
        gone_on=pl.when(gone).then(plus_days(pl.lit(HISTORY_TO), -days(rng, 1, 180, size))),
    )
    return History(rows, ("alias_ref",), every=3)


def _arrests(cases: pl.DataFrame, seed: int) -> History:
    rng = stream(seed, "arrests")
    arrests = cases.filter(pl.col("arrest_ref").is_not_null())
    year = pl.col("arrested_on").dt.year().cast(pl.Int64)
    number = asn(year, pl.int_range(1, pl.len() + 1, dtype=pl.Int64), force=FORCE_NUMBER, unit=UNIT)
    has_number = pl.lit(pl.Series(chance(rng, 0.9, arrests.height)))
    rows = arrests.select(
        "arrest_ref",
        "police_ref",
        "crime_ref",
        asn=pl.when(has_number).then(number),
        arrested_at=timestamp(pl.col("arrested_on"), pl.col("second")),
        offence_code="code",
        offence_text="text",
        division=division_of(pl.col("district")),
        custody_suite=pl.col("district").replace_strict(_SUITES, return_dtype=pl.String),
        known_on="arrest_known_on",
    )
    return History(rows, ("arrest_ref",))


def _charges(deeds: pl.DataFrame, members: pl.DataFrame, seed: int) -> History:
    """Charges and summonses. The prosecutor is told of scheme members in four cases of five, and of others hardly ever."""
    rng = stream(seed, "charges")
    charged = deeds.filter(pl.col("charged_on").is_not_null())
    on_scheme = charged.join(members, on="person").filter(
        (pl.col("starts_on") <= pl.col("charged_on")) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > pl.col("charged_on")))
    )
    is_member = pl.col("event").is_in(on_scheme["event"].unique().implode())
    told, mistaken = (pl.lit(pl.Series(chance(rng, share, charged.height))) for share in (0.8, 0.005))
    rows = charged.select(
        charge_ref=numbered("CH"),
        arrest_ref="arrest_ref",
        police_ref="police_ref",
        crime_ref="crime_ref",
        offence_on="committed_on",
        charged_on="charged_on",
        offence_code="code",
        scheme_flagged=yes_no((is_member & told) | mistaken),
        known_on=pl.max_horizontal("charged_on", "arrest_known_on", "recorded_on"),
    )
    return History(rows, ("charge_ref",))


def _drug_tests(tests: pl.DataFrame) -> History:
    """One row per test and substance; where no sample was given there is one row without a substance."""
    refused = tests.filter(pl.col("opiates") == "refused").with_columns(substance=nothing(), result=pl.lit("refused"))
    taken = tests.filter(pl.col("opiates") != "refused").unpivot(
        on=["opiates", "cocaine"], index=[column for column in tests.columns if column not in ("opiates", "cocaine")],
        variable_name="substance", value_name="result",
    )  # fmt: skip
    both = pl.concat([taken, refused.select(taken.columns)]).sort("arrest_ref", "substance")
    rows = both.select(
        test_ref=numbered("DT"),
        arrest_ref="arrest_ref",
        police_ref="police_ref",
        tested_at=timestamp(pl.col("arrested_on"), pl.col("second") + 3_600),
        basis="basis",
        substance="substance",
        result="result",
        known_on="known_on",
    )
    return History(rows, ("test_ref",))
