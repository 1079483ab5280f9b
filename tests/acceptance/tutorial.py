"""The tutorial as steps: what it tells to type, and what it shows of the output."""

import re
from collections.abc import Iterator
from pathlib import Path

INDENT = "    "
PROMPT = f"{INDENT}$ "
LEFT_OUT = "…"


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Each command with the output shown below it; a block without a command shows more of the last command's output."""
    command, shown = "", ""
    for line in text.splitlines():
        if line.startswith(PROMPT):
            if command:
                yield command, shown
            command, shown = line.removeprefix(PROMPT), ""
        elif line.startswith(INDENT):
            shown += line + "\n"
    yield command, shown


def is_shown(shown: str, output: str) -> bool:
    """Whether the output is what was shown, with anything where something was left out. White space does not count."""
    parts = [re.escape(" ".join(part.split())) for part in shown.split(LEFT_OUT)]
    return re.fullmatch(r".*".join(parts), " ".join(output.split())) is not None


def read(path: Path, state: Path) -> list[tuple[str, str]]:
    """The steps of a tutorial, told about another state directory than `.state`."""
    return list(steps(path.read_text(encoding="utf-8").replace(".state", str(state))))
