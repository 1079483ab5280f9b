"""What the tables of reoffending have in common: measures with their rows of the summary, groups, contexts, and what adds up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from iom_warehouse.disclosure import Cell, Context, Row, Tie
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.scope import WHOLE, Area
from iom_warehouse.reports.source import Fact, Source, labels, parents

SECTION = "reoffending"
GROUP_ORDER = tuple(wording.GROUPS)
AREAS = ("division", "district")
PARTITIONS = (*AREAS, "sex", "age_band")  # everybody is in exactly one group; schemes overlap
EVENTS = {
    "arrest": "arrests", "charge": "charges", "detected_crime": "detected crimes", "proven_offence": "proven offences",
    "court_conviction": "court convictions", "breach": "breaches", "custody_return": "returns to custody",
    "custody_return_new": "returns to custody for something new", "custody_return_recall": "recalls to custody",
    "positive_test": "positive drug tests",
}  # fmt: skip
SOURCES = {
    "breach": "probation", "custody_return": "prison", "custody_return_new": "prison", "custody_return_recall": "prison",
}  # fmt: skip
# What a reader needs in order to know what was counted; stored with the figures of the measure.
PARAMETERS = (
    "event_kind", "count_unit", "date_basis", "offence_set", "exclude_breach", "baseline_from", "baseline_to", "follow_up_from",
    "follow_up_to",
    "follow_up_days", "follow_up_months", "horizons", "clock", "index_day_counts", "waiting_months", "maturity_months",
    "comparison", "target_pct", "period",
)  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A measure version in force with all its rows of reoffending_summary."""

    definition: Fact
    cohort_title: str
    areas: Mapping[str, str]
    rows: tuple[Fact, ...]
    is_only_version: bool = True
    area: Area = WHOLE
    parents: Mapping[str, str] = field(default_factory=dict)  # see `source.parents`

    @property
    def measure_id(self) -> str:
        return self.definition["measure_id"]

    @property
    def name(self) -> str:
        """The name of its table; two versions in force side by side have one each."""
        return self.measure_id if self.is_only_version else f"{self.measure_id}_version_{self.definition['version']}"

    @property
    def title(self) -> str:
        title = self.definition["title"] or wording.plain_words(self.measure_id).capitalize()
        return title if self.is_only_version else f"{title} (version {self.definition['version']})"

    @property
    def events(self) -> str:
        return EVENTS.get(self.definition["event_kind"], "events")

    @property
    def events_of_set(self) -> str:
        """The same, with the set of offences where only one counts: in a sentence nothing else would say so."""
        offence_set = self.definition["offence_set"]
        return f"{self.events} ({wording.plain_words(offence_set)})" if offence_set else self.events

    @property
    def source_systems(self) -> tuple[str, ...]:
        return (SOURCES.get(self.definition["event_kind"], "police"),)

    @property
    def has_baseline(self) -> bool:
        return self.definition["comparison"] in ("pro_rata_baseline", "same_months_prior_year")

    @property
    def is_by_quarter(self) -> bool:
        return self.definition["period"] == "quarter" and self.has_baseline

    @property
    def parameters(self) -> dict[str, Any]:
        return {name: self.definition[name] for name in PARAMETERS if self.definition[name] is not None}

    @property
    def context(self) -> Context:
        return Context(self.measure_id, self.definition["version"], self.definition["cohort_id"])

    def groups(self) -> list[tuple[str, str, list[Fact]]]:
        """Kind of group, group and its rows in the order of their periods: everyone first, then kind by kind."""
        found: dict[tuple[int, str, str], list[Fact]] = {}
        for row in self.rows_of_area:
            found.setdefault((GROUP_ORDER.index(row["group_by"]), row["group_by"], row["group_value"]), []).append(row)
        in_order = sorted(
            found.items(), key=lambda item: (item[0][0], wording.group_order(*item[0][1:]), self.label(*item[0][1:]))
        )  # fmt: skip
        return [(group_by, value, sorted(rows, key=_by_period)) for (_, group_by, value), rows in in_order]

    @property
    def rows_of_area(self) -> tuple[Fact, ...]:
        """All rows of the whole partnership; of an area its own."""
        if self.area.is_whole:
            return self.rows
        return tuple(row for row in self.rows if (row["group_by"], row["group_value"]) == (self.area.level, self.area.code))

    def has(self, row: Fact) -> bool:
        """Whether a row of another mart is of this measure and version."""
        return (row["measure_id"], row["measure_version"]) == (self.measure_id, self.definition["version"])

    def is_everyone(self, group_by: str) -> bool:
        """Whether the group is all that the tables are about."""
        return group_by == self.area.level

    def label(self, group_by: str, value: str) -> str:
        if self.is_everyone(group_by):
            return "Everyone" if self.area.is_whole else f"Everyone in {self.area.name}"
        return wording.group_label(group_by, value, dict(self.areas))

    def row_context(self, row: Fact) -> Context:
        return replace(
            self.context, period_start=row["period_start"], period_end=row["period_end"], horizon_days=row["horizon_days"],
            data_cut=row["data_cut"], maturity=row["status"],
        )  # fmt: skip

    def ties(self, rows: Sequence[tuple[str, Row]], total: str, columns: Iterable[str]) -> tuple[Tie, ...]:
        """For each count and kind of group that everybody is in once: the groups and the total; and areas within areas.

        `rows`: pairs of kind and row.
        """
        additive = [name for name in columns if name == "people" or self.definition["count_unit"] != "distinct_crime"]
        areas = {row.key.split(":")[1]: row for kind, row in rows if kind in AREAS}
        within = figures.areas_within(areas, self.parents)
        inside = [tie for whole, parts in within for tie in figures.total_of(whole.key, parts, additive)]
        partitions = (
            Tie(((total, column),), tuple((row.key, column) for kind, row in rows if kind == partition))
            for partition in PARTITIONS
            if any(kind == partition for kind, _ in rows)
            for column in additive
        )
        return (*partitions, *inside)


def read(source: Source, area: Area = WHOLE) -> list[Measure]:
    """The measures that the build computed for the area, those by quarter first, then those against something, then rates."""
    rows: dict[tuple[str, str], list[Fact]] = {}
    for row in source.mart("mart_reoffending", "reoffending_summary"):
        rows.setdefault((row["measure_id"], row["measure_version"]), []).append(row)
    cohorts = {row["cohort_id"]: row["title"] for row in source.definitions("cohorts", "cohort_id")}
    areas, within = labels(source), parents(source)
    versions = Counter(measure_id for measure_id, _ in rows)
    found = [
        Measure(
            definition,
            cohorts.get(definition["cohort_id"]) or definition["cohort_id"],
            areas,
            tuple(of_measure),
            versions[definition["measure_id"]] == 1,
            area,
            within,
        )
        for definition in source.definitions("measures", "measure_id, version")
        if (of_measure := rows.get((definition["measure_id"], definition["version"])))
    ]
    return sorted(
        (measure for measure in found if measure.rows_of_area),
        key=lambda measure: (not measure.is_by_quarter, not measure.has_baseline, measure.definition["comparison"] == "none"),
    )


def count(value: Any, missing: str = "not counted", **more: Any) -> Cell:
    return Cell(None if value is None else int(value), missing=missing, **more)


def findings(row: Fact) -> Cell:
    return Cell(row["findings"], missing="none")


def status(row: Fact) -> Cell:
    return Cell(row["status"])


def _by_period(row: Fact) -> tuple[date, int]:
    return row["period_end"] or date.max, row["horizon_days"] or 10**6
