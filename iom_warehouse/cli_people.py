"""`iom people`: who is who. Looks into the linkage, its model, and the questions that it puts to stewards."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from iom_warehouse.platform.errors import IomError
from iom_warehouse.terminal import add_row, console, logged_in, show

people_app = typer.Typer(no_args_is_help=True, help="Who is who: the linkage of records to people, and what stewards decide.")

ItemKey = Annotated[str, typer.Argument(help="an item as `iom people queue` shows it: 17-23, or 17")]
PersonKey = Annotated[int, typer.Argument(help="the key of a person, as the marts have it")]
Reason = Annotated[str, typer.Argument(help="why, in quotation marks and without names; auditors read it")]
By = Annotated[
    str, typer.Option(help="your login, a row of people_access.csv with the role steward; default: your login on this machine")
]
ROUNDING = 0.001  # of weights that are kept
STANDS = "It stands from the next run of the linkage on: tonight's, or `iom build run` with the date of the last night."


@people_app.command("explain")
def people_explain(
    person_key: Annotated[int, typer.Argument(help="the key of a person, as the marts have it")],
    reason: Annotated[str, typer.Argument(help="why you ask, in quotation marks and without names; auditors read it")],
    by: Annotated[str, typer.Option(help="database login of the steward or auditor; default: your name on this machine")] = "",
) -> None:
    """Why the records of a person belong together; the look is written down.

    Shows no names, but keys of records, of which CRN and prison number identify the person, and the reasons of decisions.
    """
    from iom_warehouse import linkage
    from iom_warehouse.platform import database

    with logged_in(by) as asker, database.session("linker") as linker:
        for line in linkage.explain(asker, linker, person_key, reason):
            console.print(line, markup=False)


@people_app.command("passport")
def people_passport(
    person_key: Annotated[int, typer.Argument(help="the key of a person, as the marts have it")],
    reason: Annotated[str, typer.Option(help="why you look, in quotation marks and without names; auditors read it")],
    login: Annotated[str | None, typer.Option(help="your database login; default: your name on this machine")] = None,
) -> None:
    """One person's plans, needs, orders, next release and appointments. Shows names; the look is written down."""
    from iom_warehouse import access

    with logged_in(login) as conn:
        for line in access.passport_lines(access.passport(conn, person_key, reason)):
            console.print(line, markup=False)


@people_app.command("blocking")
def people_blocking() -> None:
    """How many pairs of the records each blocking rule of the linkage model compares."""
    from iom_warehouse.linkage import model, training
    from iom_warehouse.platform import database

    with database.session("linker") as linker, linker.cursor() as cursor:
        for rule, pairs in training.comparisons_by_rule(cursor, model.load()).items():
            console.print(f"{pairs:>14,}  {rule}", markup=False)


@people_app.command("retrain")
def people_retrain(
    version: Annotated[str, typer.Argument(help="the name of the new version, for example v2")],
    folder: Annotated[Path, typer.Argument(help="folder to write it to")],
    seed: Annotated[int, typer.Option(help="another number draws other random pairs")] = 1,
    truth: Annotated[Path | None, typer.Option(help="CSV of who is who, such as links.csv of `iom example sample`")] = None,
) -> None:
    """Train the linkage model anew on the records of the last night, and say what changed. Nothing uses it until it is chosen."""
    from iom_warehouse.linkage import model, training
    from iom_warehouse.platform import database

    with database.session("linker") as linker, linker.cursor() as cursor:
        report = training.retrain_on_warehouse(cursor, model.load(), version, folder, seed, truth)
    for line in report.lines():
        console.print(line, markup=False)


@people_app.command("queue")
def people_queue(
    kind: Annotated[str | None, typer.Option(help="only items of this kind, for example suspected_twins")] = None,
    limit: Annotated[int, typer.Option(help="how many items to list at most")] = 20,
) -> None:
    """What waits for a steward: how many items of each kind, and the first of them. Shows no name and no key of a record."""
    from iom_warehouse.linkage import stewardship
    from iom_warehouse.platform import database

    with database.session("linker") as linker:
        items = stewardship.queue(linker, kind)
    for name, count in Counter(item.kind for item in items).items():
        console.print(f"{count:>8,}  {name}: {stewardship.KINDS[name]}", markup=False)
    table = Table(*(Column(name, no_wrap=True) for name in ("item", "kind", "since", "weight")), "records", "of", "you can")
    for item in items[:limit]:
        weight = None if item.weight is None else f"{item.weight:+.1f}"
        feeds, choices = ", ".join(file.split("_")[0] for file in item.files), ", ".join(item.choices)
        add_row(table, item.item, item.kind, f"{item.since:%Y-%m-%d}", weight, item.records, feeds, choices)
    show(table, "Not one is listed." if items else "Nothing waits for a steward.")
    if 0 < limit < len(items):
        console.print(f"These are the first {limit:,} of {len(items):,}; --limit lists more.")


@people_app.command("show")
def people_show(
    item: ItemKey,
    reason: Reason,
    picture: Annotated[Path | None, typer.Option(help="also draw the evidence, without names, into this SVG file")] = None,
    by: By = "",
) -> None:
    """The records of an item's people, with names, and how the evidence adds up. The look is written down before it answers.

    The item need not be in the queue: any one or two keys of people do.
    """
    from iom_warehouse.linkage import evidence, stewardship

    with logged_in(by) as steward:
        shown = evidence.of(stewardship.look(steward, item, reason))
        waiting = [question for question in stewardship.queue(steward) if question.item == item]
    for line in shown.lines():
        console.print(line, markup=False)
    for question in waiting:
        choices = " or ".join(f"iom people {choice} {item}" for choice in question.choices)
        if shown.waterfall and question.weight is not None and abs(question.weight - shown.waterfall.totals[-1]) > ROUNDING:
            console.print(f"The last run weighed it {question.weight:+.1f}, by another model than the one that is set now.")
        console.print(f"It waits since {question.since:%Y-%m-%d}: {question.question}. You can: {choices}", markup=False)
    if picture and shown.waterfall:
        from iom_warehouse.linkage import waterfall_picture

        picture.write_text(waterfall_picture.draw(shown.waterfall, f"Evidence of {item}"), encoding="utf-8")
        console.print(f"Drawn into {picture}.", markup=False)
    elif picture:
        raise IomError("There are no weights to draw: this evidence is not the model's.")


@people_app.command("confirm")
def people_confirm(item: ItemKey, reason: Reason, by: By = "") -> None:
    """Decide that the two people of an item are one; of a large person, that all its records belong together."""
    from iom_warehouse.linkage import stewardship

    with logged_in(by) as steward:
        _decided(stewardship.confirm(steward, item, reason))


@people_app.command("reject")
def people_reject(item: ItemKey, reason: Reason, by: By = "") -> None:
    """Decide that the two people of an item are two, in all the records that they have now."""
    from iom_warehouse.linkage import stewardship

    with logged_in(by) as steward:
        _decided(stewardship.reject(steward, item, reason))


@people_app.command("merge")
def people_merge(
    person_key: PersonKey,
    other_person_key: Annotated[int, typer.Argument(help="the key of the other person")],
    reason: Reason,
    by: By = "",
) -> None:
    """Decide that two people are one, whether or not the queue asks. The smaller key stays."""
    from iom_warehouse.linkage import stewardship

    with logged_in(by) as steward:
        _decided(stewardship.merge(steward, person_key, other_person_key, reason))


@people_app.command("split")
def people_split(
    person_key: PersonKey,
    reason: Reason,
    records: Annotated[list[int], typer.Argument(help="numbers of the records to take out, as `iom people show` prints them")],
    by: By = "",
) -> None:
    """Decide that some records of a person belong to none of its others."""
    from iom_warehouse.linkage import stewardship

    with logged_in(by) as steward:
        _decided(stewardship.split(steward, person_key, records, reason))


@people_app.command("withdraw")
def people_withdraw(
    decision: Annotated[int, typer.Argument(help="number of a decision, as `iom people explain` shows it")],
    reason: Reason,
    by: By = "",
) -> None:
    """Leave a decision, and what was decided together with it, to the model again. It stays on record, and so does this."""
    from iom_warehouse.linkage import stewardship

    with logged_in(by) as steward:
        _decided(stewardship.withdraw(steward, decision, reason))


def _decided(number: int) -> None:
    console.print(f"Decision {number} is written. {STANDS}")
