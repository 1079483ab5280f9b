"""The hub's cases: who, referred by whom, on which scheme and level, decided how, handed over to whom."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator import rare
from iom_warehouse.synthetic.generator.calendar_days import HISTORY_TO, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import chance, choose, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late
from iom_warehouse.synthetic.generator.identifiers import IDENTIFIED, MOVED
from iom_warehouse.synthetic.generator.places import DISTRICTS, division_of
from iom_warehouse.synthetic.generator.repeats import recur

AGENCIES = ("POL", "PRB", "PRI", "DIP", "YJS", "NHS", "COU", "VOL")
LEAD_AGENCIES = {"DYO": "YJS", "DIP": "DIP", "MAPPA": "PRB", "PPO": "POL", "IOM": "PRB"}
_LEVEL_EVERY_DAYS = 150
_RULE_VERSION = "matrix-1"


def open_memberships(memberships: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """`memberships` with case_ref (the first record of the person), membership_ref, the district they are in and, for people
    who moved while they were members, old_district until handed_over_on. One that goes on has no end."""
    cases = records.filter(pl.col("record") == 0).select("person", case_ref="ref")
    joined = memberships.join(cases, on="person", maintain_order="left")
    joined = joined.join(
        people.select("person", "sex", "district", "old_district", "moved_on"), on="person", maintain_order="left"
    )
    moved = (pl.col("moved_on") > pl.col("starts_on")) & (plus_days(pl.col("moved_on"), 21) < pl.col("ends_on"))
    moved = moved & (pl.col("district") != pl.col("old_district"))
    before = pl.col("moved_on") >= pl.col("ends_on")
    goes_on = pl.col("ends_on") > HISTORY_TO
    return joined.with_columns(
        membership_ref=numbered("ME", pl.col("starts_on").rank("ordinal")),
        district=pl.when(before).then("old_district").otherwise("district"),
        agreed_on=pl.when(moved).then(plus_days(pl.col("moved_on"), 7)),
        handed_over_on=pl.when(moved).then(plus_days(pl.col("moved_on"), 21)),
        ends_on=pl.when(~goes_on).then("ends_on"),
        end_reason=pl.when(~goes_on).then("end_reason"),
    )


def case_files(memberships: pl.DataFrame, people: pl.DataFrame, seed: int) -> dict[str, History]:
    """hub_referral, hub_membership, hub_level, hub_family, hub_transfer, hub_decision; `memberships` as from open_memberships."""
    levels = _levels(memberships, seed)
    referrals = _referrals(memberships, seed)
    return {
        "hub_referral": _referral_file(referrals),
        "hub_membership": _membership_file(memberships),
        "hub_level": _level_file(levels),
        "hub_family": _families(memberships, seed),
        "hub_transfer": _transfers(memberships),
        "hub_decision": _decisions(referrals, memberships, levels, seed),
    }


def case_file(records: pl.DataFrame, memberships: pl.DataFrame, known: pl.DataFrame, seed: int) -> History:
    """hub_case. `known`: ref and known_on of every case that another file names."""
    rng = stream(seed, "cases of the hub")
    leads = memberships.sort("starts_on").unique("case_ref", keep="last", maintain_order=True).select("case_ref", "scheme")
    cases = records.join(known, on="ref").join(leads, left_on="ref", right_on="case_ref", how="left").sort("ref")
    size = cases.height
    lead = pl.col("scheme").replace_strict(LEAD_AGENCIES, default="POL", return_dtype=pl.String)
    rows = cases.select(
        pl.col("ref").alias("case_ref"),
        *("pncid", "prison_number", "crn", "surname", "forenames", "dob", "sex", "ethnicity", "postcode", "district"),
        gp_registered=yes_no(pl.lit(pl.Series(chance(rng, 0.7, size)))),
        lead_agency=lead,
        lead_practitioner=pl.format("{} practitioner {}", lead, pl.lit(pl.Series(days(rng, 1, 9, size)))),
        known_on="known_on",
        **{column: pl.col(column) for column in ("_moved_on", "_old_postcode", "_old_district", "_identified_on")},
    )
    return History(rows, ("case_ref",), (MOVED, IDENTIFIED))


def _membership_file(memberships: pl.DataFrame) -> History:
    """Memberships as the hub holds them; a fifth of those handed over are opened in the other district two weeks early."""
    handed_over = memberships.filter(pl.col("agreed_on").is_not_null())
    opened_early = handed_over.gather_every(5).with_columns(
        membership_ref=pl.col("membership_ref") + "-2",
        starts_on="agreed_on",
        ends_on="handed_over_on",
        end_reason=pl.lit("other"),
        handed_over_on=pl.lit(None, pl.Date),
    )
    rows = pl.concat([rare.left_open(memberships), opened_early]).select(
        *("membership_ref", "case_ref", "scheme", "strand", "starts_on", "ends_on", "end_reason"),
        division=division_of(pl.col("district")),
        district="district",
        known_on=plus_days(pl.col("starts_on"), 1),
        _ends_on="ends_on",
        _handed_over_on="handed_over_on",
        _old_division=division_of(pl.col("old_district")),
        _old_district="old_district",
    )
    until_handed_over = {"division": pl.col("_old_division"), "district": pl.col("_old_district")}
    late = (Late("_ends_on", {"ends_on": None, "end_reason": None}), Late("_handed_over_on", until_handed_over))
    return History(rows, ("membership_ref",), late)


def _transfers(memberships: pl.DataFrame) -> History:
    moved = memberships.filter(pl.col("agreed_on").is_not_null()).unique("case_ref", keep="first", maintain_order=True)
    rows = moved.select(
        transfer_ref=numbered("TR", pl.col("agreed_on").rank("ordinal")),
        case_ref="case_ref",
        from_district="old_district",
        to_district="district",
        agreed_on="agreed_on",
        handed_over_on="handed_over_on",
        known_on=plus_days(pl.col("agreed_on"), 1),
        _handed_over_on="handed_over_on",
    )
    rows = pl.concat([rows, rare.lapsed_transfers(memberships, DISTRICTS, rows.height + 1)])
    return History(rows, ("transfer_ref",), (Late("_handed_over_on", {"handed_over_on": None}),), every=2)


def _referrals(memberships: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Those that led to a membership, and others of the same cases that were declined or wait for a decision."""
    rng = stream(seed, "referrals")
    accepted = memberships.with_columns(decision=pl.lit("accepted"), decided_on="starts_on")
    refused = memberships.filter(pl.Series(chance(rng, 0.3, memberships.height)))
    declined_on = plus_days(pl.col("starts_on"), -days(rng, 30, 400, refused.height))
    refused = refused.with_columns(decision=pl.lit("declined"), decided_on=declined_on)
    both = pl.concat([accepted, refused])
    size = both.height
    routes = choose(rng, ["IOM", "DIP", "MAPPA"], [0.85, 0.12, 0.03], size)
    agency = choose(rng, ["POL", "PRB", "PRI", "DIP", "YJS", "COU"], [9, 6, 2, 2, 1, 1], size)
    return both.select(
        *("person", "case_ref", "scheme", "district", "decision", "decided_on"),
        route=pl.when(pl.col("scheme").is_in(["DYO", "DIP", "MAPPA"])).then("scheme").otherwise(pl.lit(pl.Series(routes))),
        referring_agency=pl.when(pl.col("scheme") == "DYO").then(pl.lit("YJS")).otherwise(pl.lit(pl.Series(agency))),
        referred_on=plus_days(pl.col("decided_on"), -days(rng, 3, 30, size)),
    ).with_columns(referral_ref=numbered("RF", pl.col("referred_on").rank("ordinal")))


def _referral_file(referrals: pl.DataFrame) -> History:
    rows = referrals.select(
        *("referral_ref", "case_ref", "route", "referring_agency", "referred_on", "district", "decision", "decided_on"),
        reason=pl.when(pl.col("decision") == "declined").then(pl.lit("Below the threshold of the district")),
        known_on=plus_days(pl.col("referred_on"), 1),
        _decided_on="decided_on",
    )
    before = {"decision": "pending", "decided_on": None, "reason": None}
    return History(rows, ("referral_ref",), (Late("_decided_on", before),), every=2)


def _levels(memberships: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A level from the start, set anew about every five months, mostly lower than before."""
    rng = stream(seed, "levels")
    begin = to_numbers(memberships["starts_on"])
    end = to_numbers(memberships["ends_on"].fill_null(HISTORY_TO)) - 1
    row, day, nth = recur(begin, np.maximum(end, begin), _LEVEL_EVERY_DAYS)
    first = np.where((memberships["scheme"] == "PPO").to_numpy(), 4, 3)[row]
    level = np.clip(first - nth // 2 + rng.integers(-1, 2, len(row)), 1, 5)
    starts_on = pl.Series(day + np.where(nth == 0, 0, days(rng, 0, 20, len(row))))
    return pl.DataFrame(
        {
            "person": memberships["person"].gather(row),
            "case_ref": memberships["case_ref"].gather(row),
            "level": level,
            "is_first": nth == 0,
            "starts_on": to_dates(starts_on.to_numpy()),
            "reviewed_on": to_dates(day + 75 + days(rng, -10, 30, len(row))),
        }
    ).with_columns(level_ref=numbered("LV", pl.col("starts_on").rank("ordinal")))


def _level_file(levels: pl.DataFrame) -> History:
    rows = levels.select(
        *("level_ref", "case_ref", "level", "starts_on"),
        review_due_on=plus_days(pl.col("starts_on"), 84),
        reviewed_on="reviewed_on",
        known_on=plus_days(pl.col("starts_on"), 1),
        _reviewed_on="reviewed_on",
    )
    return History(rows, ("level_ref",), (Late("_reviewed_on", {"reviewed_on": None}),), every=2)


def _families(memberships: pl.DataFrame, seed: int) -> History:
    """Cases whose family is on the local families programme; a family may have two of them."""
    rng = stream(seed, "families")
    first = memberships.unique("case_ref", keep="first", maintain_order=True)
    first = first.filter(pl.Series(chance(rng, 0.14, first.height)))
    size = first.height
    starts_on = plus_days(pl.col("starts_on"), days(rng, -200, 200, size))
    ends_on = plus_days(starts_on, 180 + waiting_days(rng, 300, size))
    rows = first.select(
        family_ref=numbered("FA", pl.lit(pl.Series(rng.integers(1, max(size, 2), size)))),
        case_ref="case_ref",
        starts_on=starts_on,
        ends_on=ends_on,
        known_on=pl.max_horizontal(starts_on, plus_days(pl.col("starts_on"), 1)),
        _ends_on=ends_on,
    )
    return History(rows, ("family_ref", "case_ref", "starts_on"), (Late("_ends_on", {"ends_on": None}),), every=4)


def _decisions(referrals: pl.DataFrame, memberships: pl.DataFrame, levels: pl.DataFrame, seed: int) -> History:
    """A named decision behind every selection, de-selection and change of level, with the score that was shown."""
    rng = stream(seed, "decisions")
    selected = referrals.select(
        "case_ref",
        "decided_on",
        kind=pl.lit("select"),
        outcome=pl.col("decision").replace({"accepted": "accept", "declined": "decline"}),
    )
    ended = memberships.filter(pl.col("ends_on").is_not_null())
    ended = ended.select("case_ref", decided_on="ends_on", kind=pl.lit("deselect"), outcome=pl.lit("accept"))
    changed = levels.filter(~pl.col("is_first")).select(
        "case_ref", decided_on="starts_on", kind=pl.lit("level"), outcome=pl.lit("accept")
    )
    decided = pl.concat([selected, ended, changed]).sort("decided_on", "case_ref", "kind")
    size = decided.height
    overridden = pl.lit(pl.Series(chance(rng, 0.06, size)))
    score = pl.lit(pl.Series(np.clip(rng.normal(38, 14, size), 0, 100).round(0)))
    rows = decided.select(
        decision_ref=numbered("DE"),
        case_ref="case_ref",
        kind="kind",
        decided_on="decided_on",
        decided_by=pl.format("Case conference {}", pl.lit(pl.Series(rng.integers(1, 7, size)))),
        score_shown=score,
        rule_version=pl.lit(_RULE_VERSION),
        factors=pl.lit("arrests; convictions; predictor"),
        outcome=pl.when(overridden).then(pl.lit("override")).otherwise("outcome"),
        reason=pl.when(overridden).then(pl.lit("Professional judgement of the conference")),
        known_on=plus_days(pl.col("decided_on"), 1),
    )
    return History(rows, ("decision_ref",), every=2)
