"""Needs by OASys of the people on a scheme beside those of everybody else who was assessed: which differ, and which may not."""

from decimal import Decimal

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.disclosure.tables import InWords
from iom_warehouse.reports import figures, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

NAME, SCHEME = "need_comparison", "PPO"
FEEDS = ("hub", "probation")
WHEN_EMPTY = (
    f"There is no comparison of needs: nobody on the scheme {SCHEME} has an OASys assessment that counts, or probation has"
    " delivered none."
)
LARGEST = 3  # differences that are named
SECTIONS = {
    "accommodation": "Accommodation", "ete": "Education, training and employment", "finance": "Finance",
    "relationships": "Relationships", "lifestyle": "Lifestyle and associates", "drugs": "Drug misuse",
    "alcohol": "Alcohol misuse", "emotional": "Emotional wellbeing", "thinking": "Thinking and behaviour",
    "attitudes": "Attitudes",
}  # fmt: skip
BASES = {
    "linked": "Linked to reoffending by the assessor",
    "threshold": "Score at the section's threshold or above (finance and emotional wellbeing have none)",
}
COUNTS = {"on_scheme": "n_on_scheme", "on_scheme_need": "n_on_scheme_with_need", "others": "n_others",
          "others_need": "n_others_with_need"}  # fmt: skip
WITH_NEED = (("on_scheme_need", "on_scheme"), ("others_need", "others"))
NOISE = "may be chance"
SHARES = ("on_scheme_share", "others_share")
CAVEAT = (
    "A difference is called chance where its interval holds nought. Of so many sections beside each other, one in twenty"
    " looks different by chance alone. People were chosen for the scheme because of how they offend, so that a need which"
    " they have more often is none that the scheme has made. Whoever has no assessment that counts is on neither side."
)


def _points(cell: Cell, _: InWords) -> str:
    low, high = (wording.signed(end) for end in cell.interval or (Decimal(0), Decimal(0)))
    return f"{wording.signed(Decimal(str(cell.value)))} ({low} to {high})"


def _share(name: str, part: str, whole: str, title: str) -> Column:
    return Column(name, title, "rate", wording.percentage, (whole, part), (part, whole), is_share=True)


COLUMNS = (
    *figures.count_columns(on_scheme="On the scheme", on_scheme_need="Of these, with the need"),
    _share(SHARES[0], "on_scheme_need", "on_scheme", "Share on the scheme"),
    *figures.count_columns(others="Others", others_need="Of these, with the need"),
    _share(SHARES[1], "others_need", "others", "Share of the others"),
    Column("difference", "Difference in percentage points (95% interval, Newcombe)", "plain", _points, SHARES, tells_counts=True),
    Column("reading", "On the scheme", "plain", made_of=SHARES),
)  # fmt: skip


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """The order of the rows says nothing of hidden differences."""
    rows = tuple(_row(fact) for fact in facts(source, scope))
    title = f"Needs of people on the scheme {SCHEME} and of others, by section of OASys"
    return Draft(
        figures.with_rests(Table(NAME, title, COLUMNS, rows), *WITH_NEED),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=FEEDS, row_heading="Section of OASys",
        when_empty=WHEN_EMPTY,
    )  # fmt: skip


def facts(source: Source, scope: Scope) -> list[Fact]:
    """On the last day of the period that the mart has, in the order of the sections."""
    return reach.last_known(source.mart(
        "mart_needs", "need_comparison",
        f"scheme = %(scheme)s and {figures.OF_AREA} and group_by = 'all' and as_on between %(first)s and %(last)s",
        "as_on, basis, array_position(%(sections)s, section)", scheme=SCHEME, sections=list(SECTIONS), first=scope.first,
        last=scope.last, **scope.place,
    ))  # fmt: skip


def context(fact: Fact) -> Context:
    return Context(
        period_start=fact["as_on"], period_end=fact["as_on"], data_cut=fact["data_cut"],
        maturity="final" if fact["is_complete"] else "provisional",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    shares = {
        SHARES[0]: _share_cell(fact, "share_on_scheme", "n_on_scheme_with_need", "n_on_scheme"),
        SHARES[1]: _share_cell(fact, "share_others", "n_others_with_need", "n_others"),
    }
    points = [wording.rounded(wording.as_percent(fact[name])) for name in ("difference", "ci_low", "ci_high")]
    difference, low, high = points
    cells = figures.counts(fact, **COUNTS) | shares
    missing = "nobody to compare with"
    if difference is None or low is None or high is None:
        cells |= {"difference": Cell(missing=missing), "reading": Cell(missing=missing)}
    else:
        cells |= {"difference": Cell(difference, (low, high)), "reading": Cell(_reading(fact))}
    key = f"{fact['basis']}:{fact['section']}"
    return Row(key, SECTIONS[fact["section"]], cells, BASES[fact["basis"]], context(fact))


def _share_cell(fact: Fact, share: str, part: str, whole: str) -> Cell:
    return Cell(
        wording.rounded(wording.as_percent(fact[share]), wording.decimals_for(fact[whole])), numerator=int(fact[part]),
        denominator=int(fact[whole]), missing="nobody was assessed", says=ratios.only_value(ratios.share),
    )  # fmt: skip


def _reading(fact: Fact) -> str:
    return NOISE if fact["is_noise"] else "more often" if fact["difference"] > 0 else "less often"


def _meaning(released: ReleasedTable) -> str:
    """The largest differences by what assessors linked to reoffending, which all ten sections are asked about, as they print."""
    compared = [row for row in released.rows if row.key.startswith("linked:") and not row.cells["reading"].is_hidden]
    compared = [row for row in compared if row.cells["reading"].status != "missing"]
    if not compared:
        return "No difference can be given." if released.rows else ""
    told = [row for row in compared if row.cells["reading"].text != NOISE]
    day = wording.day(reach.known_on(compared[0].contexts["on_scheme"]))
    chance = len(compared) - len(told)
    if not told:
        return f"On {day} each of the {len(compared)} differences between people on the scheme and others may be chance."
    largest = wording.listed([_named(row) for row in sorted(told, key=_apart, reverse=True)[:LARGEST]])
    may_be = f" Of the {len(compared)} differences {chance} may be chance." if chance else ""
    return f"On {day} needs of people on the scheme differed most from those of others in {largest}.{may_be}" + figures.so_far(
        told[0].contexts["on_scheme"]
    )


def _apart(row: ReleasedRow) -> Decimal:
    ours, others = (row.cells[name].value or Decimal(0) for name in SHARES)
    return abs(ours - others)


def _named(row: ReleasedRow) -> str:
    ours, others = (row.cells[name].text for name in SHARES)
    return f"{row.label.lower()} ({ours} against {others})"
