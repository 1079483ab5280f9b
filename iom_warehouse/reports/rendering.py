"""Rendering: a published report becomes one HTML file that needs nothing beside itself."""

import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from iom_warehouse.disclosure import audiences
from iom_warehouse.platform import report_files
from iom_warehouse.reports import counting, definitions, page, scope, wording

if TYPE_CHECKING:
    from iom_warehouse.reports.charts import Drawing

LATEST = "latest.html"
READING = (
    "A change says in words whether there was more or fewer. A plus sign is more of what the row counts, a minus sign is less.",
    "A 95% interval says how far chance alone could have moved a figure. Where the interval of a change holds both more and"
    " fewer, the figures do not tell whether anything changed.",
    "Provisional: more of the period can still become known, such as an offence or its proof. Final: the period was over when the"
    " data were taken, and as many months as late results are waited for had passed since.",
)
MARKERS = {
    "suppressed": "c, or a number with < before it: hidden. So few people are behind it that one could be recognised.",
    "suppressed_with_another": "c also stands where a hidden figure could be worked out from the one behind it.",
    "rounded": "Counts are rounded; totals may not be the sum of their rows. Shares and changes were worked out before rounding.",
    "flagged": "treat with caution: few people are behind this share or change.",
    "missing": "Words in place of a number say why there is none.",
}


def render(report_id: int, folder: Path) -> Path:
    """Write the page of a report into `folder`; the partnership's newest quarterly one as latest.html too. Returns its path.

    Raises IomError when there is no such report.
    """
    report = page.read(report_id)
    text = html(report)
    target = place(report, folder, "html")
    write(target, text)
    facts = report.facts
    is_main = (facts["kind"], facts["area"], facts["audience"]) == (definitions.QUARTERLY, scope.ALL, audiences.INTERNAL)
    if is_main and facts["is_newest"]:
        write(folder / LATEST, text)
    return target


def place(report: page.Report, folder: Path, form: str) -> Path:
    """Where a format of the report is to be written; nothing is left where it lay before it was released or withdrawn."""
    target = folder / report_files.path_of(report.facts, form)
    target.parent.mkdir(parents=True, exist_ok=True)
    (folder / report_files.path_before(report.facts, form)).unlink(missing_ok=True)
    return target


def path_of(report_id: int, folder: Path, form: str = "html") -> Path:
    """Where the page, or another format, of a report lies, once it is written. Raises IomError when there is no such report."""
    return folder / report_files.path_of(page.head(report_id), form)


def lies_as_released(report_id: int, folder: Path) -> bool:
    """Whether a file of a withdrawn report still lies where it lay while the report was released."""
    return any(path.is_file() for path in _places_before(report_id, folder))


def remove_released(report_id: int, folder: Path) -> None:
    """Take away what lies where the files of a withdrawn report lay while it was released."""
    for path in _places_before(report_id, folder):
        path.unlink(missing_ok=True)


def _places_before(report_id: int, folder: Path) -> list[Path]:
    facts = page.head(report_id)
    return [folder / report_files.path_before(facts, form) for form in report_files.ENDS]


def drawings(report: page.Report) -> "dict[str, list[Drawing]]":
    """The charts of a report by the names of their tables."""
    from iom_warehouse.reports import charts  # matplotlib takes a second to import

    return {table.name: drawn for table in report.tables if (drawn := charts.draw(table))}


def in_words(drawing: "Drawing") -> str:
    """What a chart says to those who do not see it."""
    return f"Chart: {drawing.message} The table below has the figures."


def findings(report: page.Report) -> dict[str, str]:
    """Short words for what is found about rows of this report, each with what it means."""
    known = [
        *wording.FINDINGS.values(),
        ("DQ-NI30-001", "the figure was printed differently elsewhere; both are kept as they are"),
    ]
    return {short.replace("{}", "…"): words for short, words in known if report.says(max(short.split("{}"), key=len))}


def html(report: page.Report, drawn: "Mapping[str, list[Drawing]] | None" = None) -> str:
    """The page of a report; with charts that are drawn already, or else they are drawn now."""
    found = drawings(report) if drawn is None else drawn
    return _template("report.html.jinja").render(
        report=report.facts,
        standing=report.standing,
        sections=report.sections,
        measures=[table for table in report.tables if table.facts["rule_parameters"]],
        counting=counting.in_words,
        charts=found,
        in_words=in_words,
        findings=findings(report),
        reading=READING,
        markers=[words for status, words in MARKERS.items() if status in report.statuses()],
    )


def write(target: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: whoever opens it meanwhile sees the old one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
    part = Path(name)
    part.chmod(0o640)
    part.replace(target)


def _template(name: str) -> Template:
    return environment().get_template(name)


@cache
def environment() -> Environment:
    """Templates that escape whatever they print and fail on a name they do not know."""
    found = Environment(
        loader=PackageLoader("iom_warehouse.reports"), autoescape=select_autoescape(["html", "jinja"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["day"] = wording.day
    found.filters["feed"] = wording.feed
    return found
