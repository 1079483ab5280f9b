"""Treatment Outcomes Profiles: at the start of treatment, about every three months, at the exit."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_TO, day_number, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Integers, Rng, chance, stream
from iom_warehouse.synthetic.generator.history import History
from iom_warehouse.synthetic.generator.repeats import recur

_REVIEW_EVERY_DAYS = 90
_STOP_SHARE = 0.3  # of users of a substance, at the second review and every later one, and at the exit
_MEAN_DAYS = {  # of 28, at the start, for whoever uses the substance at all; and the share of clients who do
    "alcohol_days": (9, 0.55), "opiate_days": (17, 0.62), "crack_days": (9, 0.48), "cocaine_days": (5, 0.18),
    "amphetamine_days": (4, 0.08), "cannabis_days": (11, 0.40), "other_drug_days": (4, 0.10), "injected_days": (10, 0.22),
}  # fmt: skip


def top_reviews(episodes: pl.DataFrame, seed: int) -> History:
    """One row per review of an episode in treatment; use falls and wellbeing rises from review to review, for most people."""
    rng = stream(seed, "treatment outcomes")
    treated = episodes.filter(pl.col("treatment_on").is_not_null())
    begin = to_numbers(treated["treatment_on"])
    end = np.minimum(to_numbers(treated["treatment_ended_on"]), day_number(HISTORY_TO))
    row, day, nth = recur(begin, end, _REVIEW_EVERY_DAYS)
    stage = np.where(nth == 0, "start", "review")
    exits = np.flatnonzero(to_numbers(treated["treatment_ended_on"]) <= day_number(HISTORY_TO))
    exits = exits[chance(rng, 0.6, len(exits))]
    row = np.concatenate([row, exits])
    day = np.concatenate([day, to_numbers(treated["treatment_ended_on"])[exits]])
    stage = np.concatenate([stage, np.full(len(exits), "exit")])
    progress = np.concatenate([nth, np.full(len(exits), 2)])
    reviews = pl.DataFrame({"episode_ref": treated["episode_ref"].gather(row), "stage": stage, "reviewed_on": to_dates(day)})
    reviews = reviews.with_columns(**_answers(rng, row, progress, treated.height)).sort("reviewed_on", "episode_ref", "stage")
    rows = reviews.select(numbered("TO").alias("review_ref"), pl.all(), known_on=plus_days(pl.col("reviewed_on"), 3))
    return History(rows, ("review_ref",), every=2)


def _answers(rng: Rng, row: Integers, progress: Integers, episodes: int) -> dict[str, pl.Series | pl.Expr]:
    """The answers in the order of the form. `row` is the episode of each review, `progress` how many reviews came before."""
    size = len(row)
    easing = np.power(0.72, progress.astype(np.float64))
    answers: dict[str, pl.Series | pl.Expr] = {}
    for name, (mean, share) in _MEAN_DAYS.items():
        uses = chance(rng, share, episodes)[row]
        has_stopped = (progress >= 2) & chance(rng, _STOP_SHARE, size)
        answers[name] = pl.Series(np.where(uses & ~has_stopped, np.clip(rng.poisson(mean * easing), 0, 28), 0))
    wellbeing = np.clip(rng.normal(8.5, 3, episodes)[row] + 1.3 * progress, 0, 20)
    works = chance(rng, 0.12, episodes)[row]

    def scale() -> pl.Series:
        return pl.Series(np.clip(wellbeing + rng.normal(0, 2, size), 0, 20).astype(np.int64))

    def condition(share: float) -> pl.Expr:
        return yes_no(pl.lit(pl.Series(chance(rng, share * easing, size))))

    answers["shared_equipment"] = condition(0.08)
    answers["psychological_health"] = scale()
    answers["paid_work_days"] = pl.Series(np.where(works, rng.integers(4, 23, size), 0))
    answers["education_days"] = pl.Series(np.where(chance(rng, 0.06, size), rng.integers(1, 15, size), 0))
    answers["physical_health"] = scale()
    answers["acute_housing_problem"] = condition(0.28)
    answers["eviction_risk"] = condition(0.12)
    answers["quality_of_life"] = scale()
    return answers
