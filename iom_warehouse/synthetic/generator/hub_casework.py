"""The hub's work on its cases: colours, needs, plans, and the conferences at which cases are discussed."""

from datetime import date

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_TO, day_number, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Rng, chance, choose, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late
from iom_warehouse.synthetic.generator.hub import AGENCIES
from iom_warehouse.synthetic.generator.places import DISTRICTS
from iom_warehouse.synthetic.generator.repeats import recur

_RAG_EVERY_DAYS, _NEEDS_EVERY_DAYS, _MEETING_EVERY_DAYS = 56, 240, 28
_MEETINGS_FROM = date(2012, 4, 10)
_FORGOTTEN_MEETING = "MT0000050"
_PATHWAY_AGENCY = {1: "COU", 2: "VOL", 3: "NHS", 4: "DIP", 5: "COU", 6: "COU", 7: "PRB", 8: "VOL", 9: "VOL"}
_ACTIONS = {
    1: "Find settled accommodation", 2: "Enrol on a course or find work", 3: "Register with a doctor", 4: "Attend treatment",
    5: "Agree a plan for debts", 6: "Take up family support", 7: "Complete the thinking skills programme",
    8: "Meet the adviser of the women's centre", 9: "See the outreach worker",
}  # fmt: skip


def casework_files(memberships: pl.DataFrame, seed: int) -> dict[str, History]:
    """hub_rag, hub_need, hub_plan, hub_meeting, hub_attendance, hub_agenda; `memberships` as from hub.open_memberships."""
    needs = _needs(memberships, seed)
    meetings = _meetings()
    return {
        "hub_rag": _rag(memberships, seed),
        "hub_need": _need_file(needs),
        "hub_plan": _plans(needs, seed),
        "hub_meeting": _meeting_file(meetings),
        "hub_attendance": _attendance(meetings, seed),
        "hub_agenda": _agenda(meetings, memberships, seed),
    }


def _rag(memberships: pl.DataFrame, seed: int) -> History:
    """A colour every eight weeks: each case leans to one, and is greener the longer it lasts."""
    rng = stream(seed, "colours")
    row, day, nth = recur(*_span(memberships), _RAG_EVERY_DAYS)
    heat = rng.normal(0.2, 0.8, memberships.height)[row] - 0.06 * nth + rng.normal(0, 0.6, len(row))
    colour = np.where(heat > 0.6, "red", np.where(heat > -0.5, "amber", "green"))
    rows = pl.DataFrame(
        {
            "case_ref": memberships["case_ref"].gather(row),
            "assessed_on": to_dates(day + days(rng, 0, 6, len(row))),
            "colour": colour,
            "assessor_agency": choose(rng, ["POL", "PRB", "DIP", "YJS"], [5, 4, 1, 0.5], len(row)),
        }
    )
    return _assessed(rows, "rag_ref", "RA", every=2)


def _needs(memberships: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Levels of need in the pathways, those of women for women only, assessed about every eight months."""
    women = memberships.filter(pl.col("sex") == "F")
    frame = pl.concat(
        [
            _levels_of_need(memberships, range(1, 8), 1.4, stream(seed, "needs")),
            _levels_of_need(women, range(8, 10), 0.6, stream(seed, "needs of women")),
        ]
    )
    before = pl.col("level").shift(1).over("case_ref", "pathway", order_by="assessed_on")
    progress = (
        pl.when(before.is_null()).then(pl.lit("first"))
        .when(pl.col("level") < before).then(pl.lit("better"))
        .when(pl.col("level") > before).then(pl.lit("worse"))
        .otherwise(pl.lit("same"))
    )  # fmt: skip
    return frame.unique(["case_ref", "assessed_on", "pathway"], keep="first", maintain_order=True).with_columns(progress=progress)


def _levels_of_need(memberships: pl.DataFrame, pathways: range, mean: float, rng: Rng) -> pl.DataFrame:
    """One row per assessment and pathway; a pathway without need is noted once in a while."""
    row, day, nth = recur(*_span(memberships), _NEEDS_EVERY_DAYS)
    width = len(pathways)
    lean = rng.normal(mean, 1.0, (memberships.height, width))
    level = np.clip(np.round(lean[row] - 0.35 * nth[:, None] + rng.normal(0, 0.6, (len(row), width))), 0, 4).astype(np.int64)
    noted = ((level > 0) | (rng.random(level.shape) < 0.3)).ravel()
    return pl.DataFrame(
        {
            "case_ref": memberships["case_ref"].gather(row).gather(np.repeat(np.arange(len(row)), width)),
            "assessed_on": to_dates(np.repeat(day, width)),
            "pathway": np.tile(np.array(pathways), len(row)),
            "level": level.ravel(),
        }
    ).filter(pl.Series(noted))


def _need_file(needs: pl.DataFrame) -> History:
    return _assessed(needs, "need_ref", "NE", every=2)


def _plans(needs: pl.DataFrame, seed: int) -> History:
    """An action for most needs of level two and more; two thirds of them are done, some late."""
    rng = stream(seed, "plans")
    planned = needs.filter(pl.col("level") >= 2)
    planned = planned.filter(pl.Series(chance(rng, 0.8, planned.height))).sort("assessed_on", "case_ref", "pathway")
    size = planned.height
    due_on = plus_days(pl.col("assessed_on"), days(rng, 28, 150, size))
    done_on = plus_days(pl.col("assessed_on"), 10 + waiting_days(rng, 80, size))
    done_on = pl.when(pl.lit(pl.Series(chance(rng, 0.68, size)))).then(done_on)
    rows = planned.select(
        plan_ref=numbered("PL"),
        case_ref="case_ref",
        pathway="pathway",
        setting=pl.Series(choose(rng, ["community", "custody"], [0.85, 0.15], size)),
        action=pl.col("pathway").replace_strict(_ACTIONS, return_dtype=pl.String),
        agency=pl.col("pathway").replace_strict(_PATHWAY_AGENCY, return_dtype=pl.String),
        due_on=due_on,
        done_on=done_on,
        known_on=plus_days(pl.col("assessed_on"), 2),
        _done_on=done_on,
    )
    return History(rows, ("plan_ref",), (Late("_done_on", {"done_on": None}),), every=2)


def _meetings() -> pl.DataFrame:
    """A case conference every four weeks in each district, entered forty days ahead."""
    first = day_number(_MEETINGS_FROM) + np.arange(len(DISTRICTS))
    row, day, _ = recur(first, np.full(len(DISTRICTS), day_number(HISTORY_TO) + 60), _MEETING_EVERY_DAYS)
    meetings = pl.DataFrame({"district": pl.Series(DISTRICTS).gather(row), "held_on": to_dates(day)}).sort("held_on", "district")
    return meetings.with_columns(meeting_ref=numbered("MT"))


def _meeting_file(meetings: pl.DataFrame) -> History:
    rows = meetings.select("meeting_ref", "held_on", "district", known_on=plus_days(pl.col("held_on"), -40))
    return History(rows, ("meeting_ref",), every=2)


def _attendance(meetings: pl.DataFrame, seed: int) -> History:
    """Who was invited and came; to one meeting nobody was."""
    rng = stream(seed, "attendance")
    comes = pl.DataFrame({"agency": AGENCIES, "share": [0.95, 0.9, 0.5, 0.75, 0.6, 0.35, 0.55, 0.6]})
    asked = meetings.join(comes, how="cross", maintain_order="left_right")
    invited = chance(rng, 0.92, asked.height) & (asked["meeting_ref"] != _FORGOTTEN_MEETING).to_numpy()
    attended = invited & chance(rng, asked["share"].to_numpy(), asked.height)
    rows = asked.select(
        "meeting_ref",
        "agency",
        invited=yes_no(pl.lit(pl.Series(invited))),
        attended=yes_no(pl.lit(pl.Series(attended))),
        known_on=plus_days(pl.col("held_on"), -14),
        _held_on=plus_days(pl.col("held_on"), 1),
    )
    return History(rows, ("meeting_ref", "agency"), (Late("_held_on", {"attended": None}),), every=2)


def _agenda(meetings: pl.DataFrame, memberships: pl.DataFrame, seed: int) -> History:
    """About a fifth of the district's open cases, with the agencies that are needed for each; some items are withdrawn."""
    rng = stream(seed, "agenda")
    open_cases = memberships.select("case_ref", "district", "starts_on", "ends_on")
    items = meetings.join(open_cases, on="district", maintain_order="left_right")
    is_open = (pl.col("starts_on") <= pl.col("held_on")) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > pl.col("held_on")))
    items = items.filter(is_open).unique(["meeting_ref", "case_ref"], keep="first", maintain_order=True)
    items = items.filter(pl.Series(chance(rng, 0.2, items.height)))
    needed = pl.DataFrame({"agency_needed": AGENCIES, "share": [0.6, 0.5, 0.1, 0.25, 0.1, 0.15, 0.3, 0.2]})
    items = items.join(needed, how="cross", maintain_order="left_right")
    items = items.filter(pl.Series(chance(rng, items["share"].to_numpy(), items.height)))
    known_on = pl.max_horizontal(plus_days(pl.col("held_on"), -7), plus_days(pl.col("starts_on"), 1))
    withdrawn = pl.lit(pl.Series(chance(rng, 0.03, items.height)))
    rows = items.select(
        "meeting_ref",
        "case_ref",
        "agency_needed",
        known_on=known_on,
        gone_on=pl.when(withdrawn).then(plus_days(pl.col("held_on"), 2)),
    )
    return History(rows, ("meeting_ref", "case_ref", "agency_needed"), every=2)


def _span(memberships: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of the memberships on which the case can be assessed."""
    begin = to_numbers(memberships["starts_on"]) + 7
    return begin, to_numbers(memberships["ends_on"].fill_null(HISTORY_TO)) - 7


def _assessed(rows: pl.DataFrame, key: str, prefix: str, every: int) -> History:
    """A file of assessments, numbered by day."""
    sorted_rows = rows.sort("assessed_on", *[column for column in rows.columns if column != "assessed_on"])
    return History(
        sorted_rows.select(numbered(prefix).alias(key), pl.all(), known_on=plus_days(pl.col("assessed_on"), 1)),
        (key,),
        every=every,
    )
