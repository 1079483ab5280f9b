"""The pages that lead to the others: what a login may open, and the list of its reports."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from iom_warehouse.platform import report_files
from iom_warehouse.site.register import Facts

HERE = Path(__file__).parent
FORMATS = {"html": "page", "pdf": "PDF", "xlsx": "workbook", "csv": "CSV tables"}


def home(places: Sequence[tuple[str, str, str]]) -> str:
    """The first page, with the places that a login may open: address, name and what is there."""
    return _environment().get_template("home.html.jinja").render(places=places)


def list_of_reports(reports: Sequence[Facts]) -> str:
    """The reports of a login, released ones apart from drafts; a draft is read as a page only."""
    released = [(facts, _formats(facts)) for facts in reports if facts["state"] in report_files.RELEASED]
    others = [(facts, {"html": FORMATS["html"]}) for facts in reports if facts["state"] not in report_files.RELEASED]
    return _environment().get_template("reports.html.jinja").render(released=released, others=others)


def _formats(facts: Facts) -> dict[str, str]:
    return {form: words for form, words in FORMATS.items() if form in facts["files"]}


@cache
def _environment() -> Environment:
    """The same frame and style as reports have."""
    folders = [HERE / "templates", HERE.parent / "reports" / "templates"]
    return Environment(
        loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
