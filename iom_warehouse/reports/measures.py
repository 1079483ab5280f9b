"""What the tables of reoffending have in common: measures with their rows of the summary, groups, contexts, and what adds up."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import sqrt
from typing import Any

from iom_warehouse.disclosure import Cell, Context, Grouping, Row, Tie
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.scope import WHOLE, Area
from iom_warehouse.reports.source import Fact, Source, labels, parents

SECTION = "reoffending"
GROUP_ORDER = tuple(wording.GROUPS)
AREAS = ("division", "district")
PARTITIONS = (*AREAS, "sex", "age_band")  # everybody is in exactly one group; schemes overlap
ADDED_UP = (
    "n_people", "n_excluded", "n_people_with_event", "n_events", "baseline_count", "expected_count", "n_meeting_target",
    "n_eligible", "days_at_risk",
)  # fmt: skip
# People behind what the summary counts: it counts a person once for each day on which the cohort took them.
DISTINCT = {
    "n_distinct_people": "n_people", "n_distinct_with_event": "n_people_with_event", "n_distinct_eligible": "n_eligible",
    "n_distinct_meeting": "n_meeting_target",
}  # fmt: skip
DRAWN = ("bootstrap_low", "bootstrap_high")  # the interval that draws whole people
MOST = ("most_entries", "most_entries_with_event", "most_events", "most_baseline_events")  # of one person
OF_NOTHING = ("no_people", "baseline_zero")  # findings that hold of several groups together only where they hold of each
SAME_LAG = "baseline_with_same_lag"
FEW_PEOPLE = 10
MakeRow = Callable[[str, str, list[Fact]], Row]  # of the kind of group, the group, and its facts
EVENTS = {
    "arrest": "arrests", "charge": "charges", "detected_crime": "detected crimes", "proven_offence": "proven offences",
    "court_conviction": "court convictions", "breach": "breaches", "custody_return": "returns to custody",
    "custody_return_new": "returns to custody for something new", "custody_return_recall": "recalls to custody",
    "positive_test": "positive drug tests",
}  # fmt: skip
SOURCES = {
    "breach": "probation", "custody_return": "prison", "custody_return_new": "prison", "custody_return_recall": "prison",
}  # fmt: skip
# Who says that somebody belongs to an index cohort.
INDEX_FEEDS = {
    "release": "prison", "order_start": "probation", "quarter_end_order": "probation", "assessment": "probation",
    "sentence": "police", "caution": "police", "joined": "hub", "dip_episode": "dip",
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
    people_from: tuple[str, ...] = ()  # feeds that say whom the cohort has
    cohort: Fact = field(default_factory=dict)  # the definition of whom it counts

    @property
    def measure_id(self) -> str:
        return self.definition["measure_id"]

    @property
    def name(self) -> str:
        """The name of its table; two versions in force side by side have one each."""
        return self.measure_id if self.is_only_version else f"{self.measure_id}_version_{self.definition['version']}"

    @property
    def counts_of(self) -> str:
        """What its counts are named after: the same whether another version is in force beside it or not."""
        return f"{self.measure_id} version {self.definition['version']}"

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
        clock = ("prison",) if self.definition["clock"] == "at_liberty" else ()
        return tuple(dict.fromkeys((SOURCES.get(self.definition["event_kind"], "police"), *clock)))

    @property
    def is_open(self) -> bool:
        """Whether the cohort has no first or last day, so that those of its figures are of whom it has."""
        return self.cohort.get("kind") == "index" and None in (self.cohort["index_from"], self.cohort["index_to"])

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
        additive = self._additive(columns)
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

    def with_more_than_once(
        self, rows: Sequence[tuple[str, Row]], total: str, columns: Iterable[str]
    ) -> tuple[list[tuple[str, Row]], tuple[Tie, ...]]:
        """The rows with what the schemes count beyond everyone, since somebody can be on two. See `figures.more_than_once`."""
        schemes = [row for kind, row in rows if kind == "scheme"]
        everyone = next((row for _, row in rows if row.key == total), None)
        if everyone is None or not schemes:
            return list(rows), ()
        everyone, ties = figures.more_than_once(everyone, schemes, self._additive(columns))
        return [(kind, everyone if row.key == total else row) for kind, row in rows], ties

    def _additive(self, columns: Iterable[str]) -> list[str]:
        """Counts that groups add up to: people, and events unless several people share one."""
        return [name for name in columns if name == "people" or self.definition["count_unit"] != "distinct_crime"]

    def groupings(self, make: MakeRow) -> tuple[Grouping, ...]:
        """The areas of one parent, and the age bands that touch, as they may be joined. Not where people share a crime: then
        the crimes of two groups are not those of both together.
        """
        if self.definition["count_unit"] == "distinct_crime":
            return ()
        facts = {(kind, value): of_group for kind, value, of_group in self.groups()}
        keys = {make(kind, value, of_group).key: (kind, value) for (kind, value), of_group in facts.items()}

        def together(group: tuple[str, ...]) -> Row:
            kind, values = keys[group[0]][0], [keys[key][1] for key in group]
            row = make(kind, "+".join(values), self._together([facts[keys[key]] for key in group]))
            bands, names = wording.ages_together, [self.label(kind, value) for value in values]
            return replace(row, label=bands(values) if kind == "age_band" else wording.areas_together(names, kind))

        places = {of: key for key, of in keys.items()}
        bands = sorted((value for kind, value in facts if kind == "age_band" and value != "unknown"), key=wording.age_order)
        ages = (tuple(places["age_band", band] for band in bands),)
        return (
            *(Grouping(tuple(self._siblings(kind, places)), "any", together) for kind in AREAS),
            Grouping(ages, "neighbours", together),
        )

    def _siblings(self, kind: str, places: Mapping[tuple[str, str], str]) -> list[tuple[str, ...]]:
        """Keys of the rows of areas of a kind, those of one parent together."""
        found: dict[str, tuple[str, ...]] = {}
        for (of_kind, value), key in places.items():
            if of_kind == kind and value in self.parents:
                found[self.parents[value]] = (*found.get(self.parents[value], ()), key)
        return list(found.values())

    def _together(self, groups: Sequence[list[Fact]]) -> list[Fact]:
        """The rows of several groups as those of one, period by period, by the mart's own formulas."""
        periods = [self._compared([dict(fact) for fact in of_period]) for of_period in zip(*groups, strict=True)]
        in_the_end = max((fact["expected_count"] for fact in periods if fact["expected_count"] is not None), default=None)
        if self.definition["target_pct"] is not None and self.has_baseline and in_the_end is not None:
            target = wording.rounded(round((1 - Decimal(self.definition["target_pct"]) / 100) * Decimal(in_the_end), 9))
            periods = [fact | {"target_count": target} for fact in periods]
        return periods

    def _compared(self, facts: Sequence[Fact]) -> Fact:
        added = {name: figures.sum_if_known(fact[name] for fact in facts) for name in ADDED_UP}
        people, with_event, expected = added["n_people"], added["n_people_with_event"], added["expected_count"]
        if self.has_baseline:
            share = float(expected / added["baseline_count"]) if added["baseline_count"] else 0.0
            change, ends = ratios.change_from(share)(added["n_events"], added["baseline_count"])
        elif expected is not None:
            spreads = (
                float(fact["expected_count"]) * (fact["ci_high"] - fact["ci_low"]) / 200 for fact in facts if fact["ci_low"]
            )
            change, ends = ratios.change_from_expected(float(expected), sqrt(sum(x * x for x in spreads)))(with_event, people)
        else:
            change, ends = None, None
        rate, *interval = ratios.wilson(with_event, people)
        low, high = interval if self.definition["comparison"] == "none" else ends or (None, None)
        return facts[0] | added | self._behind(facts) | {
            "pct_change": change, "rate": rate, "ci_low": low, "ci_high": high, "target_count": None,
            "events_per_person_with_event": added["n_events"] / with_event if with_event else None,
            "group_value": "+".join(fact["group_value"] for fact in facts),
            "status": "final" if all(fact["status"] == "final" for fact in facts) else "provisional",
            "findings": _findings_together(facts, people),
        }  # fmt: skip

    def _behind(self, facts: Sequence[Fact]) -> Fact:
        """How many people are behind some groups together, and how much of their counts is of one.

        Where the cohort took anybody more than once, the same person may be in all of the groups: then it is the fewest and the
        most that there can be.
        """
        of_all = [row for row in self.rows if row["group_by"] == WHOLE.level]
        is_one_in_each = all(row["n_distinct_people"] == row["n_people"] for row in of_all)
        people, most = (sum, max) if is_one_in_each else (max, sum)
        known = {name: [fact[name] for fact in facts if fact[name] is not None] for name in (*DISTINCT, *MOST)}
        return {name: (people if name in DISTINCT else most)(numbers) if numbers else None for name, numbers in known.items()}


def _place(row: Fact) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("measure_id", "measure_version", "group_by", "group_value", "period_end", "horizon_days"))


def feeds_of_cohort(cohort: Fact) -> tuple[str, ...]:
    """Those of the event of entry or of the list; who is on a scheme or in a family the hub says, and who is on an order or
    supervised by law probation. As int_reoffending__measure has it.
    """
    if not cohort:
        return ()
    if cohort["kind"] == "static":
        feeds = ["probation" if cohort["order_types"] else "hub"]
    else:
        feeds = [INDEX_FEEDS[event] for event in cohort["index_event"].split(";")]
    feeds += ["hub"] if any(cohort[name] is not None for name in ("schemes", "strand", "troubled_family")) else []
    feeds += ["probation"] if cohort["statutory"] is not None else []
    return tuple(dict.fromkeys(feeds))


def _findings_together(facts: Sequence[Fact], people: int) -> str | None:
    """The findings of several groups as those of one: counts in them add up, and what they name is named once."""
    of_groups = [fact["findings"].split("; ") if fact["findings"] else [] for fact in facts]
    named = dict.fromkeys(["small_n"] if 0 < people < FEW_PEOPLE else [])
    counted: Counter[str] = Counter()
    for code in (code for codes in of_groups for code in codes):
        name, _, number = code.partition("=")
        if number.isdigit() and name not in wording.NAMING:
            counted[name] += int(number)
        elif name != "small_n" and (name not in OF_NOTHING or all(code in codes for codes in of_groups)):
            named[code] = None
    if SAME_LAG in counted:  # a group that does not say so has the same baseline at that lag
        silent = (fact for fact, codes in zip(facts, of_groups, strict=True) if not any(SAME_LAG in code for code in codes))
        counted[SAME_LAG] += sum(int(fact["baseline_count"]) for fact in silent)
    return "; ".join([*named, *(f"{name}={number}" for name, number in counted.items())]) or None


def read(source: Source, area: Area = WHOLE) -> list[Measure]:
    """The measures that the build computed for the area, those by quarter first, then those against something, then rates."""
    rows: dict[tuple[str, str], list[Fact]] = {}
    summary, uncertainty = (source.mart("mart_reoffending", f"reoffending_{name}") for name in ("summary", "uncertainty"))
    for row in with_people_behind(summary, uncertainty):
        rows.setdefault((row["measure_id"], row["measure_version"]), []).append(row)
    cohorts = {row["cohort_id"]: row for row in source.definitions("cohorts", "cohort_id")}
    areas, within = labels(source), parents(source)
    versions = Counter(measure_id for measure_id, _ in rows)
    found = [
        Measure(
            definition,
            cohorts.get(definition["cohort_id"], {}).get("title") or definition["cohort_id"],
            areas,
            tuple(of_measure),
            versions[definition["measure_id"]] == 1,
            area,
            within,
            feeds_of_cohort(cohorts.get(definition["cohort_id"], {})),
            cohorts.get(definition["cohort_id"], {}),
        )
        for definition in source.definitions("measures", "measure_id, version")
        if (of_measure := rows.get((definition["measure_id"], definition["version"])))
    ]
    return sorted(
        (measure for measure in found if measure.rows_of_area),
        key=lambda measure: (not measure.is_by_quarter, not measure.has_baseline, measure.definition["comparison"] == "none"),
    )


def with_people_behind(summary: Iterable[Fact], uncertainty: Iterable[Fact]) -> list[Fact]:
    """Rows of reoffending_summary with the people behind their counts, and how much is of one, from reoffending_uncertainty.

    Where that says nothing, whoever is counted is a person, and of nobody it is known how much is theirs.
    """
    known = {_place(row): row for row in uncertainty}
    return [
        row
        | {name: row[counted] for name, counted in DISTINCT.items()}
        | dict.fromkeys((*MOST, *DRAWN))
        | {
            name: value
            for name, value in known.get(_place(row), {}).items()
            if name in (*DISTINCT, *MOST, *DRAWN) and value is not None
        }
        for row in summary
    ]


def sources(listed: Iterable[Measure]) -> tuple[str, ...]:
    """The feeds that the events of some measures come from, each once."""
    return tuple(dict.fromkeys(feed for measure in listed for feed in measure.source_systems))


def people_from(listed: Iterable[Measure]) -> tuple[str, ...]:
    """The feeds that say whom the cohorts of some measures have, each once."""
    return tuple(dict.fromkeys(feed for measure in listed for feed in measure.people_from))


def count(value: Any, missing: str = "not counted", **more: Any) -> Cell:
    return Cell(None if value is None else int(value), missing=missing, **more)


def findings(row: Fact) -> Cell:
    return Cell(row["findings"], missing="none")


def status(row: Fact) -> Cell:
    return Cell(row["status"])


def _by_period(row: Fact) -> tuple[date, int]:
    return row["period_end"] or date.max, row["horizon_days"] or 10**6
