"""Rows that contradict themselves, by the conditions of `files.yml`, areas that lie in themselves, bands that overlap, and rules
that do not go together.
"""

from collections.abc import Iterator

import polars as pl

from iom_warehouse.configuration.declaration import ConfigurationFile, files
from iom_warehouse.configuration.findings import Finding, quoted
from iom_warehouse.configuration.reading import ROW

Tables = dict[str, pl.DataFrame]
FEWEST_DAYS_OF_A_MONTH = 28


def findings(tables: Tables) -> list[Finding]:
    """What contradicts itself in typed tables that hold only rows without other findings."""
    return [
        *_declared(tables),
        *_circular_areas(tables["areas"]),
        *_overlapping_bands(tables["scoring_rules"]),
        *_areas_of_another_kind(tables),
        *_chain_final_too_early(tables["drug_service_rules"]),
    ]


def _declared(tables: Tables) -> Iterator[Finding]:
    for file in files():
        if file.contradictions and not tables[file.name].is_empty():
            rows = _with_area_types(file, tables)
            rows = _with_cohort(rows, tables["cohorts"]) if file.name == "measures" else rows
            for rule in file.contradictions:
                for row in rows.filter(pl.sql_expr(rule.when))[ROW]:
                    yield Finding(file.csv_name, row, rule.column, rule.says)


def _with_cohort(measures: pl.DataFrame, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Measures beside the newest definition of their cohort, and with their last horizon in days."""
    about = _newest(cohorts, "cohort_id").select("cohort_id", cohort_kind="kind", cohort_needs_baseline="require_baseline_event")
    days = pl.col("horizons").str.split(";").list.eval(pl.element().cast(pl.Int64))
    return measures.join(about, on="cohort_id", how="left").with_columns(last_horizon=days.list.max())


def _with_area_types(file: ConfigurationFile, tables: Tables) -> pl.DataFrame:
    """Each column that points to one area beside the kind of that area, as <column>_type."""
    rows, areas = tables[file.name], _newest(tables["areas"], "area")
    for column in file.columns:
        if column.to == "areas.area" and not column.list:
            kinds = areas.select(pl.col("area").alias(column.name), pl.col("area_type").alias(f"{column.name}_type"))
            rows = rows.join(kinds, on=column.name, how="left")
    return rows


def _newest(table: pl.DataFrame, *key: str) -> pl.DataFrame:
    """The newest definition of each key."""
    return table.sort("effective_from", ROW).unique(key, keep="last", maintain_order=True)


def _circular_areas(areas: pl.DataFrame) -> Iterator[Finding]:
    """Areas that lie in themselves, directly or through others, by their newest definition."""
    newest = _newest(areas, "area")
    parents = dict(newest.select("area", "parent").iter_rows())
    for row, area in newest.select(ROW, "area").iter_rows():
        above, seen = parents[area], set()
        while above and above not in seen and above != area:
            seen.add(above)
            above = parents.get(above)
        if above == area:
            yield Finding("areas.csv", row, "parent", f"{quoted(area)} lies in itself, through its parents; put the parent right")


def _areas_of_another_kind(tables: Tables) -> Iterator[Finding]:
    """Reports by area that name an area of another kind than they are made of."""
    kinds = dict(_newest(tables["areas"], "area").select("area", "area_type").iter_rows())
    listed = tables["reports"].drop_nulls(["areas", "area_type"]).select(ROW, "areas", "area_type")
    for row, areas, wanted in listed.iter_rows():
        for area in areas.split(";"):
            if kinds.get(area, wanted) != wanted:
                yield Finding("reports.csv", row, "areas", f"{quoted(area)} is a {kinds[area]}, and area_type says {wanted}")


def _chain_final_too_early(rules: pl.DataFrame) -> Iterator[Finding]:
    """A chain from arrest to treatment that is final before anybody can have been retained, by the newest definitions."""
    newest = {rule: (row, value) for row, rule, value in _newest(rules, "rule").select(ROW, "rule", "value").iter_rows()}
    row, months = newest.get("chain_final_after_months", (0, None))
    _, days = newest.get("retained_days", (0, None))
    if months is not None and days is not None and months * FEWEST_DAYS_OF_A_MONTH < days:
        says = f"the chain would be final after {months} months, before anybody can have been in treatment for {days} days"
        yield Finding("drug_service_rules.csv", row, "value", f"{says}; give more months, or fewer retained_days")


def _overlapping_bands(rules: pl.DataFrame) -> Iterator[Finding]:
    """Bands of one factor in one version of the scoring matrix that share a value, by their newest definitions."""
    what = ["version", "factor", "offence_set", "window_months"]
    bands = _newest(rules, "rule_id", "version").with_columns(
        low=pl.col("band_low").fill_null(float("-inf")), high=pl.col("band_high").fill_null(float("inf"))
    )
    reached = pl.col("high").cum_max().shift(1).over(what)
    for row in bands.sort("low", ROW).filter(reached >= pl.col("low"))[ROW]:
        says = "this band shares a value with another one of the same factor; let them follow on each other"
        yield Finding("scoring_rules.csv", row, "band_low", says)
