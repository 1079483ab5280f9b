"""Releases from prison that are planned for the next 90 days: when, where to, and with what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from iom_warehouse.disclosure import Cell, Context, Grouping, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, labels, parents

SECTION = "releases"
EVERYONE = "all"
WEEKS_TOGETHER = 4
COUNTS = {
    "releases": "n_releases", "closed": "n_before_closed_offices", "unsupervised": "n_without_supervision",
    "supervision_unknown": "n_supervision_unknown", "homeless": "n_without_accommodation",
    "accommodation_unknown": "n_accommodation_unknown", "schemes": "n_on_schemes", "needs": "n_with_open_need",
    "short": "n_short_sentence", "earlier": "n_earlier", "later": "n_later", "new": "n_not_known_a_week_ago",
}  # fmt: skip
COLUMNS = (
    *figures.count_columns(
        releases="Releases", closed="On a Friday, before or on a day with closed offices", unsupervised="Without supervision",
        supervision_unknown="Supervision not known", homeless="Without accommodation",
        accommodation_unknown="Accommodation not known", schemes="People on a scheme",
        needs="With an open need, by the hub, OASys or prison",
        short="After a sentence of under 12 months", earlier="Planned earlier than a week ago",
        later="Planned later than a week ago", new="Not planned a week ago",
    ),
    *(figures.unseen(name) for name in ("supervised", "housed", "not_short", "same_day")),
)  # fmt: skip
CAVEAT = (
    "Planned days move: people are released earlier on tag or later after a hearing, and some who will be released are not"
    " sentenced yet. Not known means that no agency has recorded it; it does not mean that there is none."
    " Somebody on the list of drug services alone is counted as on a scheme with consent only."
)
GONE = {
    "moved_beyond": "Planned after these days now", "withdrawn": "Without a planned day now",
    "passed": "Still in custody, and the day has passed",
    "no_longer_due": "Not in custody any more, without a release",
}  # fmt: skip
OF_AREA = {"all": "true", "division": "division = %(area)s", "district": "district = %(area)s"}
CALENDAR_ENDS = (
    " The configured calendar of bank holidays ends within these weeks or before them, so days beside a later one are missing"
    " from those with closed offices."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """From the day of the build on: all, by the police division that they return to, and in time.

    Single weeks have so few releases that nearly all would be hidden outside the partnership.
    """
    is_of_period = not figures.is_long_over(scope, source)
    facts = (
        []
        if not is_of_period
        else source.mart(
            "mart_partnership",
            "release_summary",
            "area_level = %(level)s and area = %(area)s or area_level = 'division' and %(level)s = 'all'",
            "week_start, area_level, area = 'unknown', area",
            **scope.place,
        )
    )
    of_all = [fact for fact in facts if fact["area_level"] == scope.area.level]
    areas = dict(labels(source))
    by_area: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact["area_level"] != scope.area.level:
            by_area.setdefault(fact["area"], []).append(fact)
    divisions = tuple(
        _row(area, wording.group_label("division", area, areas), wording.GROUPS["division"], of_area)
        for area, of_area in by_area.items()
    )
    weeks = tuple(
        _row(str(found[0]["week_start"]), _from(found), f"By {WEEKS_TOGETHER} weeks, from Monday to Sunday", found)
        for start in range(0, len(of_all), WEEKS_TOGETHER)
        if (found := of_all[start : start + WEEKS_TOGETHER])
    )  # fmt: skip
    everyone = (_everyone(of_all, source, scope),) if of_all else ()
    rows = (*everyone, *divisions, *weeks)
    columns = (*COUNTS, "supervised", "housed", "not_short", "same_day")
    ties = (
        *figures.add_up(rows, "releases", "unsupervised", "supervision_unknown", "supervised"),
        *figures.add_up(rows, "releases", "homeless", "accommodation_unknown", "housed"),
        *figures.add_up(rows, "releases", "short", "not_short"),
        *figures.add_up(rows, "releases", "earlier", "later", "new", "same_day"),
        *figures.total_of(EVERYONE, divisions, columns), *figures.total_of(EVERYONE, weeks, columns),
    )  # fmt: skip
    since = wording.day(source.business_date)

    def said(released: ReleasedTable) -> str:
        return _meaning(released, since)

    table = Table("releases_planned", f"Releases planned in the 90 days from {since} on", COLUMNS, rows, ties, (
        _of_divisions(by_area, areas, parents(source)), _of_weeks({row.key: row for row in weeks}, of_all),
    ))  # fmt: skip
    return [Draft(
        figures.with_rests(table, *((part, "releases") for part in ("closed", "schemes", "needs"))),
        section=SECTION, meaning=said, headline=said, caveat=_caveat(of_all), source_systems=("prison", "probation", "hub"),
        row_heading="Area or weeks" if scope.area.is_whole else "Weeks",
        when_empty=_when_empty(source, scope, f"No release is planned here for the 90 days from {since} on."),
    ), _gone(source, scope, of_all)]  # fmt: skip


def _when_empty(source: Source, scope: Scope, nobody: str) -> str:
    """Why a table has no row. The whole area has its weeks whenever there is a calendar; an area without a release has none."""
    if figures.is_long_over(scope, source):
        return figures.of_today(source)
    return "There is no calendar of releases: the prisons have delivered nothing." if scope.area.is_whole else nobody


def _gone(source: Source, scope: Scope, weeks: Sequence[Fact]) -> Draft:
    """Plans of a week ago that are none any more. The mart has a row per person, so it is counted in the database.

    An area of which every plan has gone has no `weeks` in the calendar, and is told of all the same.
    """
    facts = [] if figures.is_long_over(scope, source) else source.mart(
        "mart_partnership", "release_calendar", f"change_in_a_week = any(%(gone)s) and {OF_AREA.get(scope.area.level, 'false')}",
        select="change_in_a_week, count(*) as n_people, min(data_cut) as data_cut", group_by="change_in_a_week",
        gone=list(GONE), **scope.place,
    )  # fmt: skip
    first, last = source.business_date - timedelta(days=7), source.business_date + timedelta(days=90)
    contexts = [
        Context(period_start=first, period_end=last, data_cut=fact["data_cut"], maturity="provisional")
        for fact in (*weeks, *facts)
    ]  # fmt: skip
    found = {fact["change_in_a_week"]: int(fact["n_people"]) for fact in facts}
    of_kinds = {EVERYONE: sum(found.values())} | {kind: found.get(kind, 0) for kind in GONE}
    labels = {EVERYONE: "All of them"} | GONE
    rows = tuple(
        Row(kind, labels[kind], {"people": Cell(count, fact=_name(source, scope, f"gone: {kind}"))}, context=context)
        for context in contexts[:1] for kind, count in of_kinds.items()
    )  # fmt: skip
    return Draft(
        Table("releases_gone", f"Releases that a week ago were planned for {wording.days(first, last)}, and are not any more",
              figures.count_columns(people="People"), rows, figures.total_of(EVERYONE, rows[1:], ("people",))),
        section=SECTION, meaning=_gone_in_words, source_systems=("prison",), row_heading="What became of the plan",
        caveat="Whoever was released as planned is none of them. A plan can go since a day was moved by a hearing, or since a"
        " booking was a mistake or was merged with another.",
        when_empty=_when_empty(source, scope, "No plan of a week ago has gone here."),
    )  # fmt: skip


def _gone_in_words(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    return f"Since a week ago {wording.counted(released.rows[0].cells['people'], 'plan has', 'plans have')} gone."


def _caveat(weeks: Sequence[Fact]) -> str:
    return CAVEAT if all(week["is_calendar_complete"] for week in weeks) else CAVEAT + CALENDAR_ENDS


def planned(source: Source, scope: Scope) -> dict[str, Cell]:
    """How many are planned in all and after a short sentence, by their names in the table, for other tables about them."""
    facts = source.mart("mart_partnership", "release_summary", figures.OF_AREA, "week_start", **scope.place)
    return {
        sentence: Cell(sum(int(fact[COUNTS[name]]) for fact in facts), fact=_name(source, scope, name))
        for sentence, name in {"all": "releases", "under_12_months": "short"}.items()
    }


def _name(source: Source, scope: Scope, name: str) -> str:
    of = "" if name == "releases" else f" ({name})"
    return f"releases planned{of}, {scope.area.level} {scope.area.code}, from {source.business_date}"


def _everyone(weeks: Sequence[Fact], source: Source, scope: Scope) -> Row:
    row = _row(EVERYONE, "Everyone", "", weeks)
    named = {name: replace(row.cells[name], fact=_name(source, scope, name)) for name in ("releases", "short")}
    return replace(row, cells={**row.cells, **named})


def _of_divisions(by_area: Mapping[str, list[Fact]], names: Mapping[str, str], within: Mapping[str, str]) -> Grouping:
    def together(group: tuple[str, ...]) -> Row:
        label = wording.areas_together([names[area] for area in group], "division")
        return _row("", label, wording.GROUPS["division"], [fact for area in group for fact in by_area[area]])

    parts = dict.fromkeys(within[area] for area in by_area if area in within)
    return Grouping(tuple(tuple(area for area in by_area if within.get(area) == whole) for whole in parts), "any", together)


def _of_weeks(weeks: Mapping[str, Row], of_all: Sequence[Fact]) -> Grouping:
    def together(group: tuple[str, ...]) -> Row:
        first, last = weeks[group[0]], weeks[group[-1]]
        found = [
            fact for fact in of_all
            if first.context.period_start and last.context.period_end
            and first.context.period_start <= fact["week_start"] <= last.context.period_end
        ]  # fmt: skip
        return _row("", _from(found), first.group, found)

    return Grouping((tuple(weeks),), "neighbours", together)


def _from(weeks: Sequence[Fact]) -> str:
    return wording.days(weeks[0]["week_start"], weeks[-1]["week_start"] + timedelta(days=6))


def _row(key: str, label: str, group: str, weeks: Iterable[Fact]) -> Row:
    """The weeks together."""
    found: Counter[str] = Counter()
    of_weeks = list(weeks)
    for week in of_weeks:
        found.update({name: int(week[column]) for name, column in COUNTS.items()})
    counts = {name: found[name] for name in COUNTS} | {
        "supervised": found["releases"] - found["unsupervised"] - found["supervision_unknown"],
        "housed": found["releases"] - found["homeless"] - found["accommodation_unknown"],
        "not_short": found["releases"] - found["short"],
        "same_day": found["releases"] - found["earlier"] - found["later"] - found["new"],
    }
    context = Context(
        period_start=of_weeks[0]["week_start"], period_end=of_weeks[-1]["week_start"] + timedelta(days=6),
        data_cut=of_weeks[0]["data_cut"], maturity="provisional",
    )  # fmt: skip
    return Row(key, label, {name: Cell(count) for name, count in counts.items()}, group, context)


def _meaning(released: ReleasedTable, since: str) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    return (
        f"{wording.counted(cells['releases'], 'release is', 'releases are')} planned for the next 90 days, from {since} on;"
        f" {cells['schemes'].text} of them of people on a scheme. {wording.doing(cells['homeless'], 'is', 'are')}"
        f" without accommodation, and of {cells['accommodation_unknown'].text} more nobody"
        f" has recorded where they will live; {wording.doing(cells['closed'], 'falls', 'fall')} on a Friday or beside closed"
        f" offices. Since a week ago {wording.doing(cells['earlier'], 'has', 'have')} moved to an earlier day and"
        f" {cells['later'].text} to a later one; {wording.doing(cells['new'], 'was', 'were')} not planned then."
    )
