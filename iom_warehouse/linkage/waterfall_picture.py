"""The waterfall of two records as a picture: an SVG file that needs no network and holds no value of a record.

Splink's own waterfall chart needs scripts to be seen, and carries the compared values with it.
"""

import io
from typing import Any
from xml.etree import ElementTree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iom_warehouse.linkage.explaining import WORDS
from iom_warehouse.linkage.waterfall import Waterfall, sentences

FOR, AGAINST, SUM = "#12436D", "#F46A25", "#3D3D3D"  # of the Analysis Function's palette
SETTINGS: Any = {"font.family": "DejaVu Sans", "font.size": 10, "svg.fonttype": "none", "svg.hashsalt": "iom"}
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # of words that lie on a line
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
SVG = "http://www.w3.org/2000/svg"


def draw(waterfall: Waterfall, title: str) -> str:
    """The text of an SVG file, with the title and the sentences as its text alternative."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(8, 1.2 + 0.36 * (len(waterfall.steps) + 2)), layout="constrained")
        _paint(figure.subplots(), waterfall, title)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata=NO_METADATA)
    return _with_alternative(drawn.getvalue(), title, " ".join(sentences(waterfall)))


def _paint(axes: Axes, waterfall: Waterfall, title: str) -> None:
    totals = waterfall.totals
    bars = [
        ("before comparing", 0.0, waterfall.prior, SUM),
        *(
            (f"{WORDS[step.comparison]}: {step.level or 'missing'}", total, step.weight, FOR if step.weight >= 0 else AGAINST)
            for step, total in zip(waterfall.steps, totals, strict=False)
        ),
        ("sum", 0.0, totals[-1], SUM),
    ]
    for place, (_, start, weight, colour) in enumerate(bars):
        axes.barh(place, weight, left=start, color=colour, height=0.6)
        if weight:
            end = (max(start, start + weight), place)
            axes.annotate(f"{weight:+.1f}", end, (6, 0), textcoords="offset points", va="center", bbox=BEHIND)
    axes.axvline(waterfall.join, color=SUM, linestyle="--", linewidth=1)
    axes.axvline(0, color=SUM, linewidth=0.8)
    axes.set_yticks(range(len(bars)), [label for label, *_ in bars])
    axes.invert_yaxis()
    axes.use_sticky_edges = False
    axes.margins(x=0.1)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(f"Match weight, in powers of two (dashed: {waterfall.join:+.1f}, from which the model joins)")
    axes.set_title(title, loc="left", fontsize=11)


def _with_alternative(svg: str, title: str, description: str) -> str:
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
    for name, text in (("desc", description), ("title", title)):
        element = ElementTree.Element(f"{{{SVG}}}{name}", id=name)
        element.text = text
        root.insert(0, element)
    root.attrib |= {"role": "img", "aria-labelledby": "title", "aria-describedby": "desc"}
    return ElementTree.tostring(root, encoding="unicode")
