"""Assessments under supervision: OASys with its answers, and predictor scores.

Each person leans to each kind of need; answers scatter about that, and a review finds a little less of it.
"""

from datetime import date

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Rng, chance, days, stream
from iom_warehouse.synthetic.generator.history import History, Late

QUESTIONS = {
    "accommodation": "no_fixed_abode suitability permanence location",
    "ete": "unemployed employment_history skills attitude",
    "finance": "situation debt budgeting",
    "relationships": "family childhood previous_close",
    "lifestyle": "activities influenced recklessness",
    "drugs": "current main_drug_level injected motivation major_activity",
    "alcohol": "current binge frequency motivation",
    "emotional": "coping self_harm attitude_self",
    "thinking": "recognises_problems problem_solving consequences others_views",
    "attitudes": "pro_criminal supervision society motivation",
}
_YES_OR_NO_QUESTIONS = ("no_fixed_abode", "unemployed", "childhood")
_FULL_SHARE, _FULL_SHARE_OF_PROLIFIC, _REVIEW_SHARE = 0.22, 0.8, 0.35
_UNANSWERED_SHARE, _ABANDONED_SHARE = 0.05, 0.04
_MORE_NEED_OF_PROLIFIC = {"drugs": 1.6, "accommodation": 0.9, "finance": 0.9, "ete": 0.3}
_REVIEW_AFTER_DAYS = 270
_NEW_VERSION_FROM = date(2013, 1, 7)


def oasys_files(orders: pl.DataFrame, people: pl.DataFrame, members: pl.DataFrame, seed: int) -> dict[str, History]:
    """probation_assessment, probation_answer and probation_score. `members`: person and scheme of memberships."""
    prolific = members.filter(pl.col("scheme") == "PPO")["person"].unique()
    assessments = _assessments(orders, prolific, seed)
    return {
        "probation_assessment": _assessment_file(assessments),
        "probation_answer": _answers(assessments, people, prolific, seed),
        "probation_score": _scores(orders, people, seed),
    }


def _assessments(orders: pl.DataFrame, prolific: pl.Series, seed: int) -> pl.DataFrame:
    """A full assessment of some orders three weeks after the start, and a review of some of these while the order runs."""
    rng = stream(seed, "assessments")
    share = np.where(orders["person"].is_in(prolific.implode()), _FULL_SHARE_OF_PROLIFIC, _FULL_SHARE)
    first = orders.filter(pl.Series(chance(rng, share, orders.height)))
    first = first.with_columns(opened_on=plus_days(pl.col("starts_on"), 3), review=pl.lit(False))
    again = first.filter(pl.Series(chance(rng, _REVIEW_SHARE, first.height)))
    again = again.with_columns(opened_on=plus_days(pl.col("starts_on"), _REVIEW_AFTER_DAYS), review=pl.lit(True))
    both = pl.concat([first, again.filter(pl.col("opened_on") < pl.col("ended_on"))]).sort("opened_on", "order_ref", "review")
    return both.select(
        "person",
        "crn",
        "opened_on",
        "review",
        assessment_ref=numbered("OA"),
        completed_on=plus_days(pl.col("opened_on"), days(rng, 7, 40, both.height)),
        abandoned=pl.Series(chance(rng, _ABANDONED_SHARE, both.height)),
    )


def _assessment_file(assessments: pl.DataFrame) -> History:
    completed_on = pl.when(~pl.col("abandoned")).then("completed_on")
    rows = assessments.select(
        "assessment_ref",
        "crn",
        instrument=pl.lit("OASys"),
        instrument_version=pl.when(pl.col("opened_on") < _NEW_VERSION_FROM).then(pl.lit("4.3.0")).otherwise(pl.lit("4.3.1")),
        layer=pl.lit("LAYER3"),
        status=pl.when("abandoned").then(pl.lit("open")).otherwise(pl.lit("complete")),
        completed_on=completed_on,
        known_on=plus_days(pl.col("opened_on"), 1),
        _completed_on=completed_on,
    )
    return History(rows, ("assessment_ref",), (Late("_completed_on", {"status": "open", "completed_on": None}),), every=3)


def _answers(assessments: pl.DataFrame, people: pl.DataFrame, prolific: pl.Series, seed: int) -> History:
    """One row per question of a completed assessment: 0 no, 1 some, 2 significant problems; a few are left open."""
    rng = stream(seed, "answers")
    needs = _needs(people, prolific, rng)
    questions = pl.DataFrame(
        [(section, question) for section, text in QUESTIONS.items() for question in text.split()],
        schema=["section", "question"],
        orient="row",
    )
    asked = assessments.filter(~pl.col("abandoned")).join(questions, how="cross", maintain_order="left_right")
    asked = asked.join(needs, on=["person", "section"], maintain_order="left")
    size = asked.height
    felt = asked["need"].to_numpy() - 0.4 * asked["review"].to_numpy() + rng.normal(0, 0.7, size)
    two_valued = asked["question"].is_in(_YES_OR_NO_QUESTIONS).to_numpy()
    score = np.where(two_valued, np.where(felt > 0.6, 2, 0), np.clip(np.floor(felt + 0.8), 0, 2)).astype(np.int64)
    answered = pl.lit(pl.Series(~chance(rng, _UNANSWERED_SHARE, size)))
    rows = asked.select(
        "assessment_ref",
        "section",
        "question",
        score=pl.when(answered).then(pl.lit(pl.Series(score))),
        linked_to_reoffending=yes_no(pl.col("need") > 0.7),
        linked_to_harm=yes_no(pl.col("need") > 1.5),
        known_on="completed_on",
    )
    return History(rows, ("assessment_ref", "section", "question"), every=3)


def _needs(people: pl.DataFrame, prolific: pl.Series, rng: Rng) -> pl.DataFrame:
    """How far each person leans to each kind of need: that of drugs and alcohol follows from the person, some from a scheme."""
    sections = list(QUESTIONS)
    lean = rng.normal(0.35, 0.5, people.height)[:, None] + rng.normal(0, 0.6, (people.height, len(sections)))
    lean[:, sections.index("drugs")] += np.where(people["uses_drugs"].to_numpy(), 1.2, -0.6)
    is_prolific = people["person"].is_in(prolific.implode()).to_numpy()
    for section, more in _MORE_NEED_OF_PROLIFIC.items():
        lean[:, sections.index(section)] += more * is_prolific
    lean[:, sections.index("alcohol")] += np.where(people["drinks"].to_numpy(), 0.9, -0.5)
    return pl.DataFrame(
        {
            "person": np.repeat(people["person"].to_numpy(), len(sections)),
            "section": sections * people.height,
            "need": lean.ravel(),
        }
    )


def _scores(orders: pl.DataFrame, people: pl.DataFrame, seed: int) -> History:
    """An OGRS3 score soon after the start of each order. Drawn to go with the person's rate of offending, not calculated."""
    rng = stream(seed, "scores")
    scored = orders.join(people.select("person", "rate"), on="person", maintain_order="left")
    log_odds = 0.9 * np.log(scored["rate"].to_numpy()) + rng.normal(0.1, 0.6, scored.height)
    one_year, two_year = 1 / (1 + np.exp(-log_odds)), 1 / (1 + np.exp(-log_odds - 0.719))
    rows = scored.select(
        score_ref=numbered("SC", pl.col("starts_on").rank("ordinal")),
        crn="crn",
        predictor=pl.lit("OGRS3"),
        predictor_version=pl.lit("3"),
        scored_on=plus_days(pl.col("starts_on"), 7),
        one_year=pl.Series(one_year.round(4)),
        two_year=pl.Series(two_year.round(4)),
        known_on=plus_days(pl.col("starts_on"), 8),
    )
    return History(rows, ("score_ref",), every=2)
