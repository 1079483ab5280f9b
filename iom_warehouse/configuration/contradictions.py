"""Rows that contradict themselves, by the conditions of `files.yml`, areas that lie in themselves, bands that overlap, rules that
do not go together, comparisons that cannot be made, measures that begin before what they count, and birth dates that are none.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from iom_warehouse.configuration.declaration import ConfigurationFile, files
from iom_warehouse.configuration.findings import Finding, quoted
from iom_warehouse.configuration.reading import ROW

Tables = dict[str, pl.DataFrame]
# Columns of measures that two of them share where the figures of one may stand beside those of the other.
COUNTED_ALIKE = (
    "event_kind", "count_unit", "date_basis", "offence_set", "exclude_breach", "baseline_from", "baseline_to", "follow_up_from",
    "follow_up_to", "follow_up_days", "follow_up_months", "horizons", "clock", "index_day_counts", "waiting_months", "comparison",
    "period",
)  # fmt: skip
OF_ITS_OWN = "measure_id, version, title, cohort_id, maturity_months, target_pct and group_by"
FEWEST_DAYS_OF_A_MONTH = 28
LEAP_YEAR = 2004
USUAL_LIMITS = {"chain_final_after_months": 6, "retained_days": 84}  # without a row, as in int_dip__limit


def findings(tables: Tables) -> list[Finding]:
    """What contradicts itself in typed tables that hold only rows without other findings."""
    return [
        *_declared(tables),
        *_circular_areas(tables["areas"]),
        *_overlapping_bands(tables["scoring_rules"]),
        *_areas_of_another_kind(tables),
        *_comparisons(tables),
        *_begun_too_early(tables),
        *_chain_final_too_early(tables["drug_service_rules"]),
        *_bad_birth_dates_of_no_day(tables["bad_values"]),
    ]


def _declared(tables: Tables) -> Iterator[Finding]:
    for file in files():
        if file.contradictions and not tables[file.name].is_empty():
            rows = _with_area_types(file, tables)
            rows = _with_cohort(rows, tables["cohorts"]) if file.name == "measures" else rows
            rows = _with_years(rows)
            for rule in file.contradictions:
                for row in rows.filter(pl.sql_expr(rule.when))[ROW]:
                    yield Finding(file.csv_name, row, rule.column, rule.says)


def _with_cohort(measures: pl.DataFrame, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Measures beside the newest definition of their cohort, and with how long they follow people.

    `last_horizon`: in days. `is_over_a_year`, `is_one_or_two_years`: the whole follow-up, and each of its horizons.
    `is_of_another_length`: its first and last day are not as far apart as its days or months. `most_days_of_months`: what its
    months may come to. `are_months_outside_baseline`: those a year before the follow-up, or before as much from the freeze.
    """
    about = _newest(cohorts, "cohort_id").select(
        "cohort_id", cohort_kind="kind", cohort_needs_baseline="require_baseline_event", cohort_frozen_on="frozen_on",
        cohort_index_from="index_from",
    )  # fmt: skip
    days = pl.col("horizons").str.split(";").list.eval(pl.element().cast(pl.Int64))
    first, after = pl.col("follow_up_from"), pl.col("follow_up_to").dt.offset_by("1d")
    years = [*(first.dt.offset_by(f"{number}y") == after for number in (1, 2)), after.is_null()]
    in_years = [
        pl.any_horizontal(years),
        pl.col("follow_up_months").is_in([12, 24]) | pl.col("follow_up_months").is_null(),
        _is_in_years(pl.col("follow_up_days")) | pl.col("follow_up_days").is_null(),
        days.list.eval(_is_in_years(pl.element())).list.all() | days.is_null(),
    ]
    index_day = pl.col("index_day_counts").cast(pl.Int64)  # one more day where it counts
    over_a_year = [
        first.dt.offset_by("1y") < after,
        pl.col("follow_up_months") + index_day > 12,
        pl.max_horizontal("follow_up_days", days.list.max()) + index_day > 365,
    ]
    of_another_length = [
        first.dt.offset_by(pl.format("{}d", "follow_up_days")) != after,
        first.dt.offset_by(pl.format("{}mo", "follow_up_months")) != after,
    ]
    months = pl.col("follow_up_months")
    begins = pl.coalesce(first, pl.col("cohort_frozen_on")).dt.offset_by("-1y")
    ends = pl.col("follow_up_to").dt.offset_by("-1y")
    return measures.join(about, on="cohort_id", how="left").with_columns(
        last_horizon=days.list.max(),
        most_days_of_months=(months // 12 * 365.25).ceil() + months % 12 * 31,
        are_months_outside_baseline=(begins < pl.col("baseline_from")) | (ends > pl.col("baseline_to")),
        is_over_a_year=pl.any_horizontal(each.fill_null(False) for each in over_a_year),
        is_one_or_two_years=pl.all_horizontal(in_years),
        is_of_another_length=pl.any_horizontal(each.fill_null(False) for each in of_another_length),
    )


def _with_years(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a year such as 2013/14: whether its second part is another than the year after the first."""
    year = next((name for name in ("year", "price_year") if rows.schema.get(name) == pl.String), None)
    if not year:
        return rows
    first, second = (pl.col(year).str.slice(*part).cast(pl.Int64, strict=False) for part in ((2, 2), (5, 2)))
    return rows.with_columns(is_of_no_year=((first + 1) % 100 != second).fill_null(False))


def _is_in_years(days: pl.Expr) -> pl.Expr:
    """Whether so many days are the year or the two that predictions look ahead, as in int_reoffending__period."""
    return days.is_between(364, 366) | days.is_between(728, 731)


def _with_area_types(file: ConfigurationFile, tables: Tables) -> pl.DataFrame:
    """Each column that points to one area beside the kind of that area, as <column>_type."""
    rows, areas = tables[file.name], _newest(tables["areas"], "area")
    for column in file.columns:
        if column.to == "areas.area" and not column.list:
            kinds = areas.select(pl.col("area").alias(column.name), pl.col("area_type").alias(f"{column.name}_type"))
            rows = rows.join(kinds, on=column.name, how="left")
    return rows


def _newest(table: pl.DataFrame, *key: str) -> pl.DataFrame:
    """The newest definition of each key. Of several versions in force from one day the last, as in int_reoffending__measure."""
    version = [pl.col("version").str.len_chars(), pl.col("version")] if "version" in table.columns else []
    return table.sort("effective_from", *version, ROW).unique(key, keep="last", maintain_order=True)


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


def _comparisons(tables: Tables) -> Iterator[Finding]:
    """Cohorts set beside themselves, and measures whose like the cohort that theirs is set beside does not have."""
    cohorts = _newest(tables["cohorts"], "cohort_id").drop_nulls("comparison_cohort")
    beside = dict(cohorts.select("cohort_id", "comparison_cohort").iter_rows())
    for row in cohorts.filter(pl.col("cohort_id") == pl.col("comparison_cohort"))[ROW]:
        yield Finding(
            "cohorts.csv", row, "comparison_cohort", "a cohort cannot be set beside itself; name another, or leave this empty"
        )
    measures = list(_newest(tables["measures"], "measure_id", "version").iter_rows(named=True))
    known = {_counted(row["cohort_id"], row) for row in measures}
    for row in measures:
        other = beside.get(row["cohort_id"])
        if other and _counted(other, row) not in known:
            told = f"its cohort is set beside {quoted(other)}; add a measure of that one that is another in {OF_ITS_OWN} only"
            yield Finding("measures.csv", row[ROW], "cohort_id", told)


def _begun_too_early(tables: Tables) -> Iterator[Finding]:
    """Measures and rules in force before their offence set, which count nothing then: nought would look like a figure.

    A measure in force before its cohort has no figure until that is, which misleads nobody.
    """
    first = tables["offence_sets"].group_by("offence_set").agg(first=pl.col("effective_from").min())
    for counting in ("measures", "scoring_rules", "level_rules"):
        early = tables[counting].join(first, on="offence_set").filter(pl.col("effective_from") < pl.col("first"))
        for row, name, begins in early.sort(ROW).select(ROW, "offence_set", "first").iter_rows():
            remedy = "give it an effective_from as early as this row's, or this row a later one"
            yield Finding(f"{counting}.csv", row, "offence_set", f"{quoted(name)} holds from {begins} only; {remedy}")


def _counted(cohort_id: str, measure: dict[str, Any]) -> tuple[Any, ...]:
    """What is counted, when and how, for a cohort."""
    return (cohort_id, *(measure[name] for name in COUNTED_ALIKE))


def _chain_final_too_early(rules: pl.DataFrame) -> Iterator[Finding]:
    """A chain from arrest to treatment that is final before anybody can have been retained, by the newest definitions."""
    chosen = _newest(rules, "rule").filter(pl.col("rule").is_in(list(USUAL_LIMITS))).sort("rule")
    limits = USUAL_LIMITS | dict(chosen.select("rule", "value").iter_rows())
    months, days = limits["chain_final_after_months"], limits["retained_days"]
    if months * FEWEST_DAYS_OF_A_MONTH < days:
        says = f"the chain would be final after {months} months, before anybody can have been in treatment for {days} days"
        told = f"{says}; give more chain_final_after_months, or fewer retained_days"
        yield Finding("drug_service_rules.csv", chosen[ROW][0], "value", told)


def _bad_birth_dates_of_no_day(bad_values: pl.DataFrame) -> Iterator[Finding]:
    """Bad birth dates that no birth date can be: neither a day, nor a day of every year."""
    written = pl.col("value").str.replace(r"^any-", f"{LEAP_YEAR}-")
    is_day = written.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & written.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    for row in bad_values.filter((pl.col("field") == "dob") & ~is_day)[ROW]:
        says = "this is no birth date; write a day such as 1900-01-01, or any-01-01 for that day of every year"
        yield Finding("bad_values.csv", row, "value", says)


def _overlapping_bands(rules: pl.DataFrame) -> Iterator[Finding]:
    """Bands of one factor in one version of the scoring matrix that share a value, on any day from which a definition holds."""
    what = ["version", "factor", "offence_set", "window_months"]
    found: set[int] = set()
    for day in rules["effective_from"].unique():
        bands = _newest(rules.filter(pl.col("effective_from") <= day), "rule_id", "version").with_columns(
            low=pl.col("band_low").fill_null(float("-inf")), high=pl.col("band_high").fill_null(float("inf"))
        )
        reached = pl.col("high").cum_max().shift(1).over(what)
        found.update(bands.sort("low", ROW).filter(reached >= pl.col("low"))[ROW])
    for row in sorted(found):
        says = "this band shares a value with another one of the same factor; let them follow on each other"
        yield Finding("scoring_rules.csv", row, "band_low", says)
