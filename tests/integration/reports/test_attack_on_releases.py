"""All tables of several releases at once, given to somebody who wants to know: nobody finds a small count in them."""

import shutil
from pathlib import Path

import pytest
import worlds_of_releases
from marts_by_hand import Reporting
from release_attacker import Attack, Rule, Truth, hierarchy, read

from iom_warehouse import reports
from iom_warehouse.platform.settings import PROJECT_DIR

BOARD, PUBLIC = Rule(), Rule(step=5)
SECTIONS = "caseload;risk;referrals;drug_services;acquisitive_crime"
MONTHS = [f"2013-{month:02}" for month in range(10, 13)]
QUARTERS = ["2013Q3", "2013Q4"]
KINDS = {"months": MONTHS, "quarters": QUARTERS, "year": ["2013/14"], "districts": QUARTERS, "wards": ["2013/14"]}
ROWS = (
    f"months,1,Months,monthly,,,,{SECTIONS},2004-01-01", f"quarters,1,Quarters,quarterly,,,,{SECTIONS},2004-01-01",
    f"year,1,Year,annual,,,,{SECTIONS},2004-01-01", f"districts,1,Districts,quarterly,,district,,{SECTIONS},2004-01-01",
    "wards,1,Wards,annual,,ward,,acquisitive_crime,2004-01-01",
)  # fmt: skip


@pytest.fixture(scope="module")
def partnership(shared_warehouse, tmp_path_factory) -> Reporting:
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    header = (folder / "reports.csv").read_text("utf-8").splitlines()[0]
    (folder / "reports.csv").write_text("\n".join([header, *ROWS]) + "\n", "utf-8")
    found = Reporting(shared_warehouse)
    found.configure(folder)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_world(partnership, seed):
    import time

    worlds_of_releases.fill(partnership, seed)
    partnership.build("2014-03-31", **dict.fromkeys(("police", "hub", "dip", "prison", "probation"), "fresh"))
    made = {}
    for audience in ("internal", "board", "public"):
        made[audience] = []
        for kind, periods in KINDS.items():
            for period in periods:
                t = time.time()
                try:
                    made[audience] += reports.publish(kind, period, audience=audience)
                except Exception as e:
                    print("   BLOCKED", str(e)[:1500])
                print("  ", audience, kind, period, round(time.time() - t, 2), flush=True)
    t = time.time()
    truth = Truth(read(partnership.warehouse, made["internal"]), hierarchy(partnership.warehouse))
    print("truth", len(truth.sums), time.time() - t)
    print({k: (v[0], v[1], v[2].__name__) for k, v in truth.ratios.items()})
    for audience, rule in (("board", BOARD), ("public", PUBLIC)):
        t = time.time()
        a = Attack(truth, [(rule, read(partnership.warehouse, made[audience]))])
        found = a.pinned(rule)
        print(audience, len(a.hidden), "hidden", len(found), "pinned", time.time() - t)
        for one in found[:25]:
            print("   ", one)
