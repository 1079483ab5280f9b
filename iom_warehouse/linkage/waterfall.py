"""The waterfall of two records: how the evidence adds up to their match weight, in words. It names levels, never values."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from math import log2
from typing import Any

import duckdb

from iom_warehouse.linkage.explaining import WORDS, odds
from iom_warehouse.linkage.model import BlockingRule, Model, ModelError
from iom_warehouse.linkage.scoring import COLUMNS, predict
from iom_warehouse.linkage.stewardship import Record

EVERY_PAIR = BlockingRule("both", "The two records, whatever they have in common.", ("1",))
RECORDS = f"""
    create table records as select *, hash(source_file, source_key) as order_key
    from (values {{rows}}) as given ({", ".join(COLUMNS)})
"""
ARRAY = "varchar[]"
NO_THRESHOLD = -1000.0


@dataclass(frozen=True)
class Step:
    """A comparison, the level at which it ended (None: a value is missing), its weight, and the part of it that is due to how
    common the name is."""

    comparison: str
    level: str | None
    weight: float
    for_frequency: float


@dataclass(frozen=True)
class Waterfall:
    """What the weight starts at, and what each comparison adds; all in powers of two."""

    prior: float
    steps: tuple[Step, ...]
    join: float

    @property
    def totals(self) -> tuple[float, ...]:
        """The running total: before the first step, and after each."""
        return tuple(accumulate((step.weight for step in self.steps), initial=self.prior))


def compare(model: Model, one: Record, other: Record) -> Waterfall:
    """Weigh two records as the nightly run does. DIP clients are not compared by it.

    Raises ModelError, without Splink's or DuckDB's own words, which may quote a record.
    """
    watched = replace(
        model,
        settings=model.settings | {"retain_intermediate_calculation_columns": True},
        blocking_rules=(EVERY_PAIR,),
        thresholds=replace(model.thresholds, possible=NO_THRESHOLD),
    )
    try:
        with duckdb.connect() as connection:
            _take(connection, one, other)
            found = connection.sql(f"select * from {predict(connection, watched)}")
            row = dict(zip(found.columns, found.fetchall()[0], strict=True))
    except duckdb.Error as error:
        raise ModelError(
            f"Weighing the two records failed: {type(error).__name__}.", "Look whether the model that is set fits this release."
        ) from None
    prior = model.settings["probability_two_random_records_match"]
    steps = tuple(_step(comparison, row) for comparison in model.settings["comparisons"])
    return Waterfall(log2(prior / (1 - prior)), steps, model.thresholds.join)


def sentences(waterfall: Waterfall) -> Iterator[str]:
    """One sentence for what it starts at, for each comparison and for the sum."""
    start, *totals = waterfall.totals
    yield f"It starts at {start:+.1f}: before anything is compared, {odds(start)}."
    for step, total in zip(waterfall.steps, totals, strict=True):
        word = WORDS[step.comparison]
        if step.level is None:
            yield f"The {word} is missing on a side and says nothing."
            continue
        frequency = ""
        if abs(step.for_frequency) >= 0.05:  # else it is printed as 0.0
            rarity = "rare" if step.for_frequency > 0 else "common"
            frequency = f" ({step.for_frequency:+.1f} of it because the name is {rarity})"
        yield f"The {word} ends at “{step.level}”: {step.weight:+.1f}{frequency}, which makes {total:+.1f}."
    reached = "reached" if totals[-1] >= waterfall.join else "not reached"
    yield f"The sum is {totals[-1]:+.1f}: {odds(totals[-1])}. From {waterfall.join:+.1f} on the model joins; that is {reached}."


def _take(connection: duckdb.DuckDBPyConnection, one: Record, other: Record) -> None:
    kinds = [ARRAY if name in ("forenames", "surnames", "postcodes") else kind for name, kind in COLUMNS.items()]
    rows = [asdict(record) | {"is_new": True} for record in (one, other)]
    row = f"({', '.join(f'?::{kind}' for kind in kinds)})"
    connection.execute(RECORDS.format(rows=f"{row}, {row}"), [record[name] for record in rows for name in COLUMNS])


def _step(comparison: dict[str, Any], row: dict[str, Any]) -> Step:
    name = comparison["output_column_name"]
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    gamma = row[f"gamma_{name}"]
    if gamma < 0:
        return Step(name, None, 0.0, 0.0)
    level = levels[len(levels) - 1 - gamma]  # Splink counts levels down to 0
    weight = row[f"mw_{name}"] + row.get(f"mw_tf_adj_{name}", 0.0)
    of_any_name = log2(level["m_probability"] / level["u_probability"])
    return Step(name, level["label_for_charts"], weight, weight - of_any_name)
