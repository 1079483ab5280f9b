"""A quarterly pack for ten areas in every format: time by stage and peak memory, which do not grow with the people counted."""

import csv
import resource
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sections_in_marts
from cluster import own_warehouse
from marts_by_hand import Reporting

from iom_warehouse import reports
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import formats, page, rendering

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
DISTRICTS = [f"D{number:02}" for number in range(1, 11)]
NO_COUNTS = {"stage_number", "pathway", "category", "person_key"}
KEPT = ("agencies", "agreements", "audiences", "calendar", "cohorts", "measures", "offence_sets", "offences")


def configuration(folder: Path) -> Path:
    """The partnership's own rows, but for its areas: one division with ten districts, and the pack."""
    for name in KEPT:
        (folder / f"{name}.csv").write_bytes((PROJECT_DIR / "partnership" / f"{name}.csv").read_bytes())
    areas = [("F", "Force", "force", ""), ("N", "North", "division", "F"), *((code, code, "district", "N") for code in DISTRICTS)]
    with (folder / "areas.csv").open("w", newline="") as file:
        csv.writer(file).writerows([
            ("area", "area_name", "area_type", "parent", "effective_from"), *((*area, "2004-01-01") for area in areas)
        ])  # fmt: skip
    sections = "caseload;risk;referrals;engagement;needs;drug_services;releases;services;acquisitive_crime"
    header = "kind,version,title,schedule,audiences,area_type,areas,sections,effective_from"
    (folder / "reports.csv").write_text(f"{header}\npack,1,Outcomes,quarterly,board,district,,{sections},2004-01-01\n")
    return folder


def caseload_movement() -> list[dict[str, Any]]:
    return [{
        **sections_in_marts.QUARTER, **sections_in_marts.EVERYONE, "opening": 434, "joiners": 40, "leavers": 45, "closing": 429,
    }]  # fmt: skip


def times(row: dict[str, Any], factor: int, **more: Any) -> dict[str, Any]:
    """The row with all its counts so many times."""
    counts = {name for name, value in row.items() if type(value) is int and name not in NO_COUNTS}
    return {name: factor * value if name in counts else value for name, value in row.items()} | more


def fill(reporting: Reporting, factor: int) -> None:
    """Every mart by district, each district with `factor` times the usual counts, and the whole with ten times a district's.

    Marts that know no areas are filled as they are.
    """
    for schema, marts in {**sections_in_marts.MARTS, "mart_partnership": (
        caseload_movement, *sections_in_marts.MARTS["mart_partnership"]
    )}.items():  # fmt: skip
        for mart in marts:
            whole = [row for row in mart() if row.get("area_level", "all") == "all"]
            by_area = [row for row in whole if "area_level" in row]
            rows = [row for row in whole if "area_level" not in row]
            rows += [times(row, factor * len(DISTRICTS)) for row in by_area]
            rows += [times(row, factor, area_level="district", area=area) for row in by_area for area in DISTRICTS]
            reporting.fill(schema, mart.__name__, rows)


def pack(cluster, folder: Path, factor: int, stopwatch) -> None:
    with own_warehouse(cluster) as warehouse:
        reporting = Reporting(warehouse)
        reporting.configure(configuration(folder))
        reporting.build(str(date(2013, 12, 31)), **sections_in_marts.EVERY_FEED)
        fill(reporting, factor)
        with stopwatch(f"disclosure control and storing, x{factor}"):
            issued = reports.publish("pack", "2013Q4", audience="board")
        assert len(issued) == 10
        found = [page.read(report_id) for report_id in issued]
        with stopwatch(f"pages, x{factor}"):
            texts = [rendering.html(report) for report in found]
        for name, make in formats.MAKERS.items():
            with stopwatch(f"{name}, x{factor}"):
                texts += [str(len(make(report))) for report in found]
        print(f"    peak memory so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def test_a_pack_of_ten_areas(cluster, tmp_path_factory, stopwatch):
    for factor in (1, 100):
        pack(cluster, tmp_path_factory.mktemp(f"x{factor}"), factor, stopwatch)
    stopwatch.ratio("pages, x100", "pages, x1", 2)
    stopwatch.ratio("pdf, x100", "pdf, x1", 2)
    stopwatch.ratio("disclosure control and storing, x100", "disclosure control and storing, x1", 2)
