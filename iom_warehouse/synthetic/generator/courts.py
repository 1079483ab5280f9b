"""What police and courts make of an event: outcomes, days, disposals, sentences. The chances are invented to look plausible."""

import numpy as np

from iom_warehouse.synthetic.generator.dice import Booleans, Floats, Integers, Rng, chance, days, pick, waiting_days

OUTCOMES = np.array(["charged", "cautioned", "tic", "community_resolution", "other_positive", "none", "no_suspect"])
CHARGED, CAUTIONED, UNSOLVED = 0, 1, 5
DISPOSALS = np.array(["custody", "suspended", "community", "fine", "discharge", "other"])
CUSTODY, SUSPENDED, COMMUNITY = 0, 1, 2
_OUTCOME_SHARES = (0.64, 0.14, 0.03, 0.05, 0.03, 0.11, 0.0)
_OUTCOME_SHARES_PRACTISED = (0.82, 0.02, 0.05, 0.01, 0.02, 0.08, 0.0)
_PRACTISED_FROM_PRIOR = 4
_NOT_CUSTODY_SHARES = (0.0, 0.14, 0.36, 0.32, 0.14, 0.04)
_BREACH_SHARES = (0.0, 0.05, 0.55, 0.35, 0.0, 0.05)


def draw_outcomes(rng: Rng, prior: Integers, is_breach: Booleans) -> Integers:
    """Positions in OUTCOMES, for a crime with a suspect; a breach of supervision always goes to court."""
    size = len(prior)
    usual, practised = pick(rng, _OUTCOME_SHARES, size), pick(rng, _OUTCOME_SHARES_PRACTISED, size)
    return np.where(is_breach, CHARGED, np.where(prior >= _PRACTISED_FROM_PRIOR, practised, usual))


def draw_police_days(rng: Rng, day: Integers, latest: Integers) -> tuple[Integers, Integers]:
    """Days of arrest and of charge. Whoever is taken into custody on `latest` is arrested before and charged no later."""
    size = len(day)
    arrested = day + np.where(chance(rng, 0.55, size), 0, waiting_days(rng, 14, size))
    arrested = np.minimum(arrested, latest - 1)
    charged = arrested + np.where(chance(rng, 0.65, size), 0, days(rng, 7, 42, size))
    return arrested, np.minimum(charged, latest)


def draw_remands(rng: Rng, gravity: Floats, prior: Integers) -> Booleans:
    return chance(rng, _logistic(gravity - 3.6 + 0.05 * np.minimum(prior, 20)), len(prior))


def draw_disposals(rng: Rng, gravity: Floats, prior: Integers, age: Floats, is_breach: Booleans) -> Integers:
    """Positions in DISPOSALS. Gravity and earlier sanctions make custody likelier; it is rare below 18."""
    size = len(prior)
    odds = gravity - 2.9 + 0.09 * np.minimum(prior, 25) - np.where(age < 18, 1.5, 0.0)
    custody = chance(rng, np.where(is_breach, 0.15, _logistic(odds)), size)
    other = np.where(is_breach, pick(rng, _BREACH_SHARES, size), pick(rng, _NOT_CUSTODY_SHARES, size))
    return np.where(custody, CUSTODY, other)


def draw_sentences(rng: Rng, median: Floats, prior: Integers, is_breach: Booleans) -> Integers:
    """Lengths of custodial sentences in days, at least a week."""
    longer = 1 + 0.02 * np.minimum(prior, 25)
    drawn = rng.lognormal(np.log(np.where(is_breach, 35.0, median) * longer), 0.5).astype(np.int64)
    return np.clip(drawn, 7, 5475)


def _logistic(log_odds: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-log_odds))
    return probability
