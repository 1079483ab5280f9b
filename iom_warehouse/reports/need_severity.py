"""Severe needs, and needs that assessors link to serious harm, of the people on a scheme beside those of everybody else."""

from iom_warehouse.disclosure import Cell, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, need_comparison, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SEVERE, HARM = "threshold", "linked"  # the basis of the comparison that tells of it
GROUPS = {SEVERE: "Severe: score at the section's second threshold", HARM: "Linked to serious harm by the assessor"}
WORST = {SEVERE: "severe", HARM: "linked_to_harm"}
SIDES = ("on_scheme", "others")
COLUMNS = (
    *figures.count_columns(on_scheme="On the scheme, assessed", on_scheme_worst="Of these, severe or linked to harm"),
    *figures.share_columns("on_scheme_worst", "on_scheme", "Share on the scheme", "on_scheme_"),
    *figures.count_columns(others="Others, assessed", others_worst="Of these, severe or linked to harm"),
    *figures.share_columns("others_worst", "others", "Share of the others", "others_"),
    *(figures.unseen(f"{side}_need") for side in SIDES),
)  # fmt: skip
CAVEAT = (
    "A severe need is a score at the second threshold of a section, such as 7 of 8 for accommodation; finance and emotional"
    " wellbeing have no threshold. Whether a section is linked to serious harm is the assessor's opinion: where nobody said"
    " so, it is not counted. Neither says that harm was done, nor that it will be. Whoever has no assessment that counts is on"
    " neither side."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the same people, on the same day, as the comparison of needs, whose counts have the same names here."""
    rows = tuple(_row(fact) for fact in need_comparison.facts(source, scope))
    title = f"Severe needs and needs linked to serious harm, of people on the scheme {need_comparison.SCHEME} and of others"
    table = Table("need_severity", title, COLUMNS, rows, counts_of=need_comparison.NAME)
    rests = [(f"{side}_worst", whole) for side in SIDES for whole in (side, f"{side}_need")]
    return Draft(
        figures.with_rests(table, *rests),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=need_comparison.FEEDS, row_heading="Section of OASys",
        when_empty=need_comparison.WHEN_EMPTY,
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    """Those with a severe need are among those with the need; a section can be linked to harm that is not to reoffending."""
    basis = fact["basis"]
    cells: dict[str, Cell] = {}
    for side in SIDES:
        assessed, worst = int(fact[f"n_{side}"]), int(fact[f"n_{side}_{WORST[basis]}"])
        need = Cell(int(fact[f"n_{side}_with_need"])) if basis == SEVERE else Cell()
        cells |= {side: Cell(assessed), f"{side}_worst": Cell(worst), f"{side}_need": need}
        cells |= figures.share_cells(worst, assessed, ratios.wilson(worst, assessed), "nobody was assessed", name=f"{side}_")
    return Row(
        f"{basis}:{fact['section']}", need_comparison.SECTIONS[fact["section"]], cells, GROUPS[basis],
        figures.context_on_day(fact),
    )  # fmt: skip


def _meaning(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    day = wording.day(reach.known_on(released.rows[0].contexts["on_scheme"]))
    (severe, of_severe), (harm, of_harm) = (_most(released, basis) for basis in (SEVERE, HARM))
    if not severe and not harm:
        return f"On {day} no share of people on the scheme above nought can be given."
    told = (
        f"On {day} a severe need of people on the scheme was most often{of_severe} one of {severe}." if severe else "",
        f"What assessors of people on the scheme linked to serious harm most often{of_harm} was {harm}." if harm else "",
    )
    return " ".join(filter(None, told)) + figures.so_far(released.rows[0].contexts["on_scheme"])


def _named(row: ReleasedRow) -> str:
    cells = row.cells
    return (
        f"{row.label.lower()}: {cells['on_scheme_worst'].text} of {wording.of_the(cells['on_scheme'])} assessed"
        f" ({cells['on_scheme_share'].text}; of the others {cells['others_share'].text})"
    )


def _most(released: ReleasedTable, basis: str) -> tuple[str, str]:
    """The section that counts most people on the scheme, none where none has any; and that it is of those that can be shown."""
    rows = [row for row in released.rows if row.key.startswith(f"{basis}:")]
    columns = ("on_scheme_worst", "on_scheme_share")
    most = wording.most(rows, *columns)
    return (_named(most) if most else ""), wording.of_those(rows, *columns)
