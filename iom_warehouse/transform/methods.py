"""The methods page: every rule that the marts are held to, with the worked case that proves it, as Markdown.

Written from the spec cases themselves (`tests/spec`), which the tests run through the real models. So a case on the page is one
that held when the tests last passed, and the page cannot drift from them.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

TOPICS = {
    "cohorts": "Cohorts", "reoffending": "Reoffending", "offences": "Offences and other events", "custody": "Custody",
    "schemes": "Schemes", "supervision": "Supervision", "caseload": "Caseload", "needs": "Needs", "linkage": "Who is who",
}  # fmt: skip


def markdown() -> str:
    """The page. Raises IomError when the spec cases are not there, as in an installation without the tests."""
    folder = settings().project_dir / "tests" / "spec"
    files = sorted(folder.glob("*/*.yml"))
    if not files:
        raise IomError(f"There are no spec cases in {folder}.", "Write the documentation from a checkout of the project.")
    return "\n".join(_page(files)) + "\n"


def _page(files: list[Path]) -> Iterator[str]:
    yield "# Methods: the rules and their worked cases"
    yield ""
    yield "People have invented first names. `given` is what the agencies delivered, `expect` what the marts say."
    by_topic: dict[str, list[Path]] = {topic: [] for topic in TOPICS}
    for file in files:
        by_topic.setdefault(file.parent.name, []).append(file)
    for topic, cases in by_topic.items():
        if cases:
            yield from ["", f"## {TOPICS.get(topic, topic.replace('_', ' ').capitalize())}"]
            for case in cases:
                yield from _case(case)


def _case(file: Path) -> Iterator[str]:
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    yield from ["", f"### {file.stem.replace('_', ' ').capitalize()}", "", " ".join(written.pop("rule").split())]
    if method := written.pop("method", None):
        yield from ["", f"*{method}*"]
    for case in written.pop("cases", []):
        yield from ["", " ".join(case.pop("why").split())]
        yield from _parts(case)
    yield from _parts(written)


def _parts(parts: Mapping[str, Any]) -> Iterator[str]:
    """What is given, defined and expected, each under its own name."""
    for name, part in parts.items():
        if isinstance(part, str):
            yield from ["", f"**{name}**", "", *_table(part)]
        elif all(isinstance(value, str) and "|" in value for value in part.values()):
            for relation, text in part.items():
                yield from ["", f"**{name}: {relation}**", "", *_table(text)]
        else:
            yield from ["", f"**{name}**", "", *(f"    {line}" for line in yaml.safe_dump(part, sort_keys=False).splitlines())]


def _table(text: str) -> Iterator[str]:
    """A table of a spec as one of Markdown; its comments become a last column."""
    lines = [line.partition("#") for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    has_comments = any(comment for _, _, comment in lines)
    for number, (cells, _, comment) in enumerate(lines):
        found = [cell.strip() for cell in cells.split("|")] + ([comment.strip()] if has_comments else [])
        yield f"| {' | '.join(found)} |"
        if not number:
            yield f"|{'---|' * len(found)}"
