"""Criminal careers: who does what when, and what follows.

Simulated in rounds: round k draws the k-th event of everybody who still has one, all people at once. An event is a named
offence or a breach of supervision. Nobody offends in custody; while a stay in custody is ahead, later charges are heard on
the same day, so that nobody ever has two stays ahead at once. Times are day numbers.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator import courts
from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO, NEVER, day_number, to_dates, to_numbers
from iom_warehouse.synthetic.generator.dice import Booleans, Floats, Integers, Rng, chance, days, pick, stream, waiting_days
from iom_warehouse.synthetic.generator.offence_mix import offence_mix

LICENCE_FROM_SENTENCE_DAYS = 365  # before 2015 a shorter sentence ended without supervision
RECALL_DAYS = 28
ORDER_DAYS = 365
_BREACH_CHANCE, _RECALL_CHANCE, _CONVICTION_CHANCE = 0.09, 0.4, 0.88
Columns = dict[str, np.ndarray]


@dataclass
class _State:
    """Where everybody stands: one value per person."""

    custody_from: Integers  # the last, current or coming stay in custody: [from, to)
    custody_to: Integers
    hearing: Integers  # the day on which that stay is decided
    expiry: Integers  # end of a sentence long enough for a licence
    order_from: Integers  # the last community or suspended order: [from, to)
    order_to: Integers
    prior: Integers  # sanctions so far


@dataclass(frozen=True)
class _Traits:
    """What people bring with them: one value per person."""

    rate: Floats
    uses_drugs: Booleans
    born: Integers


def draw_careers(people: pl.DataFrame, prior: pl.Series, seed: int) -> pl.DataFrame:
    """One row per event, by person and day, numbered by `event`. Dates that do not apply are null.

    kind: offence, breach (of an order or licence) or recall (a breach answered by recall to prison, without a court).
    offence: number in the offence mix. outcome: as in the police files; outcome_on where it is a positive one.
    proved_on and disposal: a conviction at court. custody_from, custody_to, custody_type, sentence_days: the stay that this
    event alone leads to. prior: sanctions before it; the argument `prior` counts those before the sample begins.
    """
    rng = stream(seed, "careers")
    traits = _Traits(people["rate"].to_numpy(), people["uses_drugs"].to_numpy(), to_numbers(people["dob"]))
    begin = np.maximum(to_numbers(people["onset_on"]), day_number(HISTORY_FROM))
    until = _ends(rng, begin)
    past = np.full(len(begin), -NEVER)
    state = _State(past, past.copy(), past.copy(), past.copy(), past.copy(), past.copy(), prior.to_numpy().copy())
    who, day = np.arange(len(begin)), begin + (rng.random(len(begin)) * (until - begin)).astype(np.int64)
    rounds: list[Columns] = []
    while who.size:
        rounds.append(_round(rng, who, day, state, traits))
        day = _next_day(rng, who, day, state, traits.rate)
        goes_on = day <= until[who]
        who, day = who[goes_on], day[goes_on]
    return _frame({name: np.concatenate([columns[name] for columns in rounds]) for name in rounds[0]})


def _ends(rng: Rng, begin: Integers) -> Integers:
    """Last days of the careers: half of the people stop within the years of the sample, the others go on to its end."""
    last = np.full(len(begin), day_number(HISTORY_TO))
    stops = chance(rng, 0.5, len(begin))
    return np.where(stops, np.minimum(begin + 60 + waiting_days(rng, 1500, len(begin)), last), last)


def _next_day(rng: Rng, who: Integers, day: Integers, state: _State, rate: Floats) -> Integers:
    """Day of the next event: after an exponential wait, which begins anew at release if it would end in custody."""
    mean_wait = 365.25 / rate[who]
    following = day + 1 + waiting_days(rng, mean_wait, len(who))
    inside = (following >= state.custody_from[who]) & (following < state.custody_to[who])
    return np.where(inside, state.custody_to[who] + 1 + waiting_days(rng, mean_wait, len(who)), following)


def _round(rng: Rng, who: Integers, day: Integers, state: _State, traits: _Traits) -> Columns:
    """One event of everybody in `who` on their `day`; what follows from it is noted in `state`."""
    event = _deed(rng, who, day, state, traits)
    event |= _court(rng, event, state.hearing[who], (day - traits.born[who]) / 365.25)
    event |= _custody(event, state.expiry[who])
    _note(state, event)
    return event


def _deed(rng: Rng, who: Integers, day: Integers, state: _State, traits: _Traits) -> Columns:
    """What is done, and what the police do about it."""
    size = len(who)
    mix = offence_mix()
    usual, for_drugs = (pick(rng, mix[share].to_numpy(), size) for share in ("share", "drug_share"))
    on_licence = (day >= state.custody_to[who]) & (day < state.expiry[who])
    on_order = (day >= state.order_from[who]) & (day < state.order_to[who])
    is_breach = (on_licence | on_order) & chance(rng, _BREACH_CHANCE, size)
    awaits_custody = state.custody_from[who] > day
    latest = np.where(awaits_custody, state.custody_from[who], NEVER)
    arrested, charged = courts.draw_police_days(rng, day, latest)
    outcome = courts.draw_outcomes(rng, state.prior[who], is_breach)
    return {
        "person": who,
        "day": day,
        "offence": np.where(traits.uses_drugs[who], for_drugs, usual),
        "prior": state.prior[who].copy(),
        "on_licence": on_licence,
        "on_order": on_order,
        "is_breach": is_breach,
        "awaits_custody": awaits_custody,
        "outcome": outcome,
        "arrested": arrested,
        "is_arrested": ~is_breach & chance(rng, np.where(outcome == courts.CHARGED, 0.85, 0.6), size),
        "charged": charged,
        "is_charged": outcome == courts.CHARGED,
        "is_drawn_for_recall": chance(rng, _RECALL_CHANCE, size),
        "solved": np.maximum(arrested, day) + np.where(outcome == courts.CHARGED, charged - arrested, days(rng, 0, 30, size)),
    }


def _court(rng: Rng, event: Columns, hearing: Integers, age: Floats) -> Columns:
    """Remand, hearing, verdict and disposal. Whoever is to go to custody anyway is heard on the day already set."""
    size = len(age)
    mix = offence_mix()
    gravity, median = (mix[column].to_numpy()[event["offence"]] for column in ("gravity", "sentence"))
    free = event["is_charged"] & ~event["awaits_custody"] & ~event["is_breach"]
    proved = event["charged"] + 1 + waiting_days(rng, 45, size)
    reaches_court = event["is_charged"] & (event["on_order"] | ~event["is_breach"])
    return {
        "is_remanded": free & courts.draw_remands(rng, gravity, event["prior"]),
        "proved": np.where(event["awaits_custody"], hearing, proved),
        "is_convicted": reaches_court & chance(rng, _CONVICTION_CHANCE, size),
        "disposal": courts.draw_disposals(rng, gravity, event["prior"], age, event["is_breach"]),
        "sentence": courts.draw_sentences(rng, median, event["prior"], event["is_breach"]),
    }


def _custody(event: Columns, expiry: Integers) -> Columns:
    """The stay in custody that the event leads to. Half of a sentence is served, days on remand included."""
    charged, proved, remanded = event["charged"], event["proved"], event["is_remanded"]
    sentenced = event["is_convicted"] & (event["disposal"] == courts.CUSTODY)
    deserves_recall = event["is_breach"] | (event["is_charged"] & event["is_drawn_for_recall"])
    recalled = event["on_licence"] & deserves_recall & ~remanded & ~sentenced & (charged + RECALL_DAYS <= expiry)
    served = np.maximum(event["sentence"] // 2 - np.where(remanded, proved - charged, 0), np.where(remanded, 1, 7))
    begin = np.where(recalled | remanded, charged, proved)
    end = np.where(sentenced, proved + served, np.where(remanded, proved, charged + RECALL_DAYS))
    return {
        "is_sentenced": sentenced,
        "is_recalled": recalled,
        "has_stay": sentenced | remanded | recalled,
        "custody_from": begin,
        "custody_to": end,
        "is_recall_only": recalled & event["is_breach"] & ~event["is_convicted"],
    }


def _note(state: _State, event: Columns) -> None:
    """Write what follows from the events into the state of the people concerned."""
    joins = event["has_stay"] & event["awaits_custody"]  # heard together with the stay that is ahead
    opens = event["has_stay"] & ~event["awaits_custody"]
    joining, opening = event["person"][joins], event["person"][opens]
    state.custody_to[joining] = np.maximum(state.custody_to[joining], event["custody_to"][joins])
    state.custody_from[opening], state.custody_to[opening] = event["custody_from"][opens], event["custody_to"][opens]
    state.hearing[opening] = np.where(event["is_recalled"], event["charged"], event["proved"])[opens]
    long = event["is_sentenced"] & (event["sentence"] >= LICENCE_FROM_SENTENCE_DAYS)
    licensed = event["person"][long]
    state.expiry[licensed] = np.maximum(state.expiry[licensed], (event["proved"] + event["sentence"])[long])
    ordered = event["is_convicted"] & np.isin(event["disposal"], (courts.SUSPENDED, courts.COMMUNITY))
    supervised = event["person"][ordered]
    state.order_from[supervised], state.order_to[supervised] = event["proved"][ordered], event["proved"][ordered] + ORDER_DAYS
    state.prior[event["person"]] += event["is_convicted"] | (event["outcome"] == courts.CAUTIONED)


def _frame(event: Columns) -> pl.DataFrame:
    """The events as a table, by person and day, with nulls where something does not apply."""
    kind = np.where(event["is_recall_only"], "recall", np.where(event["is_breach"], "breach", "offence"))
    custody_type = np.where(event["is_sentenced"], "sentenced", np.where(event["is_recalled"], "recall", "remand"))
    frame = pl.DataFrame(
        {
            "person": event["person"],
            "kind": kind,
            "offence": event["offence"],
            "prior": event["prior"],
            "committed_on": to_dates(event["day"]),
            "arrested_on": to_dates(event["arrested"], ~event["is_arrested"]),
            "charged_on": to_dates(event["charged"], ~event["is_charged"] | event["is_recall_only"]),
            "outcome": courts.OUTCOMES[event["outcome"]],
            "outcome_on": to_dates(event["solved"], event["outcome"] == courts.UNSOLVED),
            "proved_on": to_dates(event["proved"], ~event["is_convicted"]),
            "disposal": _where(event["is_convicted"], courts.DISPOSALS[event["disposal"]]),
            "sentence_days": _where(event["is_sentenced"], event["sentence"]),
            "custody_from": to_dates(event["custody_from"], ~event["has_stay"]),
            "custody_to": to_dates(event["custody_to"], ~event["has_stay"]),
            "custody_type": _where(event["has_stay"], custody_type),
        }
    )
    return (
        frame.sort("person", "committed_on", maintain_order=True)
        .with_row_index("event")
        .with_columns(pl.col("event").cast(pl.Int64))
    )


def _where(applies: Booleans, values: np.ndarray) -> pl.Series:
    return pl.select(pl.when(pl.Series(applies)).then(pl.Series(values))).to_series()
