"""`iom feedback`: what goes to which agency, and what went."""

from typing import Annotated

import typer
from rich.table import Table

from iom_warehouse.platform.errors import IomError
from iom_warehouse.terminal import add_row, console, day, show

feedback_app = typer.Typer(no_args_is_help=True, help="Feedback to the agencies: send it, see what goes to whom and what went.")
Night = Annotated[str, typer.Argument(help="the night that was built last, for example 2013-12-30")]
Again = Annotated[
    str | None,
    typer.Option(
        metavar="AGENCY", help="an agency, for example POL, that gets its files once more: its last folder was lost or unreadable"
    ),
]


@feedback_app.command("send")
def feedback_send(night: Night, again: Again = None) -> None:
    """Write the agreed files of a night for every agency into its outbox, unless all are as they were last sent.

    Run again, nothing goes twice, unless you name an agency with --again.
    """
    from iom_warehouse.orchestration import feeding_back

    stopped = feeding_back.send(day(night).isoformat(), again)
    for planned in stopped:
        console.print(planned.fault, markup=False)
    if stopped:
        raise IomError(f"{len(stopped)} files were not sent; all others were.", "See: iom feedback plan")
    console.print("Everything that is agreed has been sent. See: iom feedback list")


@feedback_app.command("plan")
def feedback_plan(night: Night) -> None:
    """What goes to whom on a night, under which agreement, and what may not be sent and why. Sends nothing."""
    from iom_warehouse import feedback
    from iom_warehouse.platform import database

    table = Table("agency", "file", "columns", "agreement", "may be sent")
    with database.session("publisher") as conn, conn:
        planned = feedback.plan(conn, day(night))
    for one in planned:
        add_row(table, one.recipient, one.file, ", ".join(one.columns), one.agreement_id, one.fault or "yes")
    show(table, "Nothing is to be sent: outbound.csv has no row.")


@feedback_app.command("list")
def feedback_list() -> None:
    """Every file that was made for an agency, sent or not, the newest last."""
    from iom_warehouse import feedback

    table = Table("agency", "folder", "file", "rows", "agreement", "encrypted", "state")
    for one in feedback.disclosures():
        encrypted = {True: "yes", False: "no", None: None}[one.is_encrypted]
        add_row(table, one.recipient, one.folder, one.file_name, one.rows, one.agreement_id, encrypted, one.state)
    show(table, "Nothing was sent yet.")
