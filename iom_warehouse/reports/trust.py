"""How far figures of reoffending can be trusted, measure by measure, and who was left out of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact, Source

REASONS = {
    "feed_never_delivered": "the feed that tells of events never came",
    "no_police_record": "not known to the police", "died_before": "died before the follow-up",
    "in_custody_beyond": "in custody for too long to offend",
    "release_not_known": "in custody without a date of release", "no_offence_in_baseline": "no offence in the baseline",
    "no_predictor_score": "no score to predict from",
}  # fmt: skip
CAUTIONS = Column("cautions", "Cautions", "plain", wording.findings, numbers_with=("people",))
COMPARED = ("baseline", "total")  # of the measure's own table: what is made of them is hidden with them
MADE_OF = ("people", *COMPARED)
TRUST = (
    Column("people", "People", "count"),
    Column(
        "interval", "95% interval of the change in the measure's own table, drawing whole people", "rate",
        wording.change_interval, MADE_OF,
    ),
    Column("baseline_days", "Days at liberty in the baseline", "plain", made_of=MADE_OF, tells_counts=True),
    Column("days", "Days at liberty in the follow-up", "plain", made_of=MADE_OF, tells_counts=True),
    Column("at_liberty", "Change per day at liberty", "rate", wording.change, MADE_OF),
    Column("without_1", "Change without the most active person", "rate", wording.change, MADE_OF),
    Column("without_2", "Change without the most active two", "rate", wording.change, MADE_OF),
    CAUTIONS,
    *(figures.unseen(name) for name in COMPARED),
)  # fmt: skip
CAVEAT = (
    "The interval says what chance does when each person comes with all of their offences; it does not take away that people are"
    " chosen for a scheme when they offend most. Days at liberty are those outside prison as far as prisons delivered them. A"
    " change that goes away without one or two people is a change of those people and not of the cohort."
)


def drafts(source: Source, tables: Iterable[tuple[Measure, Table]]) -> list[Draft]:
    """Of the measures and their tables in the same report: a count of people is the same count there and here."""
    listed = list(tables)
    if not listed:
        return []
    return [_trust(source, listed), _left_out(source, [measure for measure, _ in listed])]


def _trust(source: Source, tables: Sequence[tuple[Measure, Table]]) -> Draft:
    facts = source.mart(
        "mart_reoffending", "reoffending_uncertainty", "group_by = 'all'", "measure_id, measure_version, period_end"
    )
    rows = tuple(
        _row(measure, table, last)
        for measure, table in tables
        if measure.has_baseline and (last := _last(measure, [fact for fact in facts if measure.has(fact)]))
    )
    return Draft(
        Table("trust", "How far the changes can be trusted", TRUST, rows),
        section=measures.SECTION, meaning=_trust_in_words, caveat=CAVEAT, row_heading="Measure",
        when_empty="No measure that sets a period against a baseline has a period that is over.",
    )  # fmt: skip


def _last(measure: Measure, facts: Sequence[Fact]) -> Fact | None:
    """The last period that was over when the data were taken, with its row of the summary."""
    summary = {
        row["period_end"]: row for row in measure.rows if row["group_by"] == "all" and row["period_end"] <= row["data_cut"]
    }
    over = [fact | {"of_summary": summary[fact["period_end"]]} for fact in facts if fact["period_end"] in summary]
    return over[-1] if over else None


def _row(measure: Measure, table: Table, fact: Fact) -> Row:
    of_summary = fact["of_summary"]
    of_people = {"denominator": of_summary["n_people"], "people": of_summary["n_distinct_people"]}
    key = measure.area.key
    of_crimes = measure.definition["count_unit"] == "distinct_crime"
    why = "not worked out: a crime of several people is one crime" if of_crimes else "only at the end of the follow-up"
    cells = {
        "people": measures.count(
            of_summary["n_people"], people=of_people["people"], most=of_summary["most_entries"],
            fact=table.fact((key, "people")) if (key, "people") in table.cells else "",
        ),
        "baseline_days": measures.count(fact["baseline_days_at_risk"], "not known"),
        "days": measures.count(fact["days_at_liberty"], "not known"),
        "at_liberty": Cell(wording.rounded(fact["pct_change_at_risk"]), **of_people, missing="no days at liberty"),
        "interval": Cell(
            interval=wording.interval(fact["bootstrap_low"], fact["bootstrap_high"]), **of_people, missing=why
        ),
        # What is left without one person tells, beside the whole, how much that person did: it is a figure of one or two people.
        "without_1": Cell(wording.rounded(fact["pct_change_without_1"]), denominator=1, missing=why),
        "without_2": Cell(wording.rounded(fact["pct_change_without_2"]), denominator=2, missing=why),
        "cautions": Cell(fact["cautions"], missing="none"),
    } | {
        name: replace(cell, fact=table.fact((key, name))) for name in COMPARED if (cell := table.cells.get((key, name)))
    }  # fmt: skip
    return Row(measure.counts_of, measure.title, cells, context=measure.row_context(of_summary))


def _trust_in_words(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["interval"].interval]
    unsure = [row.label for row in known if (ends := row.cells["interval"].interval) and ends[0] <= 0 <= ends[1]]
    if any(row.cells["interval"].is_hidden for row in released.rows) and not known:
        return "The intervals that draw whole people instead of single offences are hidden for this audience."
    if not known:
        return "There is no interval yet that draws whole people instead of single offences: it comes when a follow-up ends."
    drawn = "Drawing whole people instead of single offences makes an interval wider."
    if not unsure:
        return f"{drawn} By those that are shown, each change here is more than chance alone would explain."
    return f"{drawn} These changes could be chance by it: {wording.listed(unsure)}."


def _left_out(source: Source, of_measures: Sequence[Measure]) -> Draft:
    """How many were members in all is not shown: less the people counted it would give away how many were left out."""
    facts = source.mart("mart_cohort", "cohort_exclusion", "group_by = 'all'", "measure_id, measure_version, reason")
    rows = tuple(
        Row(
            f"{measure.counts_of}:{fact['reason']}",
            REASONS.get(fact["reason"], wording.plain_words(fact["reason"])).capitalize(),
            {"people": measures.count(fact["n_people"], people=fact["n_distinct_people"]),
             "only": measures.count(fact["only_reason_count"], people=fact["n_distinct_only"])},
            measure.title, measure.context,
        )
        for measure in of_measures for fact in facts if measure.has(fact)
    )  # fmt: skip
    columns = figures.count_columns(people="Members left out", only="Of these, for no other reason")
    table = Table("left_out", "Members of the cohorts whom a measure leaves out, and why", columns, rows)
    return Draft(
        figures.with_rests(table, ("only", "people")),
        section=measures.SECTION, row_heading="Reason",
        meaning=lambda _: "A person with two reasons stands in both rows, so the rows do not add up.",
        caveat="Leaving people out makes a figure clearer, not better or worse; a measure of everybody would be another figure.",
        when_empty="No measure leaves any member of its cohort out.",
    )  # fmt: skip
