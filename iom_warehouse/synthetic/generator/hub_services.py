"""What the partnership buys and is held to: contracts, services, who was sent to them, standards and recommendations."""

from datetime import date

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_TO, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import chance, choose, days, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late
from iom_warehouse.synthetic.generator.places import DISTRICTS

_SERVICES = """
code provider contract type pathway unit_cost places name
S01 Homeward CT01 accommodation 1 2400 20 Supported lodgings
S02 Homeward CT01 accommodation 1 650 40 Deposit scheme
S03 Workline CT02 ete 2 900 45 Job coaching
S04 Workline CT02 ete 2 1400 24 Construction course
S05 Fenshire_Health CT03 mental_health 3 1100 30 Community mental health link
S06 Fenshire_Health CT03 talking_therapy 3 780 30 Talking therapy
S07 Fenshire_Health CT03 personality_disorder 3 3100 8 Pathway for personality disorder
S08 Fenshire_Health CT03 learning_disability 3 1500 10 Learning disability support
S09 Riverbank CT04 drugs 4 1900 60 Recovery programme
S10 Riverbank CT04 alcohol 4 850 40 Alcohol brief programme
S11 Clearway CT05 debt 5 300 50 Debt advice
S12 Kindred CT06 family 6 1250 18 Family key worker
S13 Kindred CT06 mentoring 7 600 50 Peer mentoring
S14 Kindred CT06 women 8 1700 16 Women's centre
S15 Clearway CT05 other 5 150 30 Identity documents and bank accounts
"""
_CONTRACTS = """
code intention starts_on ends_on budget spent spent_later starts completions
CT01 Nobody_leaves_prison_without_a_roof 2011-04-01 2014-03-31 168000 35100 86900 70 55
CT02 Work_within_six_months 2011-10-01 2014-09-30 122000 27800 60400 90 60
CT03 Health_needs_met_early 2012-04-01 2015-03-31 205000 52300 103900 110 70
CT04 Treatment_within_a_week 2012-04-01 2015-03-31 240000 61000 121500 150 85
CT05 Debts_under_control 2012-04-01 2013-09-30 31000 9100 19800 80 60
CT06 Somebody_to_turn_to 2010-04-01 2014-03-31 98000 22000 51300 85 50
"""
_STANDARDS = (
    "Cases are reviewed within three months",
    "Every case has a lead practitioner",
    "Agencies attend four in five conferences",
    "Prison releases are planned six weeks ahead",
    "Positive tests lead to an assessment within a week",
    "People with debts see an adviser within a month",
    "Enforcement starts within two days",
    "Performance is reported every quarter",
)
_INQUIRIES = ("Inspection of offender management", "Thematic inspection of integrated work", "Serious further offence review")
_RECOMMENDATIONS = (
    "Agree one definition of the cohort",
    "Share release dates every week",
    "Train staff in motivational work",
    "Record consent in one place",
    "Review the selection matrix every year",
    "Give every case a named police officer",
    "Publish outcomes by district",
    "Bring health services into conferences",
    "Check identifiers against the national computer",
    "Set targets with providers",
    "Plan the move from youth to adult services",
    "Include women in the design of services",
)
_STANDARDS_ASSESSED = (date(2012, 11, 20), date(2013, 5, 21), date(2013, 11, 19))
_QUARTER_CLOSED_ON, _RECOMMENDATIONS_REVIEWED_ON = date(2013, 10, 14), date(2013, 10, 29)


def service_files(memberships: pl.DataFrame, seed: int) -> dict[str, History]:
    """hub_contract, hub_service, hub_intervention, hub_standard, hub_recommendation; `memberships` as from open_memberships."""
    return {
        "hub_contract": _contracts(),
        "hub_service": _services(),
        "hub_intervention": _interventions(memberships, seed),
        "hub_standard": _standards(seed),
        "hub_recommendation": _recommendations(seed),
    }


def _table(text: str) -> pl.DataFrame:
    """A table in the source above; the last column may hold spaces, the others have _ for them."""
    header, *lines = text.strip().splitlines()
    names = header.split()
    rows = [line.split(maxsplit=len(names) - 1) for line in lines]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.exclude("type").str.replace_all("_", " "))


def _contracts() -> History:
    """Contracts as they stand; what was spent is brought up to date after each half-year."""
    table = _table(_CONTRACTS)
    rows = table.select(
        contract_ref="code",
        provider=pl.col("code").replace_strict(
            dict(_table(_SERVICES).select("contract", "provider").unique("contract").iter_rows())
        ),
        intention="intention",
        starts_on=pl.col("starts_on").str.to_date(),
        ends_on=pl.col("ends_on").str.to_date(),
        annual_budget=pl.col("budget").cast(pl.Int64),
        spent_to_date=pl.col("spent_later").cast(pl.Int64),
        target_starts=pl.col("starts").cast(pl.Int64),
        target_completions=pl.col("completions").cast(pl.Int64),
        known_on=pl.col("starts_on").str.to_date(),
        _closed_on=pl.lit(_QUARTER_CLOSED_ON),
        _spent=pl.col("spent").cast(pl.Int64),
    )
    return History(rows, ("contract_ref",), (Late("_closed_on", {"spent_to_date": pl.col("_spent")}),), every=4)


def _services() -> History:
    table = _table(_SERVICES).with_row_index("n")
    contracts = _table(_CONTRACTS).select(contract="code", begin="starts_on", end="ends_on")
    rows = table.join(contracts, on="contract", maintain_order="left").select(
        service_code="code",
        service_name="name",
        provider="provider",
        contract_ref="contract",
        service_type="type",
        pathway=pl.col("pathway").cast(pl.Int64),
        district=pl.lit(pl.Series(DISTRICTS).gather([n % len(DISTRICTS) for n in range(table.height)])),
        client_group=pl.when(pl.col("type") == "women").then(pl.lit("Women")).otherwise(pl.lit("Adults on the scheme")),
        unit_cost=pl.col("unit_cost").cast(pl.Int64),
        places=pl.col("places").cast(pl.Int64),
        starts_on=pl.col("begin").str.to_date(),
        ends_on=pl.col("end").str.to_date(),
        known_on=pl.col("begin").str.to_date(),
    )
    return History(rows, ("service_code",), every=4)


def _interventions(memberships: pl.DataFrame, seed: int) -> History:
    """People sent to services while they were members and the service was running; how far they got."""
    rng = stream(seed, "interventions")
    services = _table(_SERVICES).join(_table(_CONTRACTS).select(contract="code", begin="starts_on", end="ends_on"), on="contract")
    services = services.select("code", "type", begin=pl.col("begin").str.to_date(), end=pl.col("end").str.to_date()).sort("code")
    number = rng.poisson(1.6, memberships.height)
    row = np.repeat(np.arange(memberships.height), number)
    size = len(row)
    begin = to_numbers(memberships["starts_on"])[row]
    end = to_numbers(memberships["ends_on"].fill_null(HISTORY_TO))[row]
    referred = begin + (rng.random(size) * np.maximum(end - begin, 1)).astype(np.int64)
    sent = pl.concat(
        [
            memberships.select(pl.col("case_ref", "sex").gather(row)),
            services.select(pl.all().gather(rng.integers(0, services.height, size))),
            pl.DataFrame({"referred_on": to_dates(referred)}),
        ],
        how="horizontal",
    )
    for_them = (pl.col("type") != "women") | (pl.col("sex") == "F")
    sent = sent.filter(for_them & pl.col("referred_on").is_between(pl.col("begin"), pl.col("end")))
    size = sent.height
    starts = pl.lit(pl.Series(chance(rng, 0.8, size)))
    sent = sent.with_columns(started_on=pl.when(starts).then(plus_days(pl.col("referred_on"), days(rng, 3, 50, size))))
    sent = sent.with_columns(ended_on=plus_days(pl.col("started_on"), 20 + waiting_days(rng, 80, size)))
    outcome = pl.lit(pl.Series(choose(rng, ["completed", "partly", "dropped_out"], [0.52, 0.2, 0.28], size)))
    sent = sent.sort("referred_on", "case_ref", "code")
    rows = sent.select(
        intervention_ref=numbered("IN"),
        case_ref="case_ref",
        service_code="code",
        referral_route=pl.Series(choose(rng, ["direct", "court", "custody", "gp", "other"], [6, 2, 2, 1, 1], size)),
        referred_on="referred_on",
        started_on="started_on",
        ended_on="ended_on",
        outcome=pl.when(pl.col("started_on").is_null()).then(pl.lit("not_started")).otherwise(outcome),
        known_on=plus_days(pl.col("referred_on"), 2),
        _started_on=pl.col("started_on"),
        _ended_on=pl.col("ended_on"),
    )
    late = (Late("_started_on", {"started_on": None}), Late("_ended_on", {"ended_on": None, "outcome": "open"}))
    return History(rows, ("intervention_ref",), late, every=2)


def _standards(seed: int) -> History:
    rng = stream(seed, "standards")
    rows = (
        pl.DataFrame({"assessed_on": _STANDARDS_ASSESSED})
        .join(pl.DataFrame({"district": DISTRICTS}), how="cross", maintain_order="left_right")
        .join(pl.DataFrame({"standard": _STANDARDS}), how="cross", maintain_order="left_right")
    )
    met = pl.lit(pl.Series(chance(rng, 0.65, rows.height)))
    return History(
        rows.select(
            numbered("ST").alias("standard_ref"), "district", "standard", "assessed_on", met=yes_no(met), known_on="assessed_on"
        ),
        ("standard_ref",),
        every=4,
    )


def _recommendations(seed: int) -> History:
    """Recommendations with a category from 1 to 5, looked at again in the autumn, when one is put off (6)."""
    rng = stream(seed, "recommendations")
    size = len(_RECOMMENDATIONS)
    first = days(rng, 2, 5, size)
    rows = pl.DataFrame({"recommendation": _RECOMMENDATIONS}).select(
        recommendation_ref=numbered("RC"),
        inquiry=pl.Series(choose(rng, _INQUIRIES, [1, 1, 1], size)),
        recommendation="recommendation",
        owner=pl.Series(choose(rng, ["Reducing Reoffending Board", "Delivery group", "Police", "Probation"], [2, 2, 1, 1], size)),
        category=pl.Series(np.append(np.maximum(first - days(rng, 0, 2, size), 1)[:-1], 6)),
        assessed_on=pl.lit(_RECOMMENDATIONS_REVIEWED_ON),
        evidence=pl.lit("Minutes of the board"),
        known_on=pl.lit(date(2013, 4, 16)),
        _assessed_on=pl.lit(_RECOMMENDATIONS_REVIEWED_ON),
        _first_category=pl.Series(first),
        _first_assessed_on=pl.lit(date(2013, 4, 16)),
    )
    before = {"category": pl.col("_first_category"), "assessed_on": pl.col("_first_assessed_on")}
    return History(rows, ("recommendation_ref",), (Late("_assessed_on", before),), every=4)
