"""Supervision in the community: orders of the court and licences after custody, each with the day and the reason of its end."""

import polars as pl

from iom_warehouse.synthetic.generator.careers import ORDER_DAYS
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Rng, chance, stream
from iom_warehouse.synthetic.generator.identifiers import assign_records
from iom_warehouse.synthetic.generator.population import age_on

_REVOKED_SHARE, _GOOD_PROGRESS_SHARE = 0.6, 0.08
_SETTLED_SHARE, _EMPLOYED_SHARE, _KNOWN_SHARE = 0.72, 0.31, 0.93


def draw_orders(cases: pl.DataFrame, stays: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per order or licence, by person and start: person, order_ref, crn, order_type, code, sentenced_on, starts_on,
    expected_end_on, ended_on, end_reason, sentence_days, settled_at_end, employed_at_end."""
    rng = stream(seed, "orders")
    orders = pl.concat([_court_orders(cases), _licences(stays)], how="diagonal_relaxed")
    orders = orders.sort("person", "starts_on", "order_type")
    orders = orders.with_columns(
        order_ref=numbered("OR", pl.col("starts_on").rank("ordinal")),
        crn=assign_records(orders, records, rng),
        settled_at_end=yes_no(_luck(rng, _SETTLED_SHARE, orders.height)),
        employed_at_end=yes_no(_luck(rng, _EMPLOYED_SHARE, orders.height)),
    )
    ended = _with_ends(orders, stays, rng)
    known = [pl.when(_luck(rng, _KNOWN_SHARE, ended.height)).then(column) for column in ("settled_at_end", "employed_at_end")]
    return ended.with_columns(known)


def _court_orders(cases: pl.DataFrame) -> pl.DataFrame:
    """Orders of one kind made at one hearing are one order. Those of people under 18 are youth orders."""
    sentenced = cases.filter(pl.col("disposal").is_in(["community", "suspended"]) & pl.col("proved_on").is_not_null())
    length = pl.when(pl.col("disposal") == "suspended").then(ORDER_DAYS * 3 // 2).otherwise(ORDER_DAYS)
    youth = age_on(pl.col("proved_on")) < 18
    return sentenced.unique(["person", "proved_on", "disposal"], keep="first", maintain_order=True).select(
        "person",
        "code",
        order_type=pl.when(youth).then(pl.lit("youth")).otherwise("disposal"),
        sentenced_on="proved_on",
        starts_on="proved_on",
        expected_end_on=plus_days(pl.col("proved_on"), length),
        sentence_days=length.cast(pl.Int64),
    )


def _licences(stays: pl.DataFrame) -> pl.DataFrame:
    return stays.filter(pl.col("expiry_on").is_not_null()).select(
        "person",
        "code",
        "sentenced_on",
        "sentence_days",
        order_type=pl.lit("licence"),
        starts_on="released_on",
        expected_end_on="expiry_on",
    )


def _with_ends(orders: pl.DataFrame, stays: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """A recall ends a licence, custody most orders of the court; some orders end early for good progress, the rest run out."""
    size = orders.height
    custody = stays.select("person", custody_from="received_on", is_recall=pl.col("custody_type") == "recall").sort(
        "custody_from"
    )
    followed = orders.sort("starts_on").join_asof(
        custody,
        left_on="starts_on",
        right_on="custody_from",
        by="person",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    is_licence, interrupted = pl.col("order_type") == "licence", pl.col("custody_from") < pl.col("expected_end_on")
    recalled = (is_licence & interrupted & pl.col("is_recall")).fill_null(False)
    revoked = (~is_licence & interrupted & _luck(rng, _REVOKED_SHARE, size)).fill_null(False)
    progressed = ~is_licence & _luck(rng, _GOOD_PROGRESS_SHARE, size)
    two_thirds = plus_days(pl.col("starts_on"), (pl.col("expected_end_on") - pl.col("starts_on")).dt.total_days() * 2 // 3)
    ended = followed.sort("person", "starts_on", "order_type").with_columns(
        ended_on=pl.when(recalled | revoked).then("custody_from").when(progressed).then(two_thirds).otherwise("expected_end_on"),
        end_reason=pl.when(recalled)
        .then(pl.lit("recalled"))
        .when(revoked)
        .then(pl.lit("revoked_breach"))
        .when(progressed)
        .then(pl.lit("revoked_good_progress"))
        .when(is_licence)
        .then(pl.lit("expired"))
        .otherwise(pl.lit("completed")),
    )
    return ended.drop("custody_from", "is_recall")


def _luck(rng: Rng, share: float, size: int) -> pl.Expr:
    return pl.lit(pl.Series(chance(rng, share, size)))
