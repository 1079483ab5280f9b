"""The Rossi study through the whole nightly run: 432 men, a year after prison (Rossi, Berk and Lenihan 1980)."""

import re
from pathlib import Path

import pandas
import pytest
from delivery_maker import Warehouse
from installations import Installation
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_rossi

FIRST_ARRESTS = {28: 4, 91: 20, 182: 54, 273: 81, 364: 114}
SUMMARY = (
    "select {} from mart_reoffending.reoffending_summary"
    " where measure_id = 'rossi_rearrest' and group_by = 'all' order by horizon_days"
)


@pytest.fixture(scope="module")
def rossi(example):
    return example("rossi")


def test_people_rearrested_by_each_horizon(rossi):
    found = rossi[0].query(SUMMARY.format("horizon_days, n_people, n_people_with_event"))
    assert found == [(horizon, 432, arrested) for horizon, arrested in FIRST_ARRESTS.items()]


def test_days_at_risk_up_to_the_first_arrest(rossi):
    assert rossi[0].query(SUMMARY.format("days_at_risk"))[-1] == (138_207,)


def test_the_survival_curve_is_that_of_lifelines(rossi):
    """On every day of it: its estimator on its own data, of which an arrest in week w is 7 (w - 1) + 3 days on."""
    found = rossi[0].query(
        "select day, n_at_risk, n_events, survival, ci_low, ci_high, is_horizon from mart_reoffending.survival_curve"
        " where measure_id = 'rossi_rearrest' and group_by = 'all' order by day"
    )
    days = [day for day, *_ in found]
    men = load_rossi()
    fitted = KaplanMeierFitter().fit(7 * men["week"] - 4 * men["arrest"], men["arrest"], timeline=days)
    table = fitted.event_table
    assert set(table.index[table["observed"] > 0]) | {0} | FIRST_ARRESTS.keys() == set(days)
    assert [day for day, *_, is_horizon in found if is_horizon] == list(FIRST_ARRESTS)
    assert [(at_risk, events) for _, at_risk, events, *_ in found] == list(
        zip(table["at_risk"].reindex(days, method="bfill"), table["observed"].reindex(days, fill_value=0), strict=True)
    )
    expected = [fitted.survival_function_, fitted.confidence_interval_]
    for (day, _, _, *curve, _), row in zip(found, pandas.concat(expected, axis=1).itertuples(index=False), strict=True):
        assert curve == pytest.approx(list(row), abs=1e-6), day


def test_people_on_parole_and_the_others(rossi):
    """68 of the 267 on parole and 46 of the 165 others were rearrested within the year."""
    found = rossi[0].query(
        "select n_people, n_people_with_event from mart_reoffending.reoffending_summary"
        " where measure_id <> 'rossi_rearrest' and group_by = 'all' and horizon_days = 364 order by n_people desc"
    )
    assert found == [(267, 68), (165, 46)]


def test_every_delivered_row_was_taken(rossi):
    assert rossi[0].query("select sum(rows_rejected), sum(rows_new), count(*) from audit.file_load") == [(0, 10_891, 20)]


def test_the_summary_tells_what_happened(rossi):
    installation, output = rossi
    for words in ("police: 1 delivery published so far", "prison: 1", "probation: 1", "1974-06-30", "Database: "):
        assert words in output
    assert "Zoandcan" not in output, "a name of the extract"


def test_the_line_for_psql_opens_the_marts_and_no_names(rossi):
    installation, output = rossi
    line = re.search(r"PGPASSWORD=.*", output)[0]
    queries = ("select count(distinct person_key) from mart_cohort.cohort_member", "select count(*) from raw.police_person")
    marts, names = installation.type([f"{line} -Atc '{query}'" for query in queries])
    assert int(marts) == 432
    assert "permission denied" in names


def test_what_has_not_come_by_today_is_told(rossi):
    """The last delivery is of 1974: whoever runs this each night hears of it, though nothing waits."""
    told = rossi[0].query("select feed, business_date < current_date from audit.alert where kind = 'stale' order by feed")
    assert told == [("police", True), ("prison", True), ("probation", True)]
    assert "prison: no delivery for 20" in rossi[1]


@pytest.mark.parametrize(
    ("given", "asked_for"),
    [("IOM_CONFIGURATION_DIR", "filled from an inbox of your own"), ("IOM_INBOX", "The configuration in force comes from")],
)
def test_an_inbox_or_a_configuration_that_was_forgotten_is_asked_for(rossi, given: str, asked_for: str):
    installation, _ = rossi
    forgetful = Installation(installation.state, {given: installation.settings[given]})
    before = installation.snapshot()
    done = forgetful.iom("nightly", check=False)
    assert done.returncode == 1 and asked_for in " ".join((done.stdout + done.stderr).split())
    assert installation.snapshot() == before


def test_a_page_that_a_killed_run_left_unwritten_comes_with_the_next_one(rossi):
    """Nothing new waits, so nothing else changes."""
    installation, _ = rossi
    [page] = (installation.state / "reports" / "internal" / "drafts").glob("*-1.html")
    pages, before = page.read_bytes(), installation.snapshot()
    page.unlink()
    assert "Nothing new was waiting; the marts stay as they are." in installation.iom("nightly").stdout
    assert page.read_bytes() == pages
    assert installation.snapshot() == before


def test_a_night_of_which_every_delivery_is_refused_ends_with_status_1(rossi):
    """Whoever runs it at night hears of it; one refused beside one published is a night as designed."""
    installation, _ = rossi
    inbox = Warehouse(Path(installation.settings["IOM_INBOX"]), installation.state)
    inbox.deliver("dip", 1, {}, entries={"dip_client": {"rows": 5}})
    done = installation.iom("nightly", check=False)
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1 and "Error: Nothing that came could be loaded: 1 delivery was refused." in told, told
    assert told.index("Database: ") < told.index("Error: "), "where everything is comes all the same"


def test_a_delivery_that_cannot_be_decided_costs_nobody_the_summary(rossi):
    """It is encrypted, and nobody has said which keys may sign for this feed. Another feed goes on."""
    installation, _ = rossi
    inbox = Warehouse(Path(installation.settings["IOM_INBOX"]), installation.state)
    stuck = inbox.deliver("dip", 2, {"dip_client": b"not to be read"}, entries={"dip_client": {"name": "dip_client.csv.gpg"}})
    inbox.deliver("hub", 1, {})
    done = installation.iom("nightly", check=False)
    told = " ".join((done.stdout + done.stderr).split())
    log = (installation.state / "airflow" / "nightly.log").read_text("utf-8")
    assert done.returncode == 1 and "once more" not in told and f"Not decided: dip/{stuck}." in told, f"{told}\n{log[-9000:]}"
    why = "Task land of load_dip failed: It is not known which OpenPGP keys may sign the feed dip."
    assert f"dip {stuck}: received: {why}" in told
    assert "hub 2013-10-01.1: published" in told and "hub: 1 delivery published so far" in told
    assert "dip: 0 deliveries published so far, 1 refused, 1 undecided" in told
    assert told.index("Database: ") < told.index("Not decided"), "where everything is comes all the same"
