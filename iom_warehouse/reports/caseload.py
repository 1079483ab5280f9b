"""Caseload: who was on the schemes at the beginning and the end of the period, who joined and who left."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import caseload_reasons, figures, levels, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import WHOLE, Scope
from iom_warehouse.reports.source import Fact, Source, labels, parents

SECTION = "caseload"
MONTHS_SHOWN = 12
MOVES = ("joiners", "leavers")
LEVELS = ("division", "district")
FAMILIES = "TF"  # a scheme that is none of all schemes together
MadeUp = tuple[Row, str, list[Row]]  # a row, and the level and the rows of the areas that make it up
EVERYWHERE = f"any:{WHOLE.key}"
WHEN_EMPTY = "There are no caseload figures: the partnership's hub has not delivered its case tracking."
CAVEAT = (
    "A smaller caseload is neither success nor failure: people leave for many reasons, among them long custody and moving"
    " away. Whoever leaves and comes back within a period is counted as one joining and one leaving."
)
COLUMNS = (
    Column("opening", "On the caseload before", "count"),
    Column("joiners", "Joined", "count", adds_up=False),
    Column("leavers", "Left", "count", adds_up=False),
    Column("closing", "On the caseload at the end", "count"),
)
CHANGE = Column("change", "Change", "rate", wording.change, ("opening", "closing"), ("closing", "opening"))
STAY = figures.wait("median", "Days on the schemes so far, of those at the end: half at most", "closing")
STATUS = Column("status", "Status", "plain")


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """The period by scheme and area; of the whole partnership also the last twelve months. Of an area too few come and go."""
    facts = _of_period(source, scope)
    everyone = next((fact for fact in facts if _key(fact) == _everyone(scope)), None)
    if not scope.area.is_whole:
        return [_movement(source, scope, facts)]
    reasons = [caseload_reasons.draft(source, scope, SECTION, _cells(everyone), figures.context(everyone))] if everyone else []
    return [
        _movement(source, scope, facts), _by_month(source, scope, everyone), *reasons, levels.draft(source, scope, SECTION),
    ]  # fmt: skip


def moves_between_districts(source: Source, scope: Scope) -> Cell | None:
    """How many joined the caseload of a district and not that of the whole, named as in the caseload's table."""
    table = _movement(source, scope, _of_period(source, scope)).table
    place = EVERYWHERE, _between("joiners", "district")
    found = table.cells.get(place)
    return None if found is None else replace(found, fact=table.fact(place))


def _places(scope: Scope) -> str:
    """Of the whole: every scheme, and every area with all schemes together. Of an area: its schemes."""
    return "area_level = 'all' or scheme = 'any'" if scope.area.is_whole else figures.OF_AREA


def _of_period(source: Source, scope: Scope) -> list[Fact]:
    return figures.of_period(
        source, "mart_partnership", "caseload_movement", scope, _places(scope),
        "area_level <> 'all', scheme <> 'any', scheme, area_level, area = 'unknown', area",
        key=("scheme", "area_level", "area"), adding_up=("joiners", "leavers"), earliest=("opening",), **scope.place,
    )  # fmt: skip


def _key(fact: Fact) -> str:
    return f"{fact['scheme']}:{fact['area_level']}:{fact['area']}"


def _everyone(scope: Scope) -> str:
    return f"any:{scope.area.key}"


def _movement(source: Source, scope: Scope, facts: list[Fact]) -> Draft:
    areas = dict(labels(source))
    rows = tuple(
        Row(_key(fact), _label(fact, areas, scope), _cells(fact), _group(fact, scope), figures.context(fact)) for fact in facts
    )
    made_up = list(_made_up(rows, parents(source))) if scope.area.is_whole else []
    between = _between_areas(made_up)
    rows = tuple(replace(row, cells={**row.cells, **between.get(row.key, {})}) for row in rows)
    rows, of_two_schemes = _on_two_schemes(rows, scope)

    def meaning(released: ReleasedTable) -> str:
        return _meaning(released, scope)

    columns = (
        *COLUMNS,
        CHANGE,
        STATUS,
        *figures.columns_of_more(COLUMNS),
        *(figures.unseen(name) for name in sorted(set().union(*between.values()))),
    )
    parts = figures.parts_of(source, "mart_partnership", "caseload_movement", scope, _places(scope), _key, **scope.place)
    table = Table(
        "caseload_movement", f"Caseload in the {scope.period.kind}", columns, rows, (*_ties(rows, made_up), *of_two_schemes)
    )
    return Draft(
        figures.made_of_parts(table, scope, parts, _cells, *MOVES),
        section=SECTION, meaning=meaning, headline=meaning, caveat=CAVEAT, when_empty=WHEN_EMPTY, source_systems=("hub",),
        row_heading="Scheme or area" if scope.area.is_whole else "Scheme",
    )  # fmt: skip


def _by_month(source: Source, scope: Scope, everyone: Fact | None) -> Draft:
    """The months. Those of the period add up to its joiners and leavers, which the table before shows."""
    facts = source.mart(
        "mart_partnership", "caseload_movement",
        f"period_kind = 'month' and scheme = 'any' and {figures.OF_AREA} and period_start <= %(last)s"
        " and period_start > %(last)s - make_interval(months => %(months)s)", "period_start", last=scope.last,
        months=MONTHS_SHOWN, **scope.place,
    )  # fmt: skip
    cells = {str(fact["period_start"]): _cells(fact) | _stay(fact) for fact in facts}
    within = [str(fact["period_start"]) for fact in facts if fact["period_start"] >= scope.first]
    ties: tuple[Tie, ...] = ()
    if everyone and within:
        of_all = _cells(everyone)
        cells[within[-1]] |= {f"all_{name}": of_all[name] for name in MOVES}
        ties = tuple(Tie(((within[-1], f"all_{name}"),), tuple((key, name) for key in within)) for name in MOVES)
    rows = tuple(
        Row(key, f"{fact['period_start']:%B %Y}", cells[key], context=figures.context(fact))
        for key, fact in zip(cells, facts, strict=True)
    )
    columns = (*COLUMNS, STAY, STATUS, *(figures.unseen(f"all_{name}") for name in MOVES))
    return Draft(
        Table("caseload_by_month", f"Caseload by month, {scope.everyone}", columns, rows, (*_balances(rows), *ties)),
        section=SECTION, meaning=_meaning_of_months, caveat=CAVEAT, when_empty=WHEN_EMPTY, charts=("caseload_flow",),
        source_systems=("hub",), row_heading="Month",
    )  # fmt: skip


def _stay(fact: Fact) -> dict[str, Cell]:
    return {"median": figures.days(fact["median_days_on_scheme"], int(fact["closing"]), "nobody is on it")}


def _cells(fact: Fact) -> dict[str, Cell]:
    opening, closing = int(fact["opening"]), int(fact["closing"])
    of = fact["scheme"], fact["area_level"], fact["area"]
    where, when = f"{of[0]}, {of[1]} {of[2]}", f"{fact['period_start']} to {fact['period_end']}"
    return {name: Cell(int(fact[name]), fact=f"{name} {where}, {when}") for name in MOVES} | {
        "opening": Cell(opening, fact=figures.on_caseload(*of, fact["period_start"] - timedelta(days=1))),
        "closing": Cell(closing, fact=figures.on_caseload(*of, fact["period_end"])),
        "change": Cell(
            *ratios.change(closing, opening),
            numerator=closing,
            denominator=opening,
            missing="nobody was on it before",
            says=ratios.change,
        ),
        "status": Cell("final" if fact["is_complete"] else f"to {wording.day(min(fact['period_end'], fact['data_cut']))}"),
    }


def _label(fact: Fact, areas: dict[str, str], scope: Scope) -> str:
    if fact["area_level"] == scope.area.level:
        return wording.group_label("scheme", fact["scheme"], areas)
    return wording.group_label(fact["area_level"], fact["area"], areas)


def _group(fact: Fact, scope: Scope) -> str:
    if fact["area_level"] == scope.area.level:
        return "" if fact["scheme"] == "any" else wording.GROUPS["scheme"]
    return f"{wording.GROUPS[fact['area_level']]}, all schemes"


def _balances(rows: Iterable[Row]) -> tuple[Tie, ...]:
    """Opening and joiners less leavers are the closing number, so one of the four follows from the others."""
    return tuple(Tie(((row.key, "opening"), (row.key, "joiners")), ((row.key, "leavers"), (row.key, "closing"))) for row in rows)


def _made_up(rows: Iterable[Row], within: Mapping[str, str]) -> Iterator[MadeUp]:
    """The whole with the areas of each level, and each division with its districts."""
    by_level = {level: {row.key.split(":")[2]: row for row in rows if row.key.startswith(f"any:{level}:")} for level in LEVELS}
    whole = next((row for row in rows if row.key == EVERYWHERE), None)
    for level, areas in by_level.items():
        if whole and areas:
            yield whole, level, list(areas.values())
    division, district = by_level.values()
    for area, parts in figures.areas_within(division | district, within):
        yield area, LEVELS[1], parts


def _on_two_schemes(rows: tuple[Row, ...], scope: Scope) -> tuple[tuple[Row, ...], tuple[Tie, ...]]:
    """The rows with those who are on several schemes, whom the schemes count more than once."""
    everyone = next((row for row in rows if row.key == _everyone(scope)), None)
    schemes = [row for row in rows if row.key.endswith(f":{scope.area.key}") and row.key.split(":")[0] not in ("any", FAMILIES)]
    if everyone is None or not schemes:
        return rows, ()
    everyone, ties = figures.more_than_once(everyone, schemes, [column.name for column in COLUMNS])
    return tuple(everyone if row.key == everyone.key else row for row in rows), ties


def _between_areas(made_up: Iterable[MadeUp]) -> dict[str, dict[str, Cell]]:
    """By how much the joiners and leavers of areas are more than those of what they make up: moves between areas. By row."""
    found: dict[str, dict[str, Cell]] = {}
    for (whole, level, parts), name in product(made_up, MOVES):
        more = sum(_count(row, name) for row in parts) - _count(whole, name)
        if more >= 0:
            found.setdefault(whole.key, {})[_between(name, level)] = Cell(more)
    return found


def _between(name: str, level: str) -> str:
    return f"{name}_between_{level}s"


def _count(row: Row, name: str) -> int:
    value = row.cells[name].value
    return value if isinstance(value, int) else 0


def _ties(rows: Iterable[Row], made_up: Iterable[MadeUp]) -> tuple[Tie, ...]:
    """The balance of every row, and the areas that make up another or the whole: on a day, and with the moves between them."""
    found = list(_balances(rows))
    for (whole, level, parts), name in product(made_up, ("opening", "closing", *MOVES)):
        more = ((whole.key, _between(name, level)),) if name in MOVES else ()
        found.append(Tie(((whole.key, name), *more), tuple((row.key, name) for row in parts)))
    return tuple(found)


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    row = next((row for row in released.rows if row.key == _everyone(scope)), None)
    if row is None:
        return ""
    cells, context = row.cells, row.contexts["closing"]
    change = cells["change"]
    moved = f", {wording.compared(change.value)} before the {scope.period.kind}" if change.value is not None else ""
    return (
        f"On {wording.day(reach.known_on(context))} {wording.counted(cells['closing'], 'person was', 'people were')} on the"
        f" caseload of {scope.everyone}"
        f"{moved}: {cells['joiners'].text} joined and {cells['leavers'].text} left."
        + ("" if context.maturity == "final" else f" The {scope.period.kind} is not over.")
    )


def _meaning_of_months(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    first, last = released.rows[0], released.rows[-1]
    return (
        f"The caseload was {first.cells['opening'].text} before {first.label} and {last.cells['closing'].text} at the end of"
        f" {last.label}{'' if last.contexts['closing'].maturity == 'final' else ' so far'}."
    )
