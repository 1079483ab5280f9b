"""What the files of a report are called and where they lie: by audience, and what is released apart from everything else."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ENDS = {"html": ".html", "pdf": ".pdf", "xlsx": ".xlsx", "csv": "-csv.zip"}  # by format
ALL = "all"  # area of a report of the whole partnership
RELEASED = ("released", "replaced")


def name_of(facts: Mapping[str, Any]) -> str:
    """The name of a report's files without the end that says the format. `facts`: a row of published.report."""
    where = "" if facts["area"] == ALL else f"-{_plain(facts['area'])}"
    parts = facts["kind"] + where, facts["period_start"], _plain(facts["audience"]), facts["classification"], facts["report_id"]
    return "-".join(map(str, parts))


def path_of(facts: Mapping[str, Any], form: str) -> Path:
    """Where the file of a format lies below the folder of reports. `facts`: a row of published.report with its `state`."""
    return _folder(facts, facts["state"] in RELEASED) / f"{name_of(facts)}{ENDS[form]}"


def path_before(facts: Mapping[str, Any], form: str) -> Path:
    """Where the file lay, or will lie, while the report stands on the other side of its release."""
    return _folder(facts, facts["state"] not in RELEASED) / f"{name_of(facts)}{ENDS[form]}"


def _folder(facts: Mapping[str, Any], is_released: bool) -> Path:
    return Path(_plain(facts["audience"])) / ("released" if is_released else "drafts")


def _plain(code: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", "_", code)
