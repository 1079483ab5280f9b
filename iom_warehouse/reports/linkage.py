"""How far the records of different agencies are linked, what waits for a steward, and what has changed in a month."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Row, Table, Tie
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft, rows_of
from iom_warehouse.reports.source import Fact, Source

SECTION = "quality"
IDENTIFIERS = {"pnc": "PNC", "cro": "CRO number", "prison_number": "prison number", "crn": "CRN"}
SIZES = {"1": "1 record", **{str(n): f"{n} records" for n in range(2, 6)},
         **{size: f"{size} records" for size in ("6 to 10", "11 to 20", "more than 20")}}  # fmt: skip
WORK = {
    ("uncertain_pairs", "scored"): "Two people who may be one",
    ("uncertain_pairs", "dip_candidate"): "Clients of drug services who may be a known person or one another",
    ("conflicts", "suspected_twins"): "Suspected twins",
    ("conflicts", "two_pncs"): "Records of one person but for two different PNCs",
    ("conflicts", "identifier_contradicted"): "Records that share an identifier which the rest speaks against",
    ("conflicts", "steward_different"): "Records kept apart by a steward against the model",
    ("conflicts", "dip_ambiguous"): "Clients of drug services whose identifiers belong to more than one person",
    ("conflicts", "dip_contradicted"): "Clients of drug services unlike whoever holds their identifier",
    ("decisions", "same"): "Decisions of stewards that stand: the same person",
    ("decisions", "different"): "Decisions of stewards that stand: different people",
}
NO_FIGURES = "No linkage figures were built."
NO_MONTH = "no night a month before"
STEP = "step"  # from a month before to now, one way or the other: a few people are in the difference of two large counts


def drafts(source: Source) -> list[Draft]:
    """Linked records, people in common, people by size, work of stewards, identifiers that are not used."""
    facts = source.mart("mart_quality", "linkage_quality", order="figure, feed, item, reason")
    return [_linked(facts), _in_common(facts), _by_size(facts), _work(facts), _unused(facts)]


def _of(facts: list[Fact], figure: str) -> list[Fact]:
    return [fact for fact in facts if fact["figure"] == figure]


def _linked(facts: list[Fact]) -> Draft:
    people, linked_people = ({fact["feed"]: fact["n"] for fact in _of(facts, figure)} for figure in ("people", "linked_people"))
    found = _rows([
        (wording.feed(fact["feed"]), {
            "records": Cell(fact["of_n"], people=people[fact["feed"]]),
            "people": Cell(people[fact["feed"]], fact=_people_of(fact["feed"])),
            "linked": Cell(fact["n"], people=linked_people[fact["feed"]]),
            "share": Cell(
                wording.rounded(wording.as_percent(fact["share"]), 1), numerator=fact["n"], denominator=fact["of_n"],
                missing="no records", says=_one_decimal,
            ),
            **_month_before(fact),
            "not_linked": fact["of_n"] - fact["n"],
        })
        for fact in _of(facts, "linked_records") if fact["of_n"]
    ])  # fmt: skip
    columns = (
        *figures.count_columns(
            records="Records of people", people="People", linked="Records of people whom another feed knows too",
        ),
        Column("share", "Share of records", "rate", wording.percentage, ("records", "linked"), ("linked", "records"), True),
        Column("before", "Share a month before", "rate", wording.percentage),
        Column("change", "Change in percentage points", "rate", wording.with_sign, ("share", "before")),
        figures.unseen("not_linked"), figures.part_of("people", "records"),
    )  # fmt: skip
    ties = figures.add_up(found, "records", "linked", "not_linked")
    meaning = (
        "Records of different agencies are one person when names, birth date, addresses and identifiers together say so. A low"
        " share, or one that fell, can mean that a feed leaves identifiers out;"
        " events recorded under an unlinked record are then missing from the figures."
    )
    return _draft("linkage", "People linked across agencies", "Feed", columns, found, meaning, NO_FIGURES, ties)


def _month_before(fact: Mapping[str, Any]) -> dict[str, Cell]:
    """The share of records a month before, and by how much it has changed, of a row of the figures; there may be none."""
    part, share, change = (fact.get(name) for name in ("n_before", "share_before", "points_change"))
    made_of: dict[str, Any] = {"numerator": part, "denominator": round(part / share) if share else None, "missing": NO_MONTH}
    return {
        "before": Cell(wording.rounded(wording.as_percent(share), 1), **made_of),
        "change": Cell(wording.rounded(change, 1), **made_of),
    }


def _one_decimal(part: int, whole: int) -> tuple[Decimal | None, None]:
    """A share in per cent; nothing of no records."""
    return (wording.rounded(100 * part / whole, 1) if whole else None), None


def _in_common(facts: list[Fact]) -> Draft:
    common = {(fact["feed"], fact["item"]): fact for fact in _of(facts, "people_in_common")}
    found = [
        (f"{wording.feed(one)} and {wording.feed(other)}", {
            "people": fact["n"], "share": _share(fact), "other_share": _share(common[other, one]),
            "before": Cell(fact["n_before"], missing=NO_MONTH),
            "one": Cell(fact["of_n"], fact=_people_of(one)), "other": Cell(common[other, one]["of_n"], fact=_people_of(other)),
        })
        for (one, other), fact in common.items() if one < other
    ]  # fmt: skip
    rows, ties = figures.with_steps(_rows(found), "people", "before", STEP)
    columns = (
        Column("people", "People whom both know", "count"),
        _share_of("share", "one", "Share of the first one's people"),
        _share_of("other_share", "other", "Share of the second one's people"),
        Column("before", "People a month before", "count"),
        *map(figures.unseen, (STEP, "one", "other")),
    )
    meaning = "People whose records are linked, two agencies at a time. Whoever is known to three is in three rows."
    found_draft = _draft("people_in_common", "People known to two agencies", "Feeds", columns, rows, meaning, NO_FIGURES, ties)
    # whom one of the two does not know can be worked out, since the table before has the people of each
    return replace(found_draft, table=figures.with_rests(found_draft.table, ("people", "one"), ("people", "other")))


def _people_of(feed: str) -> str:
    return f"people with a record of {feed}"


def _by_size(facts: list[Fact]) -> Draft:
    of_size = {fact["item"]: fact for fact in _of(facts, "people_by_size")}
    found = _rows([
        (words, {"people": of_size[size]["n"], "share": _share(of_size[size]),
                 "total": Cell(of_size[size]["of_n"], fact="people with records"),
                 "before": Cell(of_size[size]["n_before"], missing=NO_MONTH)})
        for size, words in SIZES.items() if size in of_size
    ])  # fmt: skip
    columns = (
        Column("people", "People", "count"),
        _share_of("share", "total", "Share of people"),
        Column("before", "People a month before", "count"),
        *map(figures.unseen, (STEP, "total")),
    )
    found, ties = figures.with_steps(found, "people", "before", STEP)
    meaning = "Most people have a record in one agency or in a few. A person of very many records may be several people."
    # their total is not in the table, but the shares tell it, and those of a month before told the one of then
    now, before = (tuple((row.key, name) for row in found) for name in ("people", "before"))
    ties += (Tie(tuple((row.key, "total") for row in found[:1]), now), Tie((), before))
    title = "People by the number of their records"
    return _draft("people_by_size", title, "Records of a person", columns, found, meaning, NO_FIGURES, ties)


def _work(facts: list[Fact]) -> Draft:
    held = {(fact["figure"], fact["item"]): fact for fact in facts}
    found = [
        (words, {"now": fact["n"], "before": Cell(fact["n_before"], missing=NO_MONTH),
                 "change": Cell(wording.rounded(fact["pct_change"], 1), missing="no figure to compare with",
                                numerator=fact["n_before"], denominator=fact["n"])})
        for key, words in WORK.items() if (fact := held.get(key))
    ]  # fmt: skip
    rows, ties = figures.with_steps(_rows(found), "now", "before", STEP)
    columns = (
        Column("now", "Now", "count"),
        Column("before", "A month before", "count"),
        Column("change", "Change", "rate", wording.change, ("now", "before")),
        figures.unseen(STEP),
    )
    meaning = (
        "Where the evidence is uncertain or contradicts itself, records stay apart until a steward has decided. Decisions are"
        " never overturned by the model."
    )
    return _draft("linkage_work", "Links that wait for a decision", "What waits", columns, rows, meaning,
                  "Nothing waits for a steward, and nothing was decided.", ties)  # fmt: skip


def _unused(facts: list[Fact]) -> Draft:
    found = [
        (f"{wording.feed(fact['feed'])}, {IDENTIFIERS[fact['item']]}: {fact['reason']}", {
            "records": fact["n"], "share": _share(fact), "before": Cell(fact["n_before"], missing=NO_MONTH),
        })
        for fact in _of(facts, "identifiers_rejected") if fact["n"]
    ]  # fmt: skip
    columns = (
        Column("records", "Records", "count"),
        Column("share", "Share of those with one", "rate", wording.percentage, ("records",)),
        Column("before", "Records a month before", "count"),
        figures.unseen(STEP),
    )
    rows, ties = figures.with_steps(_rows(found), "records", "before", STEP)
    meaning = "Identifiers that cannot be right, or stand for nobody, are kept as delivered and never matched on."
    return _draft("identifiers_rejected", "Identifiers that are not used", "Feed and identifier", columns, rows,
                  meaning, "Every identifier that was delivered is used.", ties)  # fmt: skip


def _share_of(name: str, whole: str, title: str) -> Column:
    """The share that the people of a row are of a count which nobody prints."""
    return Column(name, title, "rate", wording.percentage, ("people",), ("people", whole), is_share=True)


def _share(fact: Fact) -> Cell:
    return Cell(
        wording.rounded(wording.as_percent(fact["share"]), 1), numerator=fact["n"], denominator=fact["of_n"], missing="nobody",
        says=_one_decimal,
    )  # fmt: skip


def _rows(labelled: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[Row, ...]:
    """Keyed by what they are about, so that a later release knows the same count again when there are more rows."""
    return tuple(replace(row, key=row.label) for row in rows_of(labelled))


def _draft(
    name: str,
    title: str,
    row_heading: str,
    columns: tuple[Column, ...],
    found: tuple[Row, ...],
    meaning: str,
    when_empty: str,
    ties: tuple[Tie, ...] = (),
) -> Draft:
    table = Table(name, title, columns, found, ties)
    return Draft(table, SECTION, lambda _: meaning, when_empty, row_heading=row_heading)
