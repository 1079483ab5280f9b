"""A report as a tagged PDF, printed from its HTML page by WeasyPrint.

Checked by machine for what PDF/UA-1 asks; no more is claimed.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from iom_warehouse.platform.errors import IomError
from iom_warehouse.reports import rendering
from iom_warehouse.reports.page import Report

VARIANT = "pdf/ua-1"


def make(report: Report) -> bytes:
    """The PDF; the same report gives the same bytes. Raises IomError where the library that sets text is not installed."""
    try:
        from weasyprint import HTML
    except OSError:
        raise IomError(
            "The PDF was not made: the library Pango is not installed.", "On Debian: apt-get install libpangoft2-1.0-0"
        ) from None
    drawings = rendering.drawings(report)
    page = HTML(string=rendering.html(report, drawings), url_fetcher=_fetch_nothing)
    printed = page.write_pdf(pdf_variant=VARIANT, pdf_identifier=report.file_name.encode())
    return _told(printed, [rendering.in_words(drawing) for of_table in drawings.values() for drawing in of_table])


def _fetch_nothing(address: str, *_: Any, **__: Any) -> Any:
    """A report needs nothing beside itself, so nothing is fetched."""
    raise ValueError("a report loads nothing")


def _told(content: bytes, charts: Sequence[str]) -> bytes:
    """The PDF with what WeasyPrint leaves out: what each drawing says, and whether a header is of a row or of a column.

    `charts`: the message of each drawing in the order of print.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        drawn = []
        for element, within in _elements(pdf.Root.StructTreeRoot.K, ()):
            if element.S == "/Figure":
                drawn.append(element)
            elif element.S == "/TH":
                element.A.Scope = pikepdf.Name.Column if "/THead" in within else pikepdf.Name.Row
        for element, words in zip(drawn, charts, strict=True):
            element.Alt = words
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _elements(found: Any, within: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Elements of the structure in the order of reading, each with the kinds of those that it lies in."""
    import pikepdf

    for element in found if isinstance(found, pikepdf.Array) else [found]:
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            yield element, within
            yield from _elements(element.get("/K", pikepdf.Array()), (*within, str(element.S)))
