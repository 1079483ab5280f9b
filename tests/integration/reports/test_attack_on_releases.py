"""All tables of several releases at once, given to somebody who wants to know: nobody finds a small count in them."""

import shutil
from pathlib import Path

import pytest
import worlds_of_releases
from delivery_maker import Warehouse
from marts_by_hand import Reporting
from release_attacker import Attack, Rule, Truth, hierarchy, read

from iom_warehouse import reports
from iom_warehouse.disclosure import ReleaseBlocked
from iom_warehouse.platform.settings import PROJECT_DIR

RULES = {"board": Rule(), "public": Rule(step=5)}
FEEDS = dict.fromkeys(("police", "hub", "dip", "prison", "probation"), "fresh")
SECTIONS = "reoffending;caseload;risk;referrals;drug_services;acquisitive_crime"
OF_THE_WHOLE = f"{SECTIONS};value"
RELEASES = (  # as they come out: months, then their quarter, then the districts of it
    ("months", "2013-10"), ("months", "2013-11"), ("months", "2013-12"), ("quarters", "2013Q4"), ("districts", "2013Q4"),
)  # fmt: skip
KINDS = (
    f"months,1,Months,monthly,,,,{OF_THE_WHOLE},2004-01-01", f"quarters,1,Quarters,quarterly,,,,{OF_THE_WHOLE},2004-01-01",
    f"districts,1,Districts,quarterly,,district,,{SECTIONS},2004-01-01",
)  # fmt: skip


@pytest.fixture(scope="module")
def partnership(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Reporting:
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    header = (folder / "reports.csv").read_text("utf-8").splitlines()[0]
    (folder / "reports.csv").write_text("\n".join([header, *KINDS]) + "\n", "utf-8")
    found = Reporting(shared_warehouse)
    found.configure(folder)
    return found


def release(audience: str) -> list[int]:
    """The reports in their order; one that is blocked does not come out."""
    made = []
    for kind, period in RELEASES:
        try:
            made += reports.publish(kind, period, audience=audience)
        except ReleaseBlocked:
            continue
    return made


@pytest.mark.parametrize(("seed", "audience"), [(1, "public"), (2, "public"), (3, "board")])
def test_no_small_count_of_a_small_partnership_is_pinned(partnership: Reporting, seed: int, audience: str) -> None:
    worlds_of_releases.fill(partnership, seed)
    partnership.build(str(worlds_of_releases.LAST), **FEEDS)
    truth = Truth(read(partnership.warehouse, release("internal")), hierarchy(partnership.warehouse))
    released = read(partnership.warehouse, release(audience))
    assert len({each.report for each in released}) >= len(RELEASES) - 1, "nearly all of them come out"
    attack = Attack(truth, [(RULES[audience], released)])
    assert len(truth.sums) > 100 and len(truth.ratios) > 5 and len(attack.hidden) > 50, "there is something to find"
    assert attack.pinned(RULES[audience]) == []


def test_the_attacker_finds_what_is_not_hidden_well(partnership: Reporting) -> None:
    """The same reports with the second cells of every sum shown: of what was hidden much is found."""
    worlds_of_releases.fill(partnership, 4)
    partnership.build(str(worlds_of_releases.LAST), **FEEDS)
    true = read(partnership.warehouse, release("internal"))
    truth = Truth(true, hierarchy(partnership.warehouse))
    only_small = [
        each._replace(value=None, text="c") if each.fact and each.value is not None and 0 < each.value < 5 else each
        for each in true if each.fact
    ]  # fmt: skip
    assert len(Attack(truth, [(RULES["board"], only_small)]).pinned(RULES["board"])) > 50
