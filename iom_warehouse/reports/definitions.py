"""Kinds of report: rows of the partnership's configuration (`reference.reports`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iom_warehouse.disclosure import audiences
from iom_warehouse.platform.errors import IomError
from iom_warehouse.reports import scope
from iom_warehouse.reports.scope import WHOLE, Area
from iom_warehouse.reports.source import Fact, Source

QUARTERLY = "quarterly"
Due = tuple[str, str, str]  # kind, period such as 2013Q4, audience
PERIODS: Mapping[str, scope.Kind] = {"monthly": "month", "quarterly": "quarter", "annual": "year"}
SECTIONS = (
    "reoffending", "caseload", "risk", "referrals", "engagement", "needs", "drug_services", "releases", "transitions", "value",
    "services", "acquisitive_crime", "scrutiny", "quality",
)  # fmt: skip
BY_WARD = ("acquisitive_crime",)
OF_THE_WHOLE = ("transitions", "value", "scrutiny", "quality")
LEVELS = ("division", "district", "ward")


@dataclass(frozen=True)
class Definition:
    """A kind of report: what it covers, what is in it, and for whom it is made on schedule."""

    kind: str
    version: str
    title: str
    period: scope.Kind
    sections: tuple[str, ...]
    audiences: tuple[str, ...] = ()
    area_type: str | None = None
    areas: tuple[str, ...] = ()

    def sections_of(self, area: Area) -> tuple[str, ...]:
        """The sections, in the order of print, that have figures of this area."""
        left_out = () if area.is_whole else OF_THE_WHOLE
        possible = BY_WARD if area.level == "ward" else [name for name in SECTIONS if name not in left_out]
        return tuple(name for name in possible if name in self.sections)


# What a partnership without reports.csv has.
DEFAULT = Definition(QUARTERLY, "1", "Outcomes", "quarter", SECTIONS)


def read(source: Source) -> dict[str, Definition]:
    """The kinds in force on the build's day, by name; the quarterly report is always among them."""
    rows = source.definitions("reports", "kind")
    known = {QUARTERLY: DEFAULT} | {row["kind"]: _definition(row) for row in rows}
    return dict(sorted(known.items()))


def get(source: Source, kind: str) -> Definition:
    """Raises IomError when there is no report of this kind."""
    known = read(source)
    if kind not in known:
        raise IomError(f"There is no report {kind!r}.", f"Known are {', '.join(known)}; add a row to reports.csv for another.")
    return known[kind]


def areas_of(source: Source, definition: Definition, wanted: str | None = None) -> list[Area]:
    """The areas that one report each is made of: the one that is `wanted` (code or name), or all that the definition says.

    Raises IomError when the area is not one that there are such reports of.
    """
    levels = (definition.area_type,) if definition.area_type else LEVELS
    known = _areas(source, levels)
    if wanted is None:
        return [area for area in known if _is_listed(area, definition)] if definition.area_type else [WHOLE]
    found = [area for area in known if wanted == area.code or wanted.casefold() == area.name.casefold()]
    if len(found) != 1:
        listed = ", ".join(f"{area.code} ({area.name})" for area in known)
        problem = "names several areas" if found else f"is not a {' or '.join(levels)} of the configuration"
        raise IomError(f"{wanted!r} {problem}.", f"Give the code of one of {listed}.")
    if not definition.sections_of(found[0]):
        raise IomError(f"No section of the report {definition.kind} has figures by {found[0].level}.", "Leave the area out.")
    return found


def protected_together(source: Source) -> list[Area]:
    """The whole partnership and the areas of every level, since areas add up to those that they lie in."""
    return [WHOLE, *_areas(source, LEVELS)]


def due(source: Source, day: date) -> tuple[list[Due], list[Due]]:
    """Kind, period and audience of what is made on a day, and of what waits for nights that are not built yet.

    That is the outcome report of the quarter that the month before lies in, while that is not over: once a night of it is built.
    And the reports whose period ended with that month, this one and those of the kinds that are made on schedule: once its last
    night is built.
    """
    end = scope.month_before(day).last
    of_kinds = [(definition, scope.containing(definition.period, end)) for definition in read(source).values()]
    running = (QUARTERLY, scope.containing("quarter", end), audiences.INTERNAL)
    ended = [
        (definition.kind, period, audience)
        for definition, period in of_kinds
        if period.last == end
        for audience in definition.audiences
    ]
    made: list[Due] = []
    waiting: list[Due] = []
    for report in dict.fromkeys([running, *ended]):
        kind, period, audience = report
        needed = period.first if period.last > end else period.last
        (made if needed <= source.business_date else waiting).append((kind, period.code, audience))
    return made, waiting


def _definition(row: Fact) -> Definition:
    return Definition(
        row["kind"], row["version"], row["title"], PERIODS[row["schedule"]], _listed(row["sections"]), _listed(row["audiences"]),
        row["area_type"], _listed(row["areas"]),
    )  # fmt: skip


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def _is_listed(area: Area, definition: Definition) -> bool:
    return area.level == definition.area_type and (not definition.areas or area.code in definition.areas)


def _areas(source: Source, levels: Sequence[str | None]) -> list[Area]:
    rows = source.definitions("areas", "area")
    return [Area(row["area"], row["area_type"], row["area_name"], row["parent"]) for row in rows if row["area_type"] in levels]
