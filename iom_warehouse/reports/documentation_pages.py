"""Documentation as pages: Markdown that the project writes of itself, in the frame and style of its reports."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from iom_warehouse.reports.rendering import environment, write


def write_documentation(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write a page for each Markdown text, by the name of its file without an end, and index.html. Returns the path of the index.

    Each text begins with its title as a heading of the first level.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = environment()
    page = pages.get_template("documentation.html.jinja")
    titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in texts.items()}
    for name, text in texts.items():
        write(folder / f"{name}.html", page.render(title=titles[name], content=_html(text)))
    index = folder / "index.html"
    write(index, pages.get_template("documentation_index.html.jinja").render(titles=titles))
    return index


def _html(text: str) -> str:
    """HTML of a Markdown text; markup within it is shown as it is written. Each wide table scrolls by itself."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("table_open", _table_open)
    markdown.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    markdown.add_render_rule("th_open", lambda *_: '<th scope="col">')
    return str(markdown.render(text))


def _table_open(self: Any, tokens: list[Token], index: int, options: Any, environment: Any) -> str:
    number = sum(token.type == "table_open" for token in tokens[: index + 1])
    return f'<div class="wide" role="region" aria-label="Table {number}" tabindex="0">\n<table class="reference">\n'
