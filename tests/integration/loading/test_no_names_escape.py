"""Names planted in a delivery are in no log, ledger, validation result or exception; only the sender's report has them."""

import io
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout

import pytest
from delivery_maker import Warehouse, as_csv
from prison_rows import people, person, spell

from iom_warehouse import contracts, loading
from iom_warehouse.loading import history
from iom_warehouse.platform.errors import IomError

FILE = "prison_person"
PLANTED = "Zzyzxworth"


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """What is printed; what is logged, at every level and by every library, is in caplog."""
    text = io.StringIO()
    with caplog.at_level(logging.DEBUG), redirect_stdout(text), redirect_stderr(text):
        yield text


def planted(number: int, **more: str) -> dict:
    """A person with the planted name in every column that is text."""
    texts = {name: f"{PLANTED}{number}" for name in ("surname", "forenames", "ethnicity", "pncid", "cro_number")}
    return person(number) | texts | more


def everything_kept(warehouse: Warehouse) -> str:
    """All that the ledger holds, and what the command line shows of it."""
    tables = warehouse.query(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('audit', 'identity', 'reference')"
    )
    rows = [row for (table,) in tables for (row,) in warehouse.query(f"select t::text from {table} t")]
    shown = [line for delivery in history.deliveries() if delivery.delivery_id for line in history.describe(delivery.delivery_id)]
    return "\n".join([*rows, *shown])


def assert_nothing_escaped(warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster) -> None:
    server_log = (cluster.secrets.parent / "postgres" / "server.log").read_text()
    for where, text in {
        "the ledger": everything_kept(warehouse),
        "what was printed": said.getvalue(),
        "the log": caplog.text,
        "the server's log": server_log,
    }.items():
        assert PLANTED.lower() not in text.lower(), f"a name is in {where}"


REFUSED = {
    "no header row": lambda text: text.partition("\n")[2],
    "a field too many": lambda text: text.replace(f"{PLANTED}1\n", f"{PLANTED}1,{PLANTED}\n").replace(",F,", f",F,{PLANTED},"),
    "a field too few": lambda text: text + f"{PLANTED},{PLANTED}\n",
    "an open quote": lambda text: text + f'"{PLANTED}\n',
    "not UTF-8": lambda text: text.encode() + f"{PLANTED}\xe9".encode("latin-1"),
    "a NUL byte": lambda text: text + f"{PLANTED}\x00,,,,,,,\n",
    "a name for a file": lambda text: text,
}


def test_rejected_and_noted_rows_are_shown_to_their_sender_only(
    warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster
) -> None:
    rows = [
        planted(1),
        planted(2, dob=PLANTED),
        planted(3, sex=PLANTED),
        planted(4, prison_number=""),
        planted(5),
        planted(5),
        planted(6),
    ]
    rows.append(planted(6, ethnicity=f"{PLANTED} again"))
    spells = [
        spell(1, of=2),
        spell(2, of=1) | {"prison_number": PLANTED},
        spell(3, of=1, received_on=PLANTED, establishment=PLANTED),
        spell(4, of=1, home_district=PLANTED),
        spell(5, of=1, home_district=PLANTED.upper()),
    ]
    warehouse.configure()
    first = warehouse.take("prison", 1, {FILE: rows, "prison_spell": spells})
    assert first.status == "published" and len(warehouse.rejections(first.delivery_id)) >= 8
    second = warehouse.take("prison", 2, {FILE: rows[:4]})
    assert second.status == "published"
    assert_nothing_escaped(warehouse, said, caplog, cluster)
    assert PLANTED in "".join(path.read_text() for path in (warehouse.state / "sender_reports").rglob("*.csv"))


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_without_quoting_it(
    warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster, fault: str
) -> None:
    text = as_csv(contracts.get("prison").file(FILE), [planted(1), planted(2, sex="F")]).decode()
    broken = REFUSED[fault](text)
    entries = {FILE: {"name": f"../{PLANTED}.csv"}} if fault == "a name for a file" else None
    if entries:
        (warehouse.inbox / "prison").mkdir()
    outcome = warehouse.take("prison", 1, {FILE: broken}, entries=entries)
    assert outcome.status == "refused" and warehouse.findings(outcome.delivery_id)
    assert_nothing_escaped(warehouse, said, caplog, cluster)


def test_a_file_that_its_sender_named_after_a_person_is_told_by_the_name_of_its_contract(
    warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster
) -> None:
    """The agreed interface leaves the names of files to their senders: such a file is loaded, and its name is told nowhere."""
    named = {FILE: {"name": f"{PLANTED}.csv"}}
    cut = warehouse.take("prison", 1, {FILE: people(1, 2)}, entries={FILE: named[FILE] | {"sha256": "0" * 64}})
    assert cut.status == "refused"
    assert warehouse.findings(cut.delivery_id)[f"{FILE}.sha256"].startswith(f"{FILE} does not have the checksum")
    unknown = {"prison_spell": {"file": PLANTED.lower(), "name": f"{PLANTED}-1.csv"}}
    foreign = warehouse.take("prison", 2, {FILE: people(1, 2)}, entries=unknown)
    assert foreign.status == "refused" and "lists 1 file" in warehouse.findings(foreign.delivery_id)["delivery.unknown_file"]
    assert warehouse.take("prison", 3, {FILE: people(1, 2)}, entries=named).status == "published"
    assert len(warehouse.current(FILE, "prison_number")) == 2
    assert_nothing_escaped(warehouse, said, caplog, cluster)
    told = [path.read_text() for path in (warehouse.state / "sender_reports").rglob("*") if path.is_file()]
    assert len(told) >= 2 and PLANTED.lower() not in "".join(told).lower()


FAILING = {
    "a trigger that quotes the row": "raise exception '% is wrong', new.surname",
    "a conversion": "perform new.surname::date",
    "a key": "insert into raw.prison_person select new.*",
}


@pytest.mark.parametrize("failure", FAILING)
def test_an_error_of_the_database_is_told_without_its_words(
    warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster, failure: str
) -> None:
    warehouse.query(
        f"create function public.fail() returns trigger language plpgsql as $$ begin {FAILING[failure]}; return new; end $$"
    )
    warehouse.query(
        "create trigger fail before insert on raw.prison_person for each row when (pg_trigger_depth() = 0)"
        " execute function public.fail()"
    )
    folder = warehouse.deliver("prison", 1, {FILE: [planted(1)]})
    with pytest.raises(IomError) as raised:
        warehouse.load("prison", folder)
    assert "The database ended a load of prison" in str(raised.value) and raised.value.next_step
    caplog.handler.handle(
        logging.LogRecord("test", logging.ERROR, "", 0, "it failed", None, (raised.type, raised.value, raised.tb))
    )
    assert_nothing_escaped(warehouse, said, caplog, cluster)
    warehouse.query("drop trigger fail on raw.prison_person")
    assert warehouse.load("prison", folder).status == "published"


def test_an_expectation_that_cannot_be_evaluated_leaves_the_delivery_undecided(
    warehouse: Warehouse, said: io.StringIO, caplog: pytest.LogCaptureFixture, cluster
) -> None:
    is_valid = warehouse.value("select pg_get_functiondef('identifiers.is_valid_pnc'::regproc)")
    warehouse.query(
        "create or replace function identifiers.is_valid_pnc(value text) returns boolean language plpgsql as"
        " $$ begin raise exception '% is odd', value; end $$"
    )
    folder = warehouse.deliver("prison", 1, {FILE: people(1) + [planted(2)]})
    with pytest.raises(IomError, match="could not evaluate prison_person.pncid.identifier"):
        warehouse.load("prison", folder)
    assert warehouse.value("select status from audit.delivery") == "landed"
    assert_nothing_escaped(warehouse, said, caplog, cluster)
    warehouse.query(is_valid)
    assert warehouse.load("prison", folder).status == "published"
    assert loading.receive("prison", folder).status == "published"
