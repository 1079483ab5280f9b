"""A passport as lines of text, for the screen of the practitioner who asked."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from iom_warehouse.access.looks import Entry


def passport_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """A heading per section and a line per entry; a value that nobody gave is a dash."""
    for section, entries_of_it in groupby(entries, key=lambda entry: entry.section):
        yield section.capitalize()
        for entry in entries_of_it:
            yield "  " + "  ".join(f"{name}: {'-' if value is None else value}" for name, value in entry.facts.items())
