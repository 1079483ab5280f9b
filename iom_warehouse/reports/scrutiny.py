"""Recommendations of inquiries by their category at the end of the period, minimum standards, and flags at charge.

The first two are about agencies, not about people.
"""

from datetime import date

from iom_warehouse.disclosure import Cell, Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, flags, standards, wording
from iom_warehouse.reports.drafts import LABEL, Draft, plain
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Source

SECTION = "scrutiny"
COUNTS = {
    "recommendations": "n_recommendations",
    "inquiries": "n_inquiries",
    "in_quarter": "n_assessed_in_quarter",
    "moved": "n_moved",
}
COLUMNS = plain(
    recommendations="Recommendations", inquiries="Inquiries that made them", in_quarter="Assessments in the period",
    moved="Of these, in another category before", monitored="Watched on",
)  # fmt: skip
REGISTER = plain(
    inquiry="Inquiry", owner="Who is to see to it", status="Where it stands", since="Since", before="Before that",
)  # fmt: skip
NONE = (
    "No recommendation of an inquiry was assessed by the end of the period, or the partnership's hub has not delivered any."
)
STANDS = "valid_from <= %(last)s and (valid_to is null or valid_to > %(last)s)"  # what a later assessment says is no news yet
ASSESSED = "assessed_on between %(first)s and %(last)s"
SELECT = (
    f"category, status, is_monitored, count(*) filter (where {STANDS}) as n_recommendations,"
    f" count(distinct inquiry) filter (where {STANDS}) as n_inquiries,"
    f" count(*) filter (where {ASSESSED}) as n_assessed_in_quarter,"
    f" count(*) filter (where {ASSESSED} and category_before <> category) as n_moved, max(data_cut) as data_cut"
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    reached = min(scope.last, source.business_date)
    facts = source.mart(
        "mart_partnership", "recommendation_history", f"{STANDS} or {ASSESSED}", "category", select=SELECT,
        group_by="category, status, is_monitored", first=scope.first, last=scope.last,
    )  # fmt: skip
    rows = tuple(
        Row(
            str(fact["category"]), f"{fact['category']}: {fact['status']}",
            figures.counts(fact, **COUNTS) | {"monitored": Cell("yes" if fact["is_monitored"] else "no")},
            context=Context(period_start=scope.first, period_end=scope.last, data_cut=fact["data_cut"]),
        )
        for fact in facts
    )  # fmt: skip
    recommendations = Draft(
        Table("recommendations", "Recommendations of inquiries by category", COLUMNS, rows),
        section=SECTION, meaning=lambda released: _meaning(released, reached), source_systems=("hub",), row_heading="Category",
        caveat="The category is that at the end of the period, as those who assessed it judged. What was assessed twice in the"
        " period has two assessments, each in the category that it gave. That a recommendation was achieved does not say that"
        " it worked.",
        when_empty=NONE,
    )  # fmt: skip
    beside = (standards.draft(source, scope, SECTION), flags.draft(source, scope, SECTION))
    return [recommendations, _register(source, scope), *beside]


def _register(source: Source, scope: Scope) -> Draft:
    """Each recommendation in the category in which it stood at the end of the period, in the words of the inquiry."""
    facts = source.mart(
        "mart_partnership", "recommendation_history", "valid_from <= %(last)s", "inquiry, recommendation, assessed_on",
        select=f"*, {STANDS} as stands", last=scope.last,
    )  # fmt: skip
    statuses = {fact["category"]: f"{fact['category']}: {fact['status']}" for fact in facts}
    rows = tuple(
        Row(
            str(place), fact["recommendation"],
            {
                "inquiry": Cell(fact["inquiry"], missing="not known"), "owner": Cell(fact["owner"], missing="not known"),
                "status": Cell(statuses[fact["category"]]), "since": Cell(wording.day(fact["assessed_on"])),
                "before": Cell(statuses.get(fact["category_before"]), missing="not assessed before"),
            },
            context=Context(period_start=scope.first, period_end=scope.last, data_cut=fact["data_cut"]),
        )
        for place, fact in enumerate(fact for fact in facts if fact["stands"])
    )  # fmt: skip
    return Draft(
        Table("recommendation_register", "Register of recommendations", REGISTER, rows),
        section=SECTION, meaning=_register_in_words, source_systems=("hub",),
        row_heading="Recommendation", free_text=(LABEL,),
        caveat="Recommendations are in the words of their inquiry. What an assessment rests on is with the hub.",
        when_empty=NONE,
    )  # fmt: skip


def _register_in_words(released: ReleasedTable) -> str:
    number = wording.number(len(released.rows), "recommendation stands", "recommendations stand")
    return f"{number} in the register." if released.rows else ""


def _meaning(released: ReleasedTable, reached: date) -> str:
    if not released.rows:
        return ""
    counts = {row.key: int(row.cells["recommendations"].value or 0) for row in released.rows}
    watched = sum(counts[row.key] for row in released.rows if row.cells["monitored"].text == "yes")
    number = wording.number(sum(counts.values()), "recommendation was", "recommendations were")
    return f"{number} assessed by {wording.day(reached)}; {counts.get('2', 0)} of them achieved and {watched} watched on."
