"""Whether the file told the prosecutor that the person charged is on a scheme."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

EITHER = "PPO or IOM"
SCHEMES = {EITHER: "On PPO or IOM", "PPO": "On PPO", "IOM": "On IOM"}
COUNTS = ("flagged", "not_flagged", "not_said")
ALL_COUNTS = ("charges", *COUNTS, "known")
SHOWN = figures.count_columns(charges="Charges", flagged="Flagged", not_flagged="Not flagged", not_said="Not said")
COLUMNS = (
    *SHOWN,
    *figures.share_columns("flagged", "known", "Flagged, of those known"),
    figures.unseen("known"),
    *(figures.unseen(figures.MORE.format(name)) for name in ALL_COUNTS),
)
CAVEAT = (
    "Who was on a scheme is asked of the day of the charge. A file that does not say is neither flagged nor not. Whoever is on"
    " both schemes counts in each of them and once in the first row; somebody charged twice is two charges."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the last quarter that has ended and has any, or of a year's quarters together."""
    of = (
        source, "mart_partnership", "scheme_flag_at_charge", scope, f"scheme = any(%(schemes)s) and {figures.OF_AREA}",
        "array_position(%(schemes)s, scheme)",
    )  # fmt: skip
    parameters = {"schemes": list(SCHEMES), **scope.place}
    facts = figures.of_quarters(
        *of, key=("scheme",), adding_up=("n_charges", "n_flagged", "n_not_said"), largest=("n_people",), **parameters
    )
    parts = figures.by_key(figures.quarters_of(*of, **parameters), lambda fact: str(fact["scheme"]))
    rows = [_row(fact) for fact in facts]
    ties = (*figures.add_up(rows, "charges", *COUNTS), *figures.add_up(rows, "known", "flagged", "not_flagged"))
    if rows and rows[0].key == EITHER:
        rows[0], more = figures.more_than_once(rows[0], rows[1:], ALL_COUNTS)
        ties = (*ties, *more)
    table = Table("scheme_flag_at_charge", "Charges that told the prosecutor of the scheme", COLUMNS, tuple(rows), ties)
    return Draft(
        figures.made_of_parts(table, scope, parts, _cells, *ALL_COUNTS),
        section=section, meaning=lambda released: _meaning(released, scope), caveat=CAVEAT, source_systems=("police", "hub"),
        row_heading="Scheme",
        when_empty=f"Nobody on PPO or IOM was charged in {figures.sought_in(scope)}, or the police have delivered no charges.",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    flagged, known = int(fact["n_flagged"]), int(fact["n_charges"] - fact["n_not_said"])
    people = figures.at_least(known, int(fact["n_charges"]), int(fact["n_people"]))
    shares = figures.share_cells(flagged, known, ratios.wilson(flagged, known), "no file says", people)
    return Row(fact["scheme"], SCHEMES[fact["scheme"]], _cells(fact) | shares, context=figures.context(fact))


def _cells(fact: Fact) -> dict[str, Cell]:
    known = fact["n_charges"] - fact["n_not_said"]
    counted = fact | {"known": known, "not_flagged": known - fact["n_flagged"]}
    columns = {"flagged": "n_flagged", "not_flagged": "not_flagged", "not_said": "n_not_said", "known": "known"}
    charges = Cell(int(fact["n_charges"]), people=int(fact["n_people"]))
    return {"charges": charges, **figures.behind(counted, "n_charges", "n_people", **columns)}


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    share = wording.in_brackets(row.cells["share"], "of those known")
    context = row.contexts["charges"]
    return (
        f"{row.cells['flagged'].text} of {wording.counted(row.cells['charges'], 'charge', 'charges')} of people"
        f" {row.label[:1].lower()}{row.label[1:]} {figures.when_in_quarters(context, scope)} told the prosecutor so{share}; of"
        f" {row.cells['not_said'].text} the file does not say." + figures.so_far(context)
    )
