"""`iom report`: see how reports stand, sign them off, trace their figures, send them."""

from contextlib import nullcontext
from typing import Annotated

import typer
from rich.table import Table

from iom_warehouse.cli_report_making import report_app
from iom_warehouse.platform.errors import IomError
from iom_warehouse.signoff.steps import Step
from iom_warehouse.terminal import add_row, console, logged_in, show

Number = Annotated[int, typer.Argument(help="number of a report, as `iom report list` shows it")]
Reason = Annotated[str, typer.Argument(help="why, in quotation marks and without names; auditors read it")]
By = Annotated[
    str, typer.Option(help="your login, a row of people_access.csv with signs_off; default: your login on this machine")
]


@report_app.command("list")
def report_list(
    waiting: Annotated[bool, typer.Option("--waiting", help="only those that somebody has to check or release")] = False,
) -> None:
    """Reports and how each stands, the newest last."""
    from iom_warehouse import signoff

    table = Table("number", "kind", "area", "period", "audience", "made", "state", "version")
    for report in signoff.listed(waiting):
        period = f"{report.period_start} to {report.period_end}"
        made = f"{report.made_at:%Y-%m-%d %H:%M}"
        add_row(table, report.number, report.kind, report.area, period, report.audience, made, report.state, report.version)
    show(table, "No report waits." if waiting else "No report was made yet.")


@report_app.command("show")
def report_show(number: Number) -> None:
    """One report: how it stands, who did what to it and why, and where its page lies."""
    from iom_warehouse.orchestration import reporting

    for line in reporting.describe(number):
        console.print(line, markup=False)


@report_app.command("check")
def report_check(
    number: Number,
    reason: Reason,
    correction: Annotated[
        str | None, typer.Option(help="what is different from the report that was released before; printed in this one")
    ] = None,
    by: By = "",
) -> None:
    """Say that a draft is right. Another person then releases it."""
    _sign(number, "check", reason, by, correction)


@report_app.command("release")
def report_release(number: Number, reason: Reason, by: By = "") -> None:
    """Release a report that another person has checked: its audience may have it."""
    _sign(number, "release", reason, by)


@report_app.command("send-back")
def report_send_back(number: Number, reason: Reason, by: By = "") -> None:
    """Give a report that was checked back, to be looked into and checked again, or made again."""
    _sign(number, "send back", reason, by)


@report_app.command("withdraw")
def report_withdraw(number: Number, reason: Reason, by: By = "") -> None:
    """Take a report out of use for good, released or not. It can be made again, as another one."""
    _sign(number, "withdraw", reason, by)


@report_app.command("comment")
def report_comment(
    number: Number,
    comment: Annotated[str, typer.Argument(help="what whoever signs next should know, in quotation marks and without names")],
    by: By = "",
) -> None:
    """Write down something about a report; it stays as it stands."""
    _sign(number, "comment", comment, by)


@report_app.command("send")
def report_send() -> None:
    """Send released reports to those of report_recipients.csv who have not had them. Run again, nothing goes twice."""
    from iom_warehouse.orchestration import sending_reports

    troubles = sending_reports.send()
    for trouble in troubles:
        console.print(f"Report {trouble.report_id} for {trouble.recipient}: {trouble.why}.", markup=False)
    if troubles:
        raise IomError(f"{len(troubles)} did not go, or may not have gone; all others did.", "See: iom report show NUMBER")
    console.print("Everybody has the reports that are released for them. See: iom report show NUMBER")


@report_app.command("lost")
def report_lost(
    number: Number,
    recipient: Annotated[str, typer.Argument(help="the recipient, as `iom report show` names them")],
    reason: Annotated[str, typer.Argument(help="how you know that it did not arrive, in quotation marks and without names")],
    by: By = "",
) -> None:
    """Say that a report of which nobody knew whether it arrived did not: the next run sends it again."""
    from iom_warehouse import sending

    with logged_in(by) as person:
        sending.lose(person, number, recipient, reason)
    console.print(f"Report {number} goes to {recipient} again with the next run, or at once: iom report send")


@report_app.command("trace")
def report_trace(
    figure: Annotated[
        str, typer.Argument(help="report/table/row/column, as the trace page lists them: 12/caseload_movement/1/closing")
    ],
    by: Annotated[
        str | None, typer.Option(help="your login, to see the counts behind it: analysts, stewards and auditors may")
    ] = None,
    reason: Annotated[
        str, typer.Option(help="why you look at those counts, in quotation marks and without names; auditors read it")
    ] = "",
) -> None:
    """From a published figure back to its measure, the build, the deliveries, their validation and the audit chain."""
    from iom_warehouse import reports

    with logged_in(by) if by else nullcontext() as person:
        for line in reports.trace_figure(figure, person, reason):
            console.print(line, markup=False)


def _sign(number: int, step: Step, reason: str, by: str, correction: str | None = None) -> None:
    from iom_warehouse import signoff
    from iom_warehouse.orchestration import reporting

    with logged_in(by) as person:
        signoff.sign(person, number, step, reason, correction)
    console.print(f"Report {number} is {signoff.read(number).state}.")
    console.print(str(reporting.render_after_signing(number)), markup=False)
