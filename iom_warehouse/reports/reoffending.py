"""Reoffending: a table for each measure of the cohorts, then how far they can be trusted and who was left out of them."""

from dataclasses import replace

from iom_warehouse.reports import follow_up, harm, maturity, measures, overlaps, phases, reach, static_cohort, survival, trust
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Source

SECTION = measures.SECTION


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """Figures of measures run from their own days, whatever the period. How far to trust them is said of whole cohorts only."""
    of_measures = measures.read(source, scope.area)
    parts = overlaps.parts(of_measures)
    found = [replace(_of_measure(measure), part_of=parts.get(measure.name, {})) for measure in of_measures]
    if not scope.area.is_whole:
        return found
    never = reach.never_delivered(source)
    beside = [
        (measure, draft.table) for measure, draft in zip(of_measures, found, strict=True) if not reach.missing(draft, never)
    ]
    return [
        *found, *survival.drafts(source, beside), *phases.drafts(source), *maturity.drafts(source, beside),
        *trust.drafts(source, beside), *harm.drafts(source, beside),
    ]  # fmt: skip


def _of_measure(measure: Measure) -> Draft:
    draft = (follow_up if measure.definition["comparison"] == "none" else static_cohort).draft(measure)
    return replace(draft, of_measure=measure if measure.area.is_whole else None)
