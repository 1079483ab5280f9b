"""The methods page: every rule that the marts are held to, with the worked case that proves it, as Markdown.

Written from the spec cases themselves (`tests/spec`), which the tests run through the real models. So a case on the page is one
that held when the tests last passed, and the page cannot drift from them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from iom_warehouse.platform import yaml_file
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

READING = "People have invented first names. `given` is what the agencies delivered, `expect` what the marts say."
TOPICS = {
    "cohorts": "Cohorts", "reoffending": "Reoffending", "offences": "Offences and other events", "custody": "Custody",
    "schemes": "Schemes", "supervision": "Supervision", "caseload": "Caseload", "needs": "Needs", "linkage": "Who is who",
}  # fmt: skip


def markdown() -> str:
    """All topics as one page. Raises IomError when the spec cases are not there."""
    by_topic = _by_topic()
    parts = ["\n".join(_topic(topic, cases, "##")) for topic, cases in by_topic.items()]
    traps = "\n".join(_traps(chain.from_iterable(by_topic.values())))
    return "\n\n".join(["# Methods: the rules and their worked cases", READING, *parts, traps]) + "\n"


def markdown_by_topic() -> dict[str, str]:
    """A page for each topic, by its name. Raises IomError when the spec cases are not there."""
    return {
        topic: "\n".join([f"# Methods: {_title(topic).lower()}", "", READING, *_topic(topic, cases, "")]) + "\n"
        for topic, cases in _by_topic().items()
    }


def _by_topic() -> dict[str, list[Path]]:
    """The files of spec cases by topic. Raises IomError when there are none, as in an installation without the tests."""
    folder = settings().project_dir / "tests" / "spec"
    found: dict[str, list[Path]] = {topic: [] for topic in TOPICS}
    for file in sorted(folder.glob("*/*.yml")):
        found.setdefault(file.parent.name, []).append(file)
    if not any(found.values()):
        raise IomError(f"There are no spec cases in {folder}.", "Write the documentation from a checkout of the project.")
    return {topic: cases for topic, cases in found.items() if cases}


def _title(topic: str) -> str:
    return TOPICS.get(topic, _in_words(topic))


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _topic(topic: str, cases: list[Path], heading: str) -> Iterator[str]:
    """The cases of a topic; below a `heading` of this level, unless the page is the topic's own."""
    if heading:
        yield f"{heading} {_title(topic)}"
    for case in cases:
        yield from _case(case, f"{heading or '#'}#")


def _traps(files: Iterable[Path]) -> Iterator[str]:
    """What is easily got wrong, by its number, with the case that shows it."""
    found = [(number, trap, file) for file in files for number, trap in _read(file).get("traps", {}).items()]
    yield from ["## What is easily got wrong", "", "| trap | what | case |", "|---|---|---|"]
    for number, trap, file in sorted(found):
        yield f"| {number} | {trap} | {_in_words(file.stem)} |"


def _read(file: Path) -> dict[str, Any]:
    written: dict[str, Any] = yaml_file.read(file)
    return written


def _case(file: Path, heading: str) -> Iterator[str]:
    written = _read(file)
    yield from ["", f"{heading} {_in_words(file.stem)}", "", " ".join(written.pop("rule").split())]
    if method := written.pop("method", None):
        yield from ["", f"*{method}*"]
    for number, trap in written.pop("traps", {}).items():
        yield from ["", f"*Trap {number}: {trap}*"]
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
