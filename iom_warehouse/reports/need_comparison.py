"""Needs by OASys of the people on a scheme beside those of everybody else who was assessed: which differ, and which may not."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from iom_warehouse.disclosure import Cell, Column, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

NAME, SCHEME, ANY = "need_comparison", "PPO", "any"
NAME_OF_ANY = f"{NAME}_{ANY}"
ON = {SCHEME: "people on the scheme", ANY: "people on any scheme"}
FEEDS = ("hub", "probation")
WHEN_EMPTY = (
    "There is no comparison of needs: nobody on the scheme has an OASys assessment that counts, or probation has delivered none."
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
EVERYBODY = {"everybody": ("on_scheme", "others"), "everybody_need": ("on_scheme_need", "others_need")}
ON_PPO, ON_OTHERS = "{}_ppo", "{}_without_ppo"  # of those on any scheme
NOISE = "may be chance"
SHARES = ("on_scheme_share", "others_share")
CAVEAT = (
    "A difference is called chance where its interval holds nought. Of so many sections beside each other, one in twenty"
    " looks different by chance alone. People were chosen for the scheme because of how they offend, so that a need which"
    " they have more often is none that the scheme has made. Whoever has no assessment that counts is on neither side."
)


def _share(name: str, part: str, whole: str, title: str) -> Column:
    return Column(name, title, "rate", wording.percentage, (whole, part), (part, whole), is_share=True)


COLUMNS = (
    *figures.count_columns(on_scheme="On the scheme", on_scheme_need="Of these, with the need"),
    _share(SHARES[0], "on_scheme_need", "on_scheme", "Share on the scheme"),
    *figures.count_columns(others="Others", others_need="Of these, with the need"),
    _share(SHARES[1], "others_need", "others", "Share of the others"),
    Column("difference", "Difference in percentage points", "plain", wording.with_sign, SHARES, tells_counts=True),
    Column(
        "interval", "95% interval of the difference (Newcombe)", "plain", wording.interval_with_signs, SHARES, tells_counts=True
    ),
    Column("reading", "On the scheme", "plain", made_of=SHARES),
)  # fmt: skip


def drafts(source: Source, scope: Scope, section: str) -> list[Draft]:
    """People on the scheme beside everybody else, and people on any scheme beside those on none.

    Both are the same people together, and the first are a part of the others: nobody prints what that leaves, but everybody can
    work it out. The order of the rows says nothing of hidden differences.
    """
    rows = {scheme: [_row(fact) for fact in facts(source, scope, scheme)] for scheme in ON}
    titles = {SCHEME: f"people on the scheme {SCHEME} and of others", ANY: "people on any scheme and of those on none"}
    names = {SCHEME: NAME, ANY: NAME_OF_ANY}
    tables = {scheme: Table(names[scheme], f"Needs of {titles[scheme]}, by section of OASys", COLUMNS, ()) for scheme in ON}
    of_ppo = {row.key: row for row in rows[SCHEME]}
    rows[ANY] = [_with_part(row, of_ppo.get(row.key)) for row in rows[ANY]]
    return [
        Draft(
            _with_sums(replace(tables[scheme], rows=tuple(rows[scheme]))),
            section=section, meaning=partial(_meaning, who=who), caveat=CAVEAT, source_systems=FEEDS,
            row_heading="Section of OASys", when_empty=WHEN_EMPTY,
        )
        for scheme, who in ON.items()
    ]  # fmt: skip


def facts(source: Source, scope: Scope, scheme: str = SCHEME) -> list[Fact]:
    """On the last day of the period that the mart has, in the order of the sections."""
    return reach.last_known(source.mart(
        "mart_needs", "need_comparison",
        f"scheme = %(scheme)s and {figures.OF_AREA} and group_by = 'all' and as_on between %(first)s and %(last)s",
        "as_on, basis, array_position(%(sections)s, section)", scheme=scheme, sections=list(SECTIONS), first=scope.first,
        last=scope.last, **scope.place,
    ))  # fmt: skip


def _with_part(row: Row, part: Row | None) -> Row:
    """Of those on any scheme, the people on the first one, by their name in its table, and those on others only."""
    if part is None:
        return row
    cells = dict(row.cells)
    for name in ("on_scheme", "on_scheme_need"):
        ours, whole = part.cells[name].value, row.cells[name].value
        if isinstance(ours, int) and isinstance(whole, int) and ours <= whole:
            fact = Table(NAME, "", (), ()).name_of((row.key, name), row.context)
            cells |= {ON_PPO.format(name): Cell(ours, fact=fact), ON_OTHERS.format(name): Cell(whole - ours)}
    return replace(row, cells=cells)


def _with_sums(table: Table) -> Table:
    """The table with what everybody can work out: those without the need, all assessed, and who is on other schemes only."""
    ties = [tie for whole, parts in EVERYBODY.items() for tie in figures.add_up(table.rows, whole, *parts)]
    for name in ("on_scheme", "on_scheme_need"):
        having = [row for row in table.rows if ON_PPO.format(name) in row.cells]
        ties += figures.add_up(having, name, ON_PPO.format(name), ON_OTHERS.format(name))
    names = (*EVERYBODY, *(of.format(name) for name in ("on_scheme", "on_scheme_need") for of in (ON_PPO, ON_OTHERS)))
    columns = (*table.columns, *map(figures.unseen, names))
    of_others = ON_OTHERS.format("on_scheme_need"), ON_OTHERS.format("on_scheme")
    return figures.with_rests(replace(table, columns=columns, ties=(*table.ties, *ties)), *WITH_NEED, of_others)


def _row(fact: Fact) -> Row:
    shares = {
        SHARES[0]: _share_cell(fact, "share_on_scheme", "n_on_scheme_with_need", "n_on_scheme"),
        SHARES[1]: _share_cell(fact, "share_others", "n_others_with_need", "n_others"),
    }
    difference, low, high = (wording.as_percent(fact[name]) for name in ("difference", "ci_low", "ci_high"))
    ends = wording.interval(low, high)
    cells = figures.counts(fact, **COUNTS) | shares | _everybody(fact)
    missing = "nobody to compare with"
    if difference is None or ends is None:
        cells |= dict.fromkeys(("difference", "interval", "reading"), Cell(missing=missing))
    else:
        cells |= {
            "difference": Cell(wording.rounded(difference)), "interval": Cell(interval=ends), "reading": Cell(_reading(fact)),
        }  # fmt: skip
    key = f"{fact['basis']}:{fact['section']}"
    return Row(key, SECTIONS[fact["section"]], cells, BASES[fact["basis"]], figures.context_on_day(fact))


def _everybody(fact: Fact) -> dict[str, Cell]:
    """Everybody assessed, whichever scheme is compared with the others."""
    of = f"{fact['basis']} {fact['section']}, {fact['area_level']} {fact['area']}, on {fact['as_on']}"
    return {
        "everybody": Cell(int(fact["n_on_scheme"] + fact["n_others"]), fact=f"assessed by OASys, {of}"),
        "everybody_need": Cell(
            int(fact["n_on_scheme_with_need"] + fact["n_others_with_need"]), fact=f"with the need by OASys, {of}"
        ),
    }


def _share_cell(fact: Fact, share: str, part: str, whole: str) -> Cell:
    return Cell(
        wording.rounded(wording.as_percent(fact[share]), wording.decimals_for(fact[whole])), numerator=int(fact[part]),
        denominator=int(fact[whole]), missing="nobody was assessed", says=ratios.only_value(ratios.share),
    )  # fmt: skip


def _reading(fact: Fact) -> str:
    return NOISE if fact["is_noise"] else "more often" if fact["difference"] > 0 else "less often"


def _meaning(released: ReleasedTable, who: str = ON[SCHEME]) -> str:
    """The largest differences by what assessors linked to reoffending, which all ten sections are asked about, as they print."""
    linked = [row for row in released.rows if row.key.startswith("linked:")]
    compared = [row for row in linked if not row.cells["reading"].is_hidden and row.cells["reading"].status != "missing"]
    of_those = wording.of_those(linked, "reading")
    if not compared:
        return "No difference can be given." if released.rows else ""
    told = [row for row in compared if row.cells["reading"].text != NOISE]
    day = wording.day(reach.known_on(compared[0].contexts["on_scheme"]))
    chance = len(compared) - len(told)
    if not told:
        which = " that can be shown" if of_those else ""
        return f"On {day} each of the {len(compared)} differences{which} between {who} and others may be chance."
    largest = wording.listed([_named(row) for row in sorted(told, key=_apart, reverse=True)[:LARGEST]])
    may_be = f" Of the {len(compared)} differences {chance} may be chance." if chance else ""
    differed = f"On {day} needs of {who} differed most{of_those} from those of others in {largest}.{may_be}"
    return differed + figures.so_far(told[0].contexts["on_scheme"])


def _apart(row: ReleasedRow) -> Decimal:
    ours, others = (row.cells[name].value or Decimal(0) for name in SHARES)
    return abs(ours - others)


def _named(row: ReleasedRow) -> str:
    ours, others = (row.cells[name].text for name in SHARES)
    return f"{row.label.lower()} ({ours} against {others})"
