"""The formats of a report. Each is made of the same released tables, read back from `published.*`, and of nothing else."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from iom_warehouse.reports import page, rendering
from iom_warehouse.reports.formats import comma_separated, pdf, workbook
from iom_warehouse.reports.page import Report

MAKERS: Mapping[str, Callable[[Report], bytes]] = {"pdf": pdf.make, "xlsx": workbook.make, "csv": comma_separated.make}
FORMATS = ("html", *MAKERS)


def write(report_id: int, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a published report into `folder`, once for each of the formats. Returns the files in that order.

    Raises IomError when there is no such report, and after all others are written for a format that needs what is not installed.
    """
    paths = [rendering.render(report_id, folder)] if "html" in formats else []
    report = page.read(report_id)
    for name in sorted(set(formats) & MAKERS.keys(), key=lambda name: (name == "pdf", FORMATS.index(name))):
        paths.append(rendering.place(report, folder, name))
        rendering.write(paths[-1], MAKERS[name](report))
    return paths
