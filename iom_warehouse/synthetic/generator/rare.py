"""What the draws leave out because it is rare, though the marts ask for it: some cases each, picked by fixed rules.

Nothing here draws a number, so everything else of the sample stays as it was; a partnership without anybody to pick has none.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import NIGHTS_TO
from iom_warehouse.synthetic.generator.columns import numbered, plus_days
from iom_warehouse.synthetic.generator.history import GONE_ON, KNOWN_ON, History

_LAST_NIGHTS = NIGHTS_TO - timedelta(days=3)  # known on the last night of the sample, and a week before it not yet
_MOVED, _MOVED_BY_DAYS = 3, 21
_LEFT_OPEN, _LAPSED = 2, 3
_AGREED_BEFORE_DAYS = 20
_RECALLED_ON, _RESCINDED_ON = date(2013, 11, 25), date(2013, 12, 20)
_RECALLED_FOR_DAYS = 56


def moved_later(release_dates: pl.DataFrame) -> pl.DataFrame:
    """Releases of the weeks after the nights whose planned day has just moved three weeks later, as when days are added."""
    due = pl.col("release_on").is_between(NIGHTS_TO + timedelta(days=30), NIGHTS_TO + timedelta(days=80))
    known = (pl.col("known_on") < NIGHTS_TO - timedelta(days=60)) & pl.col("_recalculated_on").is_null()
    picked = release_dates.filter((pl.col("date_type") == "expected") & due & known).sort("booking_ref").head(_MOVED)
    is_picked = (pl.col("date_type") == "expected") & pl.col("booking_ref").is_in(picked["booking_ref"].to_list())
    return release_dates.with_columns(
        calculated_on=pl.when(is_picked).then(pl.lit(_LAST_NIGHTS)).otherwise("calculated_on"),
        _recalculated_on=pl.when(is_picked).then(pl.lit(_LAST_NIGHTS)).otherwise("_recalculated_on"),
        _first_plan=pl.when(is_picked).then(plus_days(pl.col("release_on"), -_MOVED_BY_DAYS)).otherwise("_first_plan"),
    )


def recall_rescinded(booked: pl.DataFrame, spells: History, release_dates: History) -> tuple[History, History]:
    """Both files with a booking of somebody on licence that the prison takes away again, since the recall was a mistake."""
    last = booked.sort("received_on").unique("person", keep="last", maintain_order=True)
    is_free = pl.col("released_on").is_between(_RECALLED_ON - timedelta(days=180), _RECALLED_ON - timedelta(days=30))
    picked = last.filter(is_free & (pl.col("expiry_on") > NIGHTS_TO + timedelta(days=60))).sort("booking_ref").head(1)
    number = booked.height + 1
    only_then = {KNOWN_ON: pl.lit(_RECALLED_ON), GONE_ON: pl.lit(_RESCINDED_ON)}
    spell = spells.rows.join(picked.select("booking_ref"), on="booking_ref", how="semi").with_columns(
        booking_ref=numbered("BK", pl.lit(number)), received_on=pl.lit(_RECALLED_ON), custody_type=pl.lit("recall"),
        **{name: pl.lit(None, spells.rows.schema[name])
           for name in ("released_on", "release_type", "accommodation_on_release", "_released_on", "_asked_on")},
        **only_then,
    )  # fmt: skip
    planned = spell.select(
        "booking_ref",
        date_type=pl.lit("expected"),
        release_on=plus_days(pl.col("received_on"), _RECALLED_FOR_DAYS),
        calculated_on="received_on",
        **only_then,
    )
    return _with(spells, spell), _with(release_dates, planned)


def left_open(memberships: pl.DataFrame) -> pl.DataFrame:
    """The hub's memberships: of those who turned 18 last it has not ended that of young offenders, and still works with them."""
    grown_up = memberships.filter((pl.col("end_reason") == "turned_18") & (pl.col("ends_on") <= NIGHTS_TO - timedelta(days=14)))
    picked = grown_up.sort("ends_on", "membership_ref", descending=True).head(_LEFT_OPEN)["membership_ref"].to_list()
    is_picked = pl.col("membership_ref").is_in(picked)
    return memberships.with_columns(pl.when(~is_picked).then(pl.col(name)).alias(name) for name in ("ends_on", "end_reason"))


def lapsed_transfers(memberships: pl.DataFrame, districts: Sequence[str], first_number: int) -> pl.DataFrame:
    """Transfers agreed for people whose membership ended before the handover, since they had moved away: rows of the file."""
    following = dict(zip(districts, [*districts[1:], districts[0]], strict=True))
    last = memberships.sort("starts_on").unique("case_ref", keep="last", maintain_order=True)
    is_so = (pl.col("end_reason") == "moved") & pl.col("agreed_on").is_null() & pl.col("district").is_in(list(districts))
    picked = last.filter(is_so & pl.col("ends_on").is_between(NIGHTS_TO - timedelta(days=150), NIGHTS_TO - timedelta(days=14)))
    agreed_on = plus_days(pl.col("ends_on"), -_AGREED_BEFORE_DAYS)
    return picked.filter(agreed_on > pl.col("starts_on")).sort("membership_ref").head(_LAPSED).select(
        transfer_ref=numbered("TR", pl.int_range(first_number, first_number + pl.len())),
        case_ref="case_ref",
        from_district="district",
        to_district=pl.col("district").replace_strict(following, return_dtype=pl.String),
        agreed_on=agreed_on,
        handed_over_on=pl.lit(None, pl.Date),
        known_on=plus_days(agreed_on, 1),
        _handed_over_on=pl.lit(None, pl.Date),
    )  # fmt: skip


def _with(file: History, rows: pl.DataFrame) -> History:
    return replace(file, rows=pl.concat([file.rows, rows], how="diagonal"))
