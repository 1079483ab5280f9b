"""A page of a report as a test reads it: its sections with their tables and charts, and what a reader would stumble over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

NOT_OF_FIGURES = {"main-points", "reading", "methods", "trace"}
NO_WORD = re.compile(r"\b(None|nan|NaN|NaT|null|inf|undefined)\b")
EMPTY = re.compile(r"<(tbody|ul|dl|p|td|th|figcaption)(?: [^>]*)?>\s*</\1>")
MESSAGE = re.compile(r"Chart: .*[a-z].*[.] The table below has the figures[.]")


@dataclass
class Part:
    """A section: how many tables and rows of figures stand in it, and what its charts say."""

    name: str
    tables: int = 0
    rows: int = 0
    charts: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The sections of a page of a report, in their order, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.parts: list[Part] = []
        self.words: list[str] = []
        self._unread: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("style", "svg"):
            self._unread.append(tag)
        elif tag == "h2" and named.get("id"):
            self.parts.append(Part(str(named["id"])))
        elif self.parts:
            self.parts[-1].tables += tag == "table"
            self.parts[-1].rows += tag == "td"
            if named.get("role") == "img":
                self.parts[-1].charts.append(named.get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._unread and tag == self._unread[-1]:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words.append(data)

    @property
    def sections(self) -> dict[str, Part]:
        """Those with figures, by name."""
        return {part.name: part for part in self.parts if part.name not in NOT_OF_FIGURES}

    def faults(self) -> Iterator[str]:
        """What no reader should find."""
        text = " ".join(self.words)
        around = (text[max(found.start() - 60, 0) : found.end() + 20] for found in NO_WORD.finditer(text))
        yield from (f"no word: {words}" for words in around)
        drawn_apart = re.sub(r"<svg.*?</svg>", "drawing", self.html, flags=re.DOTALL)
        yield from (f"nothing in it: {found[0]}" for found in EMPTY.finditer(drawn_apart))
        yield from (f"no figure in the section {part.name}" for part in self.sections.values() if not part.rows)
        drawn = [message for part in self.parts for message in part.charts]
        yield from (f"no message of a chart: {message!r}" for message in drawn if not MESSAGE.fullmatch(message))
        if len(drawn) != self.html.count("<svg"):
            yield "a chart without a message"
