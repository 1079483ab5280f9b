"""The command line, `iom`: puts the stages together. `iom --help` lists the commands, `iom COMMAND --help` explains one."""

import logging
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Annotated

import psycopg2
import typer
from rich.markup import escape
from rich.table import Table

from iom_warehouse.cli_feedback import feedback_app
from iom_warehouse.cli_people import people_app
from iom_warehouse.cli_report import report_app
from iom_warehouse.platform import database, garbage, log, state
from iom_warehouse.platform.errors import IomError, NoDatabase
from iom_warehouse.platform.settings import settings
from iom_warehouse.terminal import add_row, console, day, logged_in, paragraph, show

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

HELP = """The warehouse of a partnership that runs Integrated Offender Management.

`iom nightly` does everything once: database, configuration, every delivery that waits, marts, report. `iom up` starts Airflow,
which does the same every night. The other commands look at what came of it, or do one step by hand.

A command works in IOM_STATE_DIR (default: .state of the checkout) and reads IOM_INBOX and IOM_CONFIGURATION_DIR; with a
PostgreSQL of your own set IOM_DATABASE_URL and IOM_SECRETS_DIR as well.
"""
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
db = typer.Typer(no_args_is_help=True, help="The database: start, stop, migrate, take over.")
contracts_app = typer.Typer(no_args_is_help=True, help="The contracts in expectations/: what each feed delivers.")
configuration_app = typer.Typer(no_args_is_help=True, help="The partnership's configuration: a folder of CSV files.")
delivery_app = typer.Typer(no_args_is_help=True, help="Deliveries: what came, what became of it, try again.")
exemption_app = typer.Typer(
    no_args_is_help=True, help="Exemptions from critical rules: see them, withdraw one. `iom delivery exempt` grants one."
)
build_app = typer.Typer(no_args_is_help=True, help="Builds of the marts: make one by hand, see how one ended and why.")
alert_app = typer.Typer(
    no_args_is_help=True, help="Alerts: feeds late or stale, deliveries refused, linkage unusual, tasks failed."
)
example_app = typer.Typer(no_args_is_help=True, help="Example deliveries to try the warehouse with.")
for name, part in {"db": db, "contracts": contracts_app, "configuration": configuration_app, "delivery": delivery_app,
                   "exemption": exemption_app, "build": build_app, "alert": alert_app, "people": people_app,
                   "feedback": feedback_app, "report": report_app, "example": example_app}.items():  # fmt: skip
    app.add_typer(part, name=name)

COMMAND = re.compile(r"\biom [a-z]")  # in a message that names one
DeliveryNumber = Annotated[int, typer.Argument(help="number of a delivery, as `iom delivery list` shows it")]
Inbox = Annotated[Path, typer.Argument(help="folder to write the deliveries to, as <feed>/<date>.<sequence>/")]
ConfigurationFolder = Annotated[Path | None, typer.Argument(help="folder of CSV files; default: IOM_CONFIGURATION_DIR")]


def main() -> None:
    """Entry point."""
    log.to_console()
    garbage.look_seldom()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with garbage.without_a_last_look():
        _run()


def _run() -> None:
    """Run the command that was asked for. Errors that a person can act on are printed without a traceback."""
    try:
        app()
    except IomError as error:
        _fail(str(error))
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        if not database.is_gone(error):
            raise
        words = str(error).strip()
        if "FATAL:" in words:
            _fail(
                f"The database refuses the connection: {words}. See to IOM_DATABASE_URL and to the passwords in IOM_SECRETS_DIR."
            )
        _fail(f"The database does not answer: {words}. Start it with: iom db up (or see to IOM_DATABASE_URL).")


def _fail(message: str) -> None:
    console.print(f"[bold]Error:[/bold] {escape(message)}")
    if COMMAND.search(message) and (begins := state.how_commands_begin()) != "iom":
        console.print(f"Commands about this state begin with: {begins}", markup=False)
    sys.exit(1)


@db.command("up")
def db_up() -> None:
    """Start the embedded PostgreSQL of this state directory (unless IOM_DATABASE_URL names another) and migrate it.

    Prints a command line that opens the database.
    """
    _database()
    console.print(_psql_line(), markup=False)


@db.command("down")
def db_down() -> None:
    """Stop the embedded PostgreSQL of this state directory."""
    from iom_warehouse.platform import postgres_server

    postgres_server.stop()


@db.command("migrate")
def db_migrate() -> None:
    """Bring roles, schemas and tables to the newest version; `iom db up`, `iom up` and `iom nightly` do this by themselves."""
    from iom_warehouse.platform import migrations

    applied = migrations.migrate()
    console.print(f"{len(applied)} migrations applied." if applied else "The database is up to date.")


@db.command("take-over")
def db_take_over() -> None:
    """Make a PostgreSQL server this state's own, after its secrets directory was lost: stages and people get new passwords.

    Needs the administrator's password in IOM_SECRETS_DIR, and leaves it as it is. Open connections stay until they end.
    """
    from iom_warehouse import access
    from iom_warehouse.platform import migrations

    migrations.take_over()
    with database.session("owner") as conn:
        access.renew(conn)
    console.print("The server belongs to this state now.")


@contracts_app.command("apply")
def contracts_apply() -> None:
    """Make or extend the tables of raw, their grants and comments, as the contracts say; `iom nightly` does it by itself."""
    from iom_warehouse import contracts
    from iom_warehouse.contracts import ddl

    found = contracts.all()
    with database.transaction("owner") as conn:
        ddl.apply(conn, found)
    console.print(f"{len(found)} contracts, {sum(len(contract.files) for contract in found)} files applied.")


@configuration_app.command("check")
def configuration_check(folder: ConfigurationFolder = None) -> None:
    """Check a configuration folder and say everything that is wrong; writes nothing, needs no database.

    What outbound files may show is not asked here but by `iom configuration apply`: the list of it is in the database.
    """
    from iom_warehouse import configuration

    checked = folder or settings().configuration_dir
    findings = configuration.check(checked)
    for finding in findings:
        console.print(str(finding), markup=False)
    count = f"{len(findings)} mistake{'s' if len(findings) > 1 else ''}"
    console.print(f"{count} to put right in {checked}." if findings else f"Nothing is wrong in {checked}.", markup=False)
    raise typer.Exit(1 if findings else 0)


@configuration_app.command("apply")
def configuration_apply(folder: ConfigurationFolder = None) -> None:
    """Check a configuration folder and write what changed as new versions, or nothing when it has a fault."""
    from iom_warehouse import configuration

    with database.session("owner") as conn:
        number = configuration.apply(folder or configuration.folder_given(conn), conn)
        for sentence in configuration.lapsed(conn):
            console.print(sentence, markup=False)
    console.print(f"Configuration {number} is in force.")


@app.command("access")
def access_apply(
    new_password: Annotated[
        list[str] | None, typer.Option(help="a login whose password was forgotten: it gets a new one; may be repeated")
    ] = None,
) -> None:
    """Make the database logins of people_access.csv, as it was applied last, and take away those that are gone.

    First passwords of logins are files in the folder `people` of the secrets directory; people change theirs with `iom password`.
    """
    from iom_warehouse import access

    with database.session("owner") as conn:
        changes = access.renew(conn, *new_password) if new_password else access.apply(conn)
    console.print(
        f"May log in: {', '.join(changes.open) or 'nobody'}. Closed now: {', '.join(changes.closed) or 'nobody'}.", markup=False
    )


@app.command()
def password(
    by: Annotated[str, typer.Option(help="your login, a row of people_access.csv; default: your login on this machine")] = "",
) -> None:
    """Change the password of your own database login; asks for the old one, then twice for the new one."""
    from iom_warehouse import access

    with logged_in(by) as person:
        access.change_password(person, typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True))
    console.print("Your password is changed. The file with the first one, if there is any, opens nothing any more.")


@app.command()
def nightly() -> None:
    """Load, check and build every night that waits in the inbox, and make the outcome report. Run again, it changes nothing.

    Without IOM_INBOX it makes a sample partnership first and loads that.
    """
    from iom_warehouse.orchestration import night_from_nothing

    log.to_console(logging.WARNING)  # progress is told by the run itself
    night_from_nothing.run(lambda line: console.print(line, markup=False))


@app.command()
def up(port: Annotated[int, typer.Option(help="loopback port of the UI", min=1, max=65535)] = 8080) -> None:
    """Start the database and Airflow's services; the UI is on loopback, behind a login.

    Without IOM_INBOX it makes a sample partnership first, as `iom nightly` does.
    """
    from iom_warehouse import contracts
    from iom_warehouse.orchestration import night_from_nothing, services
    from iom_warehouse.orchestration.undecided import waiting as every_waiting
    from iom_warehouse.platform import secrets

    services.check_port(port)
    night_from_nothing.prepare_inbox(lambda line: console.print(line, markup=False))
    _database()
    night_from_nothing.apply_configuration()
    address = services.start(port)
    if waiting := sum(len(every_waiting(contract.feed)) for contract in contracts.all()):
        console.print(
            f"Deliveries that wait: {waiting}. One of each feed is taken every quarter of an hour; `make nightly` takes all."
        )
    console.print(f"Pages: {address}/pages/")
    console.print(f"Airflow: {address}  (login {services.ADMIN}, password in {secrets.path_of('airflow_admin')})", markup=False)


@app.command()
def down() -> None:
    """Stop Airflow's services and the embedded database of this state directory."""
    from iom_warehouse.orchestration import services
    from iom_warehouse.platform import postgres_server

    console.print("Stopping what runs here; tasks at work have half a minute to end.", markup=False)
    stopped = services.stop() + (["PostgreSQL"] if postgres_server.stop() else [])
    console.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.", markup=False)


@delivery_app.command("list")
def delivery_list(
    feed: Annotated[str | None, typer.Option(help="only this feed, for example police")] = None,
    status: Annotated[str | None, typer.Option(help="only those with this status, for example refused")] = None,
) -> None:
    """Deliveries in the ledger, and those that wait in the inbox."""
    from iom_warehouse import contracts
    from iom_warehouse.loading import history

    if feed:
        contracts.get(feed)  # raises for one that is not there
    table = Table("number", "feed", "folder", "status", "rows", "rejected")
    for row in history.deliveries(feed):
        if status in (None, row.status):
            add_row(table, row.delivery_id, row.feed, row.folder, row.status, row.rows, row.rejected)
    show(table, f"No delivery is {status}." if status else "Nothing was delivered yet, and nothing waits in the inbox.")


@delivery_app.command("show")
def delivery_show(number: DeliveryNumber) -> None:
    """One delivery: its files with what became of their rows, the rules that failed, and why it was refused."""
    from iom_warehouse.loading import history

    for line in history.describe(number):
        console.print(line, markup=False)


@delivery_app.command("retry")
def delivery_retry(number: DeliveryNumber) -> None:
    """Try a refused delivery again, or go on with one that was left undecided, once what stood in its way is mended."""
    from iom_warehouse import loading
    from iom_warehouse.loading import history
    from iom_warehouse.orchestration import alerts

    status = history.delivery(number).status
    if status == "published":
        raise IomError(f"Delivery {number} is published.", "There is nothing to try again.")
    status = loading.retry(number).status
    alerts.close_settled()
    if status != "published":
        raise IomError(f"Delivery {number} is {status}.", f"`iom delivery show {number}` says why.")
    console.print(f"Delivery {number} is published.")


@delivery_app.command("exempt")
def delivery_exempt(
    feed: Annotated[str, typer.Argument(help="for example police")],
    rule_id: Annotated[str, typer.Argument(help="as `iom delivery show` names it, for example police_arrest.row_count")],
    reason: Annotated[str, typer.Argument(help="why it may fail, in quotation marks and without names; auditors read it")],
    until: Annotated[str, typer.Argument(help="last day, at most 3 months ahead, like 2026-12-31")],
    by: Annotated[str, typer.Option(help="your name or login")],
) -> None:
    """Let a critical rule of a feed pass for a while; `iom delivery retry` then takes what it refused."""
    from iom_warehouse.loading import exemptions

    number = exemptions.grant(feed, rule_id, reason, day(until), by)
    console.print(f"Exemption {number}: {rule_id} may fail until {until}.")


@exemption_app.command("list")
def exemption_list() -> None:
    """Every exemption with who granted it, when, for which rule, why and until when; the look is written down."""
    from iom_warehouse.loading import exemptions

    table = Table("number", "feed", "rule", "granted by", "granted", "reason", "until", "state")
    for one in exemptions.listed():
        granted = f"{one.granted_at:%Y-%m-%d %H:%M}"
        add_row(table, one.exemption_id, one.feed, one.rule_id, one.granted_by, granted, one.reason, one.expires_on, one.state)
    show(table, "No exemption was granted yet.")


@exemption_app.command("withdraw")
def exemption_withdraw(
    number: Annotated[int, typer.Argument(help="number of an exemption that stands, as `iom exemption list` shows it")],
    reason: Annotated[str, typer.Argument(help="why it ends now, in quotation marks and without names; at least 10 characters")],
    by: Annotated[str, typer.Option(help="your name or login")],
) -> None:
    """End an exemption before its day: the rule is critical again from the next delivery on. What was published stays."""
    from iom_warehouse.loading import exemptions

    rule_id = exemptions.withdraw(number, reason, by)
    console.print(f"Exemption {number} is withdrawn: {rule_id} refuses a delivery again.")


@app.command("rule")
def rule_history(
    rule_id: Annotated[str, typer.Argument(help="as `iom delivery show` names it: prison_spell.released_on.type")],
) -> None:
    """The history of one rule: every delivery that it was checked on."""
    from iom_warehouse.loading import history

    table = Table("delivery", "attempt", "business date", "severity", "passed", "rows", "broken")
    for row in history.of_rule(rule_id):
        passed = "yes" if row.success else "NO, set aside by an exemption" if row.is_exempt else "NO"
        of_whom = (row.delivery_id, row.attempt, row.business_date, row.severity)
        add_row(table, *of_whom, passed, row.element_count, row.unexpected_count)
    show(table, "No delivery was checked on this rule yet: its file came without rows, or not at all.")


@build_app.command("run")
def build_run(
    business_date: Annotated[str, typer.Argument(help="the night, for example 2013-10-01")],
    as_of: Annotated[bool, typer.Option("--as-of", help="what was known that night, into a schema of its own")] = False,
    full: Annotated[bool, typer.Option("--full", help="make everything from nothing, who is who too")] = False,
    erased: Annotated[
        str, typer.Option(help="with --full: why rows were deleted from raw by hand, without names; auditors read it")
    ] = "",
    by: Annotated[str, typer.Option(help="with --erased: your name or login")] = "",
) -> None:
    """Link people and build the marts of a night, without Airflow. Building a night again does no harm.

    With --full the audit chain gets the numbers of the records and people whose rows were deleted from raw by hand.
    """
    from iom_warehouse.orchestration import building

    erased, by = erased.strip(), by.strip()
    if bool(erased) != bool(by) or (erased and (as_of or not full)):
        raise IomError(
            "What was erased is written down with a reason and a name, by a build of everything as of the last night.",
            "Give --full, --erased and --by together, without --as-of.",
        )
    because = f"{erased}, by {by}" if erased else ""
    build_id = building.build(building.link(building.open_build(day(business_date).isoformat(), as_of), full, because), full)
    schema = building.read(build_id).schema_prefix
    console.print(f"Build {build_id} of {business_date} is done" + (f", in the schema {schema}." if schema else "."))


@build_app.command("show")
def build_show(number: Annotated[int | None, typer.Argument(help="number of a build; default: the last one")] = None) -> None:
    """One build: how it ended, the cause if it failed, which deliveries it saw, and which models and tests failed."""
    from iom_warehouse.orchestration import building

    for line in building.describe(number):
        console.print(line, markup=False)


@alert_app.command("list")
def alert_list(only_open: Annotated[bool, typer.Option("--open", help="only those that nobody has closed")] = False) -> None:
    """Alerts, the newest last: number, when each was raised, who closed it and why, and below that all it says."""
    from iom_warehouse.orchestration import alerts

    found = alerts.listed(only_open)
    for alert in found:
        paragraph(f"{alert.alert_id}  raised {alert.raised_at:%Y-%m-%d %H:%M}, {alert.state}")
        paragraph(alert.message, indent=4)
    if not found:
        console.print("No alert is open." if only_open else "No alert was raised yet.")


@alert_app.command("close")
def alert_close(
    number: Annotated[int, typer.Argument(help="number of an open alert, as `iom alert list --open` shows it")],
    reason: Annotated[
        str, typer.Argument(help="what was done about it, in quotation marks and without names; at least 10 characters")
    ],
    by: Annotated[str, typer.Option(help="your name or login")],
) -> None:
    """Close an alert for good. Those of deliveries and of the linkage close by themselves once all is well again."""
    from iom_warehouse.orchestration import alerts

    alerts.close(number, by, reason)
    console.print(f"Alert {number} is closed.")


@app.command()
def docs(folder: Annotated[Path, typer.Argument(help="folder to write to; made if need be")]) -> None:
    """Write the data dictionary, the reference of the configuration, the methods and the documentation of the models.

    The last is read from the database, and left out where there is none yet.
    """
    from iom_warehouse import configuration, contracts, transform
    from iom_warehouse.contracts import dictionary
    from iom_warehouse.transform import methods

    dictionary.write(contracts.all(), folder / "feeds")
    (folder / "configuration.md").write_text(configuration.markdown(), encoding="utf-8")
    (folder / "methods.md").write_text(methods.markdown(), encoding="utf-8")
    try:
        transform.docs(folder / "models")
    except NoDatabase as none:
        left_out = f"Left out is the documentation of the models, which is read from the database. {none.message}"
        console.print(left_out, "Once a night was built, run this again.", markup=False)
    console.print(f"Written to {folder}.", markup=False)


@example_app.command("rossi")
def example_rossi(inbox: Inbox) -> None:
    """432 men released from Maryland prisons in the 1970s; load it with the configuration examples/rossi/partnership."""
    from iom_warehouse.synthetic.rossi import write_rossi

    write_rossi(inbox)


@example_app.command("leeds")
def example_leeds(inbox: Inbox) -> None:
    """Made-up people whose counts give the printed Leeds PPO table; load it with examples/leeds/partnership."""
    from iom_warehouse.synthetic.leeds import write_leeds

    write_leeds(inbox)


@example_app.command("leicestershire")
def example_leicestershire(inbox: Inbox) -> None:
    """Made-up people whose detected crime gives the five printed reductions; load it with examples/leicestershire/partnership."""
    from iom_warehouse.synthetic.leicestershire import write_leicestershire

    write_leicestershire(inbox)


@example_app.command("sample")
def example_sample(
    inbox: Inbox,
    truth: Annotated[Path, typer.Argument(help="folder for who really is who, outside the inbox")],
    people: Annotated[int, typer.Option(help="how many people to make up")] = 3000,
    nights: Annotated[int, typer.Option(help="how many nights of deliveries")] = 10,
    seed: Annotated[int, typer.Option(help="another number makes other people")] = 2013,
) -> None:
    """A made-up partnership: three districts, five feeds, ten nights, with the usual mishaps."""
    from iom_warehouse.synthetic.sample import write_sample

    write_sample(inbox, truth, people=people, nights=nights, seed=seed)


def _database() -> None:
    from iom_warehouse.orchestration import night_from_nothing

    night_from_nothing.prepare_database()


def _psql_line() -> str:
    from iom_warehouse.orchestration import night_from_nothing

    return night_from_nothing.psql_line()
