"""The formats of a report. Each is made of the same released tables, read back from `published.*`, and of nothing else."""

from collections.abc import Sequence
from pathlib import Path

from iom_warehouse.reports import rendering

FORMATS = ("html",)


def write(report_id: int, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a published report into `folder`, once for each of the formats. Returns the files in that order."""
    return [rendering.render(report_id, folder) for each in formats if each == "html"]
