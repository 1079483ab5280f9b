"""The sample partnership, ten nights from nothing, as `make nightly` does it: each mishap ends well, and no name gets out."""

import csv
import re
from pathlib import Path

import pytest
import tutorial
from delivery_maker import Warehouse
from release_attacker import Attack, Rule, Truth, hierarchy, read
from report_page import Page
from surroundings import environment

from iom_warehouse import reports
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports.page import SECTIONS

pytestmark = pytest.mark.timeout(1800)  # the first test waits for all ten nights
IDENTIFIER = re.compile(r"\b(?:(?:19|20)\d{2}/\d{7}[A-Z]|\d{1,6}/\d{2}[A-HJ-NP-RT-Z]|[A-Z]\d{4}[A-Z]{2}|[A-Z]\d{6})\b")
CITED = {"francis"}  # wrote a method that the documentation names
NAMES_MAY_STAND_IN = {"inbox", "sample_truth", "postgres", "sender_reports", "secrets"}
NAMELESS_SCHEMAS = "^(audit|staging|intermediate|mart_.*|published|asof_.*)$"


# What each mart held when a night's build had succeeded: rows in any order.
KEEP_EACH_NIGHT = """
    create schema kept;
    create table kept.night (night date, mart text, digest text);
    create function kept.digests(schemas text) returns table (mart text, digest text) language plpgsql as $$
    declare
        found record;
    begin
        for found in select table_schema, table_name from information_schema.tables where table_schema ~ schemas loop
            return query execute format(
                'select %L::text, count(*) || $d$ rows $d$ || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)'
                ' from %I.%I as t',
                found.table_name, found.table_schema, found.table_name
            );
        end loop;
    end $$;
    create function kept.note() returns trigger language plpgsql security definer as $$
    begin
        insert into kept.night select new.business_date, mart, digest from kept.digests('^mart_');
        return null;
    end $$;
    create trigger note_for_the_test after update of status on audit.build for each row
    when (new.kind = 'nightly' and new.status = 'succeeded') execute function kept.note();
    select true
"""


@pytest.fixture(scope="module")
def sample(installation):
    made = installation(installation.folder / "sample")
    made.iom("db", "up")
    made.query(KEEP_EACH_NIGHT)
    return made, made.iom("nightly").stdout


@pytest.fixture(scope="module")
def people(sample) -> list[dict[str, str]]:
    with (sample[0].state / "sample_truth" / "people.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_every_delivery_is_decided_and_one_is_refused(sample):
    installation, output = sample
    assert installation.query("select status, count(*) from audit.delivery group by status order by status") == [
        ("published", 50),
        ("refused", 1),
    ]
    assert "refused" in output and "report for the sender" in output and "once more" not in output
    ((feed, rule),) = installation.query(
        "select d.feed, f.rule_id from audit.delivery_finding f join audit.delivery d using (delivery_id)"
        " where f.severity = 'critical'"
    )
    assert (feed, rule) == ("probation", "probation_contact.sha256")


def test_the_late_feed_held_nothing_up_and_its_staleness_shows(sample):
    stale = sample[0].query("select feed, business_date::text from audit.alert where kind in ('late', 'stale') order by 1")
    built = sample[0].query("select v.feed, b.business_date::text from audit.build_vintage v join audit.build b using (build_id)"
                            " where v.state = 'stale' and b.kind = 'nightly' order by 1")  # fmt: skip
    assert ("dip", "2013-09-20") in stale
    assert set(stale) == set(built)
    assert sample[0].query("select count(*) from audit.build where status = 'succeeded'") == [(10,)]
    assert sample[0].query("select count(*) from audit.alert where closed_at is null") == [(0,)]


def test_rejected_rows_were_corrected_and_their_rejections_closed(sample):
    assert sample[0].query("select count(distinct rule_id) >= 4 from audit.rejected_row") == [(True,)]
    assert sample[0].query("select distinct closure from audit.rejected_row") == [("corrected",)]
    assert "corrected since)" in sample[1]
    assert sample[0].query("select count(*) from quarantine.rejected_row") == [(0,)], "closed rejections keep no content"


def test_every_row_is_accounted_for(sample):
    """Counted again from what lies in raw: the ledger's own sums are held by a constraint. What was taken up is of neither."""
    booked = sample[0].query(
        "select file, sequence, sum(rows_new + rows_changed), sum(rows_changed + rows_deleted + rows_gone),"
        " bool_or(rows_taken_up > 0) from audit.file_load join audit.delivery using (delivery_id)"
        " where status = 'published' group by 1, 2 order by 1, 2"
    )
    assert len(booked) > 100
    for file, sequence, opened, closed, has_taken_up in booked:
        found = sample[0].query(
            f"select count(*) filter (where opened_by_sequence = {sequence}),"
            f" count(*) filter (where closed_by_sequence = {sequence}) from raw.{file}"
        )
        assert has_taken_up or found == [(opened, closed)], (file, sequence)
    assert sample[0].query("select count(*) from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'r'") == [
        (0,)
    ]
    assert sample[0].query(
        "select audit.first_broken_event() is null, count(*) from audit.event where action = 'publish delivery'"
    ) == [(True, 50)]


def test_every_mart_holds_something(sample):
    """But for what compares with figures printed elsewhere, of which the sample has none."""
    installation = sample[0]
    marts = installation.query(
        "select table_schema || '.' || table_name from information_schema.tables where table_schema like 'mart\\_%' order by 1"
    )
    found = installation.queries(f"select not exists (select from {mart})" for (mart,) in marts)
    empty = [mart for (mart,), is_empty in zip(marts, found, strict=True) if is_empty == [(True,)]]
    assert len(marts) > 40
    assert empty == ["mart_reoffending.published_comparison"]


def test_the_outcome_report_reads_sensibly(sample):
    """Figures in every section, a message at every chart, and nothing in place of a word."""
    page = Page((sample[0].state / "reports" / "latest.html").read_text(encoding="utf-8"))
    assert list(page.faults()) == []
    assert set(page.sections) == set(SECTIONS)
    assert sum(len(part.charts) for part in page.sections.values()) > 10


# What is rare has a case each, which nobody draws.
RARE = (
    ("mart_partnership.release_calendar", "change_in_a_week = 'later' and moved_later_count = 1"),
    ("mart_partnership.release_calendar", "change_in_a_week = 'no_longer_due' and custody_type = 'recall'"),
    ("mart_partnership.release_summary", "n_later > 0"),
    ("mart_partnership.transfers", "status = 'lapsed'"),
    ("mart_partnership.transitions", "stage = 'past_18' and schemes like '%DYO%'"),
)
# The figure that would be flat first, were the sample too poor for the mart.
TOLD_BY_THE_SAMPLE = {
    "mart_partnership.caseload_movement": "scheme = 'PPO' and joiners > 0 and leavers > 0",
    "mart_partnership.caseload_reason": "direction = 'left' and reason = 'moved'",
    "mart_partnership.risk_spread": "risk = 'prison' and n_people > 10",
    "mart_partnership.risk_change": "risk = 'red' and change > 0",
    "mart_partnership.risk_transition": "risk_from = 'amber' and risk_to = 'red' and n_people > 0",
    "mart_partnership.referrals": "route = 'MAPPA' and n_declined > 0 and n_accepted > 0 and median_days_to_decision > 0",
    "mart_partnership.attendance": "n_attended > 0 and n_attended < n_recorded and n_needed_not_invited > 0",
    "mart_partnership.agency_agenda": "not is_invited",
    "mart_partnership.release_calendar": "change_in_a_week = 'earlier' and open_need_count > 0",
    "mart_partnership.release_summary": "n_before_closed_offices > 0 and n_short_sentence > 0 and n_earlier > 0",
    "mart_partnership.custody_movement": "movement = 'release' and begins_or_ends_stay",
    "mart_partnership.level_history": "days_overdue > 0",
    "mart_partnership.level_moves": "n_up > 0 and n_down > 0 and n_overdue > 0",
    "mart_partnership.transfers": "status = 'open' and days_open > 0",
    "mart_partnership.transfer_summary": "n_open > 0 and median_lag_days > 0",
    "mart_partnership.transitions": "within_months between 1 and 5 and schemes is not null",
    "mart_partnership.young_adults": "age_group = '18-24' and n_people_reoffending > 0 and n_victims > 0",
    "mart_partnership.recommendation_history": "category < category_before",
    "mart_partnership.standards_met": "n_gained > 0 and n_missed > 0",
    "mart_partnership.scheme_flag_at_charge": "n_flagged > 0 and n_flagged < n_charges",
    "mart_needs.need_prevalence": "pathway = 8 and group_value = 'F' and n_with_need > 0 and n_not_assessed > 0",
    "mart_needs.need_prevalence_of_cohort": "instrument = 'oasys' and n_with_need > 0 and n_not_assessed > 0",
    "mart_needs.number_of_needs": "population_kind = 'cohort' and n_with_0 > 0 and n_with_3 > 0 and n_not_assessed > 0",
    "mart_cohort.selection_by_district": "n_over_awaiting_decision > 0 and n_under_on_scheme > 0",
    "mart_needs.need_progress": "n_with_both > 0 and pathway = 8 and need_to_need > 0",
    "mart_needs.need_comparison": (
        "scheme = 'PPO' and section = 'drugs' and not is_noise and difference > 0 and n_on_scheme_severe > 0"
    ),
    "mart_needs.need_at_release": "kind = 'due' and source = 'dip' and n_open > 0",
    "mart_needs.release_accommodation": "n_none > 0 and sentence_group = 'under_12_months'",
    "mart_services.service_access": "n_waiting > 0 and median_days_waited > 0 and group_value = 'not_registered'",
    "mart_services.requirement_outcomes": "requirement = 'drug_rehabilitation' and n_completed > 0 and n_breached > 0",
    "mart_services.order_outcomes": "n_unknown > 0 and n_reached > 0 and n_not_reached > 0",
    "mart_services.service_outcome": "service_group = 'women' and n_completed > 0",
    "mart_services.contract_position": "status = 'running' and n_completed > 0",
    "mart_dip.dip_chain": "stage = 'retained' and n_events > 0",
    "mart_dip.dip_caseload": "n_people > 0 and n_transferred_in > 0",
    "mart_dip.dip_caseload_by_day": "n_people > 10",
    "mart_dip.top_change": "step = 'start_to_exit' and item = 'opiate_days' and n_stopped > 0",
    "mart_dip.alcohol_chain": "n_referred > 0 and n_referred < n_brief_intervention",
    "mart_dip.alcohol_rearrest": "n_rearrested > 0 and horizon_months = 12 and status = 'final'",
}


@pytest.mark.parametrize(("mart", "condition"), [*TOLD_BY_THE_SAMPLE.items(), *RARE])
def test_the_sample_is_rich_enough_for(sample, mart, condition):
    assert sample[0].query(f"select count(*) > 0 from {mart} where {condition}") == [(True,)]


def test_the_tutorial_holds_and_its_second_run_changes_nothing(sample):
    installation, output = sample
    (nightly, shown), *others = tutorial.read(PROJECT_DIR / "docs" / "tutorial" / "first-night.md", installation.state)
    assert nightly == "make nightly" and tutorial.is_shown(shown, output)
    finds_iom, *commands, again = [command for command, _ in others]
    assert finds_iom.startswith("export PATH=") and again == "iom nightly"
    printed = installation.type([finds_iom, *commands])
    before = installation.snapshot()
    printed += installation.type([finds_iom, again])[1:]
    assert installation.snapshot() == before
    for (command, shown), output in zip(others, printed, strict=True):
        assert tutorial.is_shown(shown, output), f"$ {command}\n{output}"


# The tutorial has the fourth night built as it was; each of the others takes as long as a night.
@pytest.mark.parametrize("numbers", [(4,), pytest.param(range(1, 11), marks=pytest.mark.bench)])
def test_a_past_night_as_of_equals_what_was_built_then(sample, numbers):
    """Every mart: that night was built from what had changed, the other from everything."""
    installation, _ = sample
    nights = installation.query("select night::text, json_object_agg(mart, digest) from kept.night group by night order by 1")
    assert len(nights) == 10
    different = {}
    for night, built_then in (nights[number - 1] for number in numbers):
        schema = f"asof_{night.replace('-', '')}"
        if installation.query(f"select to_regnamespace('{schema}') is null") == [(True,)]:
            installation.iom("build", "run", night, "--as-of")
        known_then = set(installation.query(f"select * from kept.digests('^{schema}$')"))
        different[night] = {mart for mart, digest in built_then.items() if (mart, digest) not in known_then}
    assert not any(different.values()), different


def test_no_name_and_no_identifier_in_any_file_outside_their_home(sample, people):
    surnames = {person["surname"].lower() for person in people if len(person["surname"]) > 6}
    identifiers = {person[kind] for person in people for kind in ("pncid", "cro_number", "prison_number", "crn")} - {""}
    looked_at = [path for path in _files(sample[0].state) if "outbox" not in path.parts]  # made for an agency, of people it knows
    assert len(surnames) > 50 and len(identifiers) > 500 and len(looked_at) > 100
    for path in looked_at:
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert identifiers.isdisjoint(IDENTIFIER.findall(text)), path
        words = set(re.findall(r"[a-z'-]{7,}", text.lower()))
        assert words & surnames <= CITED, (path, sorted(words & surnames)[:5])


def test_no_name_and_no_identifier_in_any_table_outside_their_home(sample, people):
    installation, _ = sample
    places = {name for (name,) in installation.query("select area_name from reference.areas")}  # some are surnames as well
    words = {"Red", "Amber", "Green", "Day"}  # colours of risk, and the heading of a table by day
    surnames = sorted({person["surname"] for person in people} - places - words)
    tables = installation.query(
        "select format('%I.%I', table_schema, table_name), array_agg(quote_ident(column_name)) from information_schema.columns"
        f" where table_schema ~ '{NAMELESS_SCHEMAS}' and data_type = 'text' group by 1"
    )
    assert sum(len(columns) for _, columns in tables) > 100
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in surnames)
    identifier = "'\\m((19|20)\\d\\d/\\d{7}[A-Z]|[A-Z]\\d{4}[A-Z]{2})\\M'"
    asked = []
    for table, columns in tables:
        held = ", ".join(f"count(*) filter (where {column} in ({listed}) or {column} ~ {identifier})" for column in columns)
        asked.append(f"select {held} from {table}")
    for (table, columns), [found] in zip(tables, installation.queries(asked), strict=True):
        assert not any(found), (table, dict(zip(columns, found, strict=True)))


RELEASES = (
    *(("dip_monthly", f"2013-{month}") for month in (10, 11, 12)), ("quarterly", "2013Q3"), ("quarterly", "2013Q4"),
    ("annual", "2013"), ("district_profile", "2013Q4"),
)  # fmt: skip


@pytest.mark.bench
def test_nobody_is_found_in_all_that_can_be_released_of_the_sample(sample):
    """Every section, of months, quarters, a year and all districts, in the hands of somebody who keeps them all.

    It takes minutes. In each run of the tests the same attacker has some sections of partnerships drawn at random.
    """
    with environment(state_dir=sample[0].state):
        warehouse = Warehouse(sample[0].state / "inbox", sample[0].state)

        def released(audience: str) -> list:
            made = [reports.publish(kind, period, audience=audience) for kind, period in RELEASES]
            return read(warehouse, [report for several in made for report in several])

        truth = Truth(released("internal"), hierarchy(warehouse))
        for audience, rule in (("board", Rule()), ("public", Rule(step=5))):
            attack = Attack(truth, [(rule, released(audience))])
            assert len(truth.sums) > 500 and len(attack.hidden) > 1000, "there is something to find"
            assert attack.pinned(rule) == [], audience


def _files(state: Path):
    for path in state.rglob("*"):
        if path.is_file() and path.relative_to(state).parts[0] not in NAMES_MAY_STAND_IN:
            yield path
