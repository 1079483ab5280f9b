"""The probation feed, put together: people, orders, requirements, contacts, enforcement and the register."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import (
    HISTORY_FROM,
    HISTORY_TO,
    NEVER,
    NIGHTS_FROM,
    day_number,
    to_dates,
    to_numbers,
)
from iom_warehouse.synthetic.generator.columns import nothing, numbered, plus_days
from iom_warehouse.synthetic.generator.dice import chance, choose, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late, first_known
from iom_warehouse.synthetic.generator.identifiers import IDENTIFIED, MOVED
from iom_warehouse.synthetic.generator.repeats import recur

_REQUIREMENTS = {
    "programme": 0.28, "unpaid_work": 0.38, "drug_rehabilitation": 0.18, "alcohol_treatment": 0.10, "mental_health": 0.05,
    "residence": 0.04, "curfew": 0.20, "other": 0.06,
}  # fmt: skip
_CONTACTS_BACK_DAYS, _CONTACT_EVERY_DAYS, _PLANNED_AHEAD_DAYS = 120, 28, 14
_CONTACTS_SHARE = 0.5


def probation_files(
    orders: pl.DataFrame, cases: pl.DataFrame, oasys: dict[str, History], records: pl.DataFrame, members: pl.DataFrame, seed: int
) -> dict[str, History]:
    """All files of the feed, parents first. `members`: person, scheme, starts_on, ends_on of memberships of a scheme."""
    events = {
        "probation_order": _orders(orders),
        "probation_requirement": _requirements(orders, seed),
        "probation_contact": _contacts(orders, seed),
        "probation_enforcement": _enforcement(orders, cases, seed),
        **oasys,
        "probation_register": _register(orders, members, seed),
    }
    known = first_known(*((history, "crn") for history in events.values() if "crn" in history.columns))
    return {"probation_person": _persons(records, known), **events}


def _persons(records: pl.DataFrame, known: pl.DataFrame) -> History:
    rows = records.join(known, on="ref").select(
        pl.col("ref").alias("crn"),
        *("pncid", "prison_number", "surname", "forenames", "dob", "sex", "ethnicity", "postcode", "district", "known_on"),
        *("_moved_on", "_old_postcode", "_old_district", "_identified_on"),
    )
    return History(rows, ("crn",), (MOVED, IDENTIFIED))


def _orders(orders: pl.DataFrame) -> History:
    rows = orders.select(
        *("order_ref", "crn", "order_type", pl.col("code").alias("offence_code"), "sentenced_on", "starts_on", "expected_end_on"),
        *("ended_on", "end_reason", "sentence_days", "settled_at_end", "employed_at_end"),
        known_on=plus_days(pl.col("starts_on"), 1),
        _ended_on="ended_on",
    )
    at_end = {column: None for column in ("ended_on", "end_reason", "settled_at_end", "employed_at_end")}
    return History(rows, ("order_ref",), (Late("_ended_on", at_end),))


def _requirements(orders: pl.DataFrame, seed: int) -> History:
    """What an order of the court asks for. A revoked order leaves its requirements breached or revoked."""
    rng = stream(seed, "requirements")
    kinds = pl.DataFrame({"requirement": list(_REQUIREMENTS), "share": list(_REQUIREMENTS.values())})
    asked = orders.filter(pl.col("order_type") != "licence").join(kinds, how="cross", maintain_order="left_right")
    asked = asked.filter(pl.Series(chance(rng, asked["share"].to_numpy(), asked.height)))
    length = (pl.col("expected_end_on") - pl.col("starts_on")).dt.total_days()
    planned_end = plus_days(pl.col("starts_on"), (length * pl.lit(pl.Series(rng.uniform(0.3, 1.0, asked.height)))).cast(pl.Int64))
    ends_on = pl.min_horizontal(planned_end, "ended_on")
    breached = pl.lit(pl.Series(chance(rng, 0.12, asked.height)))
    rows = asked.select(
        requirement_ref=numbered("RQ"),
        order_ref="order_ref",
        requirement="requirement",
        starts_on="starts_on",
        ends_on=ends_on,
        outcome=pl.when((pl.col("end_reason") == "revoked_breach") & (planned_end > pl.col("ended_on")))
        .then(pl.lit("revoked"))
        .when(breached)
        .then(pl.lit("breached"))
        .otherwise(pl.lit("completed")),
        known_on=plus_days(pl.col("starts_on"), 1),
        _ends_on=ends_on,
        _planned_end=planned_end,
    )
    return History(
        rows, ("requirement_ref",), (Late("_ends_on", {"ends_on": pl.col("_planned_end"), "outcome": "open"}),), every=2
    )


def _contacts(orders: pl.DataFrame, seed: int) -> History:
    """Appointments under half of the orders, about every four weeks from spring 2013 on, entered two weeks ahead.

    Some are dropped before they happen.
    """
    rng = stream(seed, "contacts")
    orders = orders.filter(pl.Series(chance(rng, _CONTACTS_SHARE, orders.height)))
    first_day = day_number(NIGHTS_FROM) - _CONTACTS_BACK_DAYS
    begin = np.maximum(to_numbers(orders["starts_on"]) + 3, first_day + days(rng, 0, _CONTACT_EVERY_DAYS, orders.height))
    end = np.minimum(to_numbers(orders["ended_on"]), day_number(HISTORY_TO) + _PLANNED_AHEAD_DAYS)
    row, day, _ = recur(begin, end - 7, _CONTACT_EVERY_DAYS)
    size = len(row)
    day = day + days(rng, 0, 6, size)
    entered = day - _PLANNED_AHEAD_DAYS
    gone = np.where(chance(rng, 0.02, size), day - 1, NEVER)
    kinds = choose(rng, ["Office visit", "Telephone call", "Home visit", "Appointment with partner agency"], [6, 2, 1, 1], size)
    attendance = choose(rng, ["attended", "acceptable_absence", "unacceptable_absence"], [0.78, 0.12, 0.10], size)
    rows = pl.DataFrame(
        {
            "contact_ref": pl.Series(day).rank("ordinal"),
            "crn": orders["crn"].gather(row),
            "contact_on": to_dates(day),
            "contact_type": kinds,
            "attendance": attendance,
            "known_on": to_dates(np.maximum(entered, to_numbers(orders["starts_on"])[row] + 1)),
            "gone_on": to_dates(gone, gone == NEVER),
            "_contact_on": to_dates(day),
        }
    ).with_columns(contact_ref=numbered("CO", pl.col("contact_ref")))
    return History(rows, ("contact_ref",), (Late("_contact_on", {"attendance": "planned"}),))


def _enforcement(orders: pl.DataFrame, cases: pl.DataFrame, seed: int) -> History:
    """Breaches taken to court and recalls, each under an order that was running that day."""
    rng = stream(seed, "enforcement")
    breaches = cases.filter(pl.col("kind").is_in(["breach", "recall"]) | (pl.col("custody_type") == "recall"))
    running = breaches.select("event", "person", "committed_on", "charged_on", "custody_from", "custody_type", "proved_on").join(
        orders.select("person", "order_ref", "crn", "order_type", "starts_on", "ended_on"), on="person", maintain_order="left"
    )
    running = running.filter(pl.col("committed_on").is_between(pl.col("starts_on"), pl.col("ended_on")))
    running = running.sort("event", "starts_on").unique("event", keep="last", maintain_order=True)
    recall = (pl.col("custody_type") == "recall").fill_null(False)
    initiated_on = pl.max_horizontal("committed_on", pl.when(recall).then("custody_from").otherwise("charged_on"))
    initiated = running.with_columns(initiated_on=initiated_on, is_recall=recall)
    wait = waiting_days(rng, 25, initiated.height)
    initiated = initiated.with_columns(
        outcome_on=pl.max_horizontal("initiated_on", pl.coalesce("proved_on", plus_days(pl.col("initiated_on"), wait)))
    )
    proven = pl.when(pl.col("proved_on").is_not_null()).then(pl.lit("Breach proved")).otherwise(pl.lit("Withdrawn"))
    rows = initiated.select(
        enforcement_ref=numbered("EN", pl.col("initiated_on").rank("ordinal")),
        crn="crn",
        order_ref="order_ref",
        kind=pl.when("is_recall").then(pl.lit("recall")).otherwise(pl.lit("breach")),
        initiated_on="initiated_on",
        outcome_on="outcome_on",
        outcome=pl.when("is_recall").then(pl.lit("Recalled")).otherwise(proven),
        known_on=plus_days(pl.col("initiated_on"), 1),
        _outcome_on="outcome_on",
    )
    return History(rows, ("enforcement_ref",), (Late("_outcome_on", {"outcome_on": None, "outcome": None}),), every=2)


def _register(orders: pl.DataFrame, members: pl.DataFrame, seed: int) -> History:
    """Register entries. Most scheme members under supervision are marked as such, some weeks late."""
    rng = stream(seed, "register")
    first = orders.sort("person", "starts_on").unique("person", keep="first", maintain_order=True)
    flags = {"mappa": 0.05, "high_risk": 0.06, "domestic_abuse": 0.12}
    others = [_flagged(first, register, chance(rng, share, first.height), rng) for register, share in flags.items()]
    joined = members.join(first.select("person", "crn", order_starts_on="starts_on"), on="person", maintain_order="left")
    joined = joined.filter(pl.Series(chance(rng, 0.85, joined.height)))
    starts_on = plus_days(pl.max_horizontal("starts_on", "order_starts_on"), waiting_days(rng, 20, joined.height))
    lifted_on = plus_days(pl.col("ends_on"), waiting_days(rng, 30, joined.height))
    marks = joined.select(
        "crn", register=pl.lit("iom"), category="scheme", level=nothing(), starts_on=starts_on, ends_on=lifted_on
    )
    marks = marks.with_columns(ends_on=pl.max_horizontal("starts_on", "ends_on"))
    marks = marks.with_columns(ends_on=pl.when(joined["ends_on"].is_not_null()).then("ends_on"))
    entries = pl.concat([marks, *others]).sort("starts_on", "crn", "register")
    rows = entries.with_columns(known_on=pl.max_horizontal("starts_on", pl.lit(HISTORY_FROM)), _ends_on="ends_on")
    rows = rows.select(numbered("RG").alias("register_ref"), pl.all())
    return History(rows, ("register_ref",), (Late("_ends_on", {"ends_on": None}),), every=2)


def _flagged(orders: pl.DataFrame, register: str, drawn: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    flagged = orders.filter(pl.Series(drawn))
    size = flagged.height
    is_mappa = register == "mappa"
    category = pl.Series(choose(rng, ["1", "2", "3"], [0.6, 0.35, 0.05], size) if is_mappa else [None] * size, dtype=pl.String)
    level = pl.Series(choose(rng, ["1", "2", "3"], [0.9, 0.09, 0.01], size) if is_mappa else [None] * size, dtype=pl.String)
    starts_on = plus_days(pl.col("starts_on"), days(rng, 5, 40, size))
    return flagged.select(
        "crn", register=pl.lit(register), category=category, level=level, starts_on=starts_on,
        ends_on=pl.when(pl.col("ended_on") > starts_on).then("ended_on"),
    )  # fmt: skip
