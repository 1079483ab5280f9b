"""`iom report KIND`: make a report of the partnership's configuration."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from iom_warehouse.terminal import console, day

MAKE = "make"
HELP = """Reports: `iom report KIND` makes one of a kind of reports.csv, such as `iom report quarterly --audience board`.

`iom report make --help` explains its options.
"""


class KindsToo(TyperGroup):
    """A group in which a word that is none of its commands is the kind of a report to make."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else [MAKE, *args])


class Format(StrEnum):
    html = "html"
    pdf = "pdf"
    xlsx = "xlsx"
    csv = "csv"


report_app = typer.Typer(cls=KindsToo, no_args_is_help=True, help=HELP)


@report_app.command(MAKE)
def make(
    kind: Annotated[str, typer.Argument(help="a kind of reports.csv: quarterly, dip_monthly, annual, district_profile, …")],
    period: Annotated[
        str | None, typer.Option(help="2013-11, 2013Q4, 2013 or 2013/14; default: the period that the night lies in")
    ] = None,
    area: Annotated[str | None, typer.Option(help="code or name of an area; default: as reports.csv says")] = None,
    audience: Annotated[str, typer.Option(help="internal, board or public: a row of audiences.csv")] = "internal",
    as_known_on: Annotated[str | None, typer.Option(help="a built night, like 2013-12-30; default: the last one")] = None,
    form: Annotated[list[Format] | None, typer.Option("--format", help="one format; may be repeated. Default: all")] = None,
) -> None:
    """Make a report for a period, an area and an audience, as it was known on a night, and print where its files lie.

    The same again is the same report. A kind that is made by area is made of each area unless one is given.
    """
    from iom_warehouse.orchestration import reporting

    known_on = day(as_known_on) if as_known_on else None
    for path in reporting.make(kind, period, area, audience, known_on, form or list(Format)):
        console.print(str(path), markup=False)
