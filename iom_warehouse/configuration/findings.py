"""What is wrong with a configuration folder, said to the person who edits it."""

import shlex
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from iom_warehouse.platform.errors import IomError

SHOWN = 50


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to put right. `row` counts as a spreadsheet does (the header is row 1); 0 stands for the file as a whole."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = [self.file, *([f"row {self.row:,}"] if self.row else []), *([self.column] if self.column else [])]
        return f"{', '.join(place)}: {self.message}"


class ConfigurationRefused(IomError):
    """The folder was refused as a whole; `findings` holds all reasons, in the order of the folder."""

    def __init__(self, findings: list[Finding], folder: Path) -> None:
        self.findings = sorted(set(findings))
        left_out = len(self.findings) - SHOWN
        lines = [str(finding) for finding in self.findings[:SHOWN]] + ([f"… and {left_out:,} more"] if left_out > 0 else [])
        count = f"{len(self.findings)} mistake{'s' if len(self.findings) > 1 else ''}"
        super().__init__(
            f"The configuration was not applied: {count}.\n" + "\n".join(lines) + "\n",
            f"Nothing was changed. Put the rows right and run: iom configuration apply {shlex.quote(str(folder))}",
        )


def quoted(value: str) -> str:
    """A value as it may stand in a message: one line, no control characters, not longer than a line."""
    short = value if len(value) <= 60 else value[:57] + "…"
    return "'" + "".join(letter if letter.isprintable() else "·" for letter in short) + "'"


def did_you_mean(value: str, allowed: list[str]) -> str:
    """`; did you mean 'x'?` where one of the allowed values is close, else an empty text."""
    by_folded = {_folded(candidate): candidate for candidate in allowed}
    close = get_close_matches(_folded(value), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {quoted(by_folded[close[0]])}?" if close else ""


def _folded(text: str) -> str:
    return text.casefold().replace("_", "").replace("-", "").replace(" ", "")
