"""What the command line prints with: one console, tables on it; how it reads a day, and lets a person log in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from getpass import getuser

import typer
from psycopg2.extensions import connection as Connection
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from iom_warehouse.platform.errors import IomError

WHOLE = 10_000  # characters in a line: where no terminal says how wide it is, a table is printed whole
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WHOLE)


def add_row(table: Table, *values: object) -> None:
    """Add a row; None is an empty cell, and brackets are no markup."""
    table.add_row(*("" if value is None else escape(str(value)) for value in values))


def show(table: Table, when_empty: str) -> None:
    """Print a table, or a sentence when it has no row."""
    console.print(table if table.row_count else when_empty)


def paragraph(text: str, indent: int = 0) -> None:
    """Print a text of any length, in lines that fit the terminal; brackets are no markup."""
    console.print(Padding(Text(text), (0, 0, 0, indent), expand=False), soft_wrap=False)


def day(text: str) -> date:
    """A day as it is typed. Raises IomError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise IomError(f"{text!r} is not a date.", "Write it like 2013-10-01.") from None


@contextmanager
def logged_in(login: str | None) -> Iterator[Connection]:
    """A connection as a person, who gives the password: the database itself knows and writes down who it was."""
    from iom_warehouse.platform import database

    login = login or getuser()
    password = typer.prompt(f"Password of {login}", hide_input=True, err=True)
    with database.session_of_person(login, password) as person:
        yield person
