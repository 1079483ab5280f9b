"""The drug interventions feed, put together: clients, required assessments, episodes, alcohol referrals."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Rng, chance, choose, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late, first_known
from iom_warehouse.synthetic.generator.identifiers import MOVED, assign_records
from iom_warehouse.synthetic.generator.outcomes import top_reviews
from iom_warehouse.synthetic.generator.places import DISTRICTS, OUTSIDE

_CONSENT_SHARE, _WITHDRAWN_SHARE = 0.78, 0.03
_OTHER_REASONS = ("voluntary", "bail", "court", "order", "conditional_caution")
_MODALITIES = ("Opioid substitution", "Psychosocial intervention", "Structured day programme", "Inpatient detoxification")
_CLOSURES = ("completed", "dropped_out", "custody", "transferred", "declined", "other")


def dip_files(
    tests: pl.DataFrame, cases: pl.DataFrame, stays: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int
) -> dict[str, History]:
    """All files of the feed, parents first."""
    required = _required_assessments(tests, records, seed)
    episodes = _episodes(required, stays, people, records, seed)
    events = {
        "dip_requirement": _requirement_file(required),
        "dip_episode": _episode_file(episodes),
        "dip_top": top_reviews(episodes, seed),
        "dip_alcohol_referral": _alcohol_referrals(cases, people, records, seed),
    }
    known = first_known(*((history, "client_ref") for history in events.values() if "client_ref" in history.columns))
    return {"dip_client": _clients(records, known, seed), **events}


def _clients(records: pl.DataFrame, known: pl.DataFrame, seed: int) -> History:
    """Initials, birth date and part of the postcode; police and prison numbers only with the client's consent."""
    rng = stream(seed, "clients")
    clients = records.join(known, on="ref").sort("ref")
    size = clients.height
    consents = chance(rng, _CONSENT_SHARE, size)
    withdraws = consents & chance(rng, _WITHDRAWN_SHARE, size)
    consent, shared = pl.lit(pl.Series(consents)), pl.lit(pl.Series(consents & ~withdraws))
    withdrawn_on = plus_days(pl.col("known_on"), 30 + waiting_days(rng, 200, size))
    rows = clients.select(
        pl.col("ref").alias("client_ref"),
        agency_code=pl.Series(choose(rng, ["DIP", "VOL", "NHS"], [7, 2, 1], size)),
        forename_initial=pl.col("forenames").str.slice(0, 1),
        surname_initial=pl.col("surname").str.slice(0, 1),
        dob="dob",
        sex="sex",
        postcode_sector=_sector("postcode"),
        local_authority="district",
        consent_to_share=yes_no(consent),
        consent_purpose=pl.when(consent).then(pl.lit("Care coordination with criminal justice agencies")),
        consent_on=pl.when(consent).then("known_on"),
        consent_withdrawn_on=pl.when(pl.lit(pl.Series(withdraws))).then(withdrawn_on),
        pncid=pl.when(shared).then("pncid"),
        prison_number=pl.when(shared).then("prison_number"),
        known_on="known_on",
        _moved_on="_moved_on",
        _old_sector=_sector("_old_postcode"),
        _old_district="_old_district",
        _withdrawn_on=pl.when(pl.lit(pl.Series(withdraws))).then(withdrawn_on),
        _pncid="pncid",
        _prison_number="prison_number",
    )
    moved = Late(MOVED.day, {"postcode_sector": pl.col("_old_sector"), "local_authority": pl.col("_old_district")})
    shared_until = {"consent_withdrawn_on": None, "pncid": pl.col("_pncid"), "prison_number": pl.col("_prison_number")}
    return History(rows, ("client_ref",), (moved, Late("_withdrawn_on", shared_until)))


def _sector(postcode: str) -> pl.Expr:
    """The postcode without its last two letters."""
    return pl.col(postcode).str.head(-2)


def _required_assessments(tests: pl.DataFrame, records: pl.DataFrame, seed: int) -> pl.DataFrame:
    """After most positive tests an initial assessment is required, and a follow-up of most who came to it and stayed."""
    rng = stream(seed, "required assessments")
    positive = tests.filter((pl.col("opiates") == "positive") | (pl.col("cocaine") == "positive"))
    positive = positive.filter(pl.Series(chance(rng, 0.85, positive.height)))
    first = _imposed(positive.with_columns(imposed_on="arrested_on", kind=pl.lit("initial")), rng, 0.72)
    kept = first.filter(pl.col("attended") & pl.col("remained"))
    again = kept.filter(pl.Series(chance(rng, 0.85, kept.height))).with_columns(imposed_on="due_on", kind=pl.lit("follow_up"))
    again = _imposed(again, rng, 0.8)
    both = pl.concat([first, again]).sort("imposed_on", "arrest_ref", "kind")
    return both.with_columns(client_ref=assign_records(both, records, rng), requirement_ref=numbered("DR"))


def _imposed(people: pl.DataFrame, rng: Rng, attended_share: float) -> pl.DataFrame:
    size = people.height
    return people.select("person", "arrest_ref", "imposed_on", "kind").with_columns(
        due_on=plus_days(pl.col("imposed_on"), days(rng, 3, 21, size)),
        attended=pl.Series(chance(rng, attended_share, size)),
        remained=pl.Series(chance(rng, 0.93, size)),
    )


def _requirement_file(required: pl.DataFrame) -> History:
    rows = required.select(
        *("requirement_ref", "client_ref", "arrest_ref", "kind", "imposed_on", "due_on"),
        attended=yes_no(pl.col("attended")),
        remained=pl.when("attended").then(yes_no(pl.col("remained"))),
        known_on=plus_days(pl.col("imposed_on"), 1),
        _settled_on=plus_days(pl.col("due_on"), 1),
    )
    return History(rows, ("requirement_ref",), (Late("_settled_on", {"attended": None, "remained": None}),), every=2)


def _episodes(
    required: pl.DataFrame, stays: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int
) -> pl.DataFrame:
    """One row per episode of a person: at most one begins in any half-year. Dates of stages that were not reached are null."""
    rng = stream(seed, "episodes")
    users = people.filter("uses_drugs").select("person")
    tested = required.filter((pl.col("kind") == "initial") & pl.col("attended")).select(
        "person", referred_on="due_on", contact_reason=pl.lit("required_assessment")
    )
    freed = stays.join(users, on="person", maintain_order="left")
    freed = freed.filter(pl.Series(chance(rng, 0.25, freed.height)))
    freed = freed.select("person", referred_on="released_on", contact_reason=pl.lit("prison_release"))
    own = users.filter(pl.Series(chance(rng, 0.12, users.height)))
    span = (HISTORY_TO - HISTORY_FROM).days
    own = own.with_columns(
        referred_on=plus_days(pl.lit(HISTORY_FROM), days(rng, 400, span, own.height)),
        contact_reason=pl.Series(choose(rng, _OTHER_REASONS, [5, 2, 2, 2, 1], own.height)),
    )
    half_year = pl.col("referred_on").dt.year() * 2 + (pl.col("referred_on").dt.month() > 6)
    episodes = pl.concat([tested, freed, own]).filter(pl.col("referred_on") <= HISTORY_TO).with_columns(half_year=half_year)
    episodes = episodes.sort("person", "referred_on", "contact_reason")
    episodes = episodes.unique(["person", "half_year"], keep="first", maintain_order=True)
    episodes = episodes.join(people.select("person", "district"), on="person", maintain_order="left")
    return _stages(episodes, rng).with_columns(
        client_ref=assign_records(episodes, records, rng), episode_ref=numbered("EP", pl.col("referred_on").rank("ordinal"))
    )


def _stages(episodes: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """How far each episode gets, and when: assessed, taken on, planned for, treated, closed."""
    size = episodes.height

    def after(day: str, low: int, high: int, share: float) -> pl.Expr:
        return pl.when(pl.lit(pl.Series(chance(rng, share, size)))).then(plus_days(pl.col(day), days(rng, low, high, size)))

    staged = episodes.with_columns(assessed_on=after("referred_on", 0, 14, 0.9), needs=pl.Series(chance(rng, 0.76, size)))
    staged = staged.with_columns(caseload_on=pl.when("needs").then(after("assessed_on", 0, 14, 0.85)))
    staged = staged.with_columns(care_plan_on=after("caseload_on", 3, 28, 0.85), treatment_on=after("caseload_on", 5, 40, 0.7))
    staged = staged.with_columns(treatment_ended_on=plus_days(pl.col("treatment_on"), 14 + waiting_days(rng, 110, size)))
    last = pl.max_horizontal("referred_on", "assessed_on", "caseload_on", "care_plan_on", "treatment_ended_on")
    closed_on = plus_days(last, days(rng, 5, 45, size))
    transferred = pl.lit(pl.Series(chance(rng, 0.05, size)))
    elsewhere = pl.lit(pl.Series(rng.choice(DISTRICTS, size)))
    declined = pl.when(~pl.col("needs") | pl.col("caseload_on").is_null()).then(pl.lit("declined"))
    return staged.with_columns(
        closed_on=closed_on,
        closure_reason=pl.coalesce(declined, pl.lit(pl.Series(choose(rng, _CLOSURES, [38, 30, 14, 8, 4, 6], size)))),
        transferred_from=pl.when(transferred & (elsewhere != pl.col("district"))).then(elsewhere),
        destination=pl.lit(pl.Series(rng.choice([*DISTRICTS, OUTSIDE], size))),
        modality=pl.lit(pl.Series(choose(rng, _MODALITIES, [5, 4, 1, 0.3], size))),
    )


def _episode_file(episodes: pl.DataFrame) -> History:
    moves_on = (pl.col("closure_reason") == "transferred") & (pl.col("destination") != pl.col("district"))
    reason = pl.when((pl.col("closure_reason") == "transferred") & ~moves_on).then(pl.lit("other")).otherwise("closure_reason")
    stages = ("assessed_on", "caseload_on", "care_plan_on", "treatment_on", "treatment_ended_on", "closed_on")
    rows = episodes.select(
        *("episode_ref", "client_ref", pl.col("district").alias("area"), "contact_reason", "referred_on", "assessed_on"),
        needs_intervention=pl.when(pl.col("assessed_on").is_not_null()).then(yes_no(pl.col("needs"))),
        caseload_on="caseload_on",
        care_plan_on="care_plan_on",
        treatment_on="treatment_on",
        treatment_ended_on="treatment_ended_on",
        modality=pl.when(pl.col("treatment_on").is_not_null()).then("modality"),
        closed_on="closed_on",
        closure_reason=reason,
        transferred_from="transferred_from",
        transferred_to=pl.when(moves_on).then("destination"),
        known_on=plus_days(pl.col("referred_on"), 1),
        **{f"_{stage}": pl.col(stage) for stage in stages},
    )
    with_stage = {
        "assessed_on": ["needs_intervention"],
        "treatment_on": ["modality"],
        "closed_on": ["closure_reason", "transferred_to"],
    }
    late = [Late(f"_{stage}", dict.fromkeys([stage, *with_stage.get(stage, [])])) for stage in stages]
    return History(rows, ("episode_ref",), tuple(late))


def _alcohol_referrals(cases: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int) -> History:
    """Screening in custody of people who drink; a score above the tool's threshold brings advice and perhaps a referral."""
    rng = stream(seed, "alcohol")
    arrests = cases.filter(pl.col("arrest_ref").is_not_null()).select("person", "arrest_ref", "arrested_on")
    screened = arrests.join(people.filter("drinks").select("person"), on="person", how="semi", maintain_order="left")
    screened = screened.filter(pl.Series(chance(rng, 0.22, screened.height))).sort("arrested_on", "arrest_ref")
    size = screened.height
    tools = {"AUDIT": (40, 8), "AUDIT-C": (12, 5), "FAST": (16, 3)}
    tool = choose(rng, list(tools), [5, 3, 2], size)
    highest, threshold = (
        pl.Series(tool).replace_strict({name: limits[i] for name, limits in tools.items()}).to_numpy() for i in (0, 1)
    )
    score = (rng.beta(1.8, 2.6, size) * (highest + 1)).astype(np.int64)
    risky = score >= threshold
    outcome = np.where(~risky, "not_needed", np.where(chance(rng, 0.65, size), "referred", "declined"))
    rows = screened.select(
        referral_ref=numbered("AU"),
        client_ref=assign_records(screened, records, rng),
        arrest_ref="arrest_ref",
        screened_on="arrested_on",
        tool=pl.Series(tool),
        score=pl.Series(score),
        brief_intervention=yes_no(pl.lit(pl.Series(risky & chance(rng, 0.9, size)))),
        outcome=pl.Series(outcome),
        known_on=plus_days(pl.col("arrested_on"), 2),
    )
    return History(rows, ("referral_ref",), every=2)
