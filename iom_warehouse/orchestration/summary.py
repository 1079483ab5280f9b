"""What a nightly run came to, in lines for a person: per feed, what was built, and where everything is."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain

from psycopg2.extensions import cursor as Cursor

from iom_warehouse import contracts, feedback
from iom_warehouse.delivery import inbox
from iom_warehouse.loading import sender_report
from iom_warehouse.orchestration import alerts
from iom_warehouse.orchestration.undecided import closed, waiting
from iom_warehouse.platform import database, state
from iom_warehouse.platform.settings import settings

PER_FEED = """
    select d.feed, count(*) filter (where d.status = 'published'), count(*) filter (where d.status = 'refused'),
           count(*) filter (where d.status not in ('published', 'refused')),
           max(d.business_date) filter (where d.status = 'published')
    from audit.delivery d group by d.feed order by d.feed
"""
ROWS = """
    select sum(l.rows_in_file), sum(l.rows_new + l.rows_changed), sum(l.rows_rejected), sum(l.rows_taken_up)
    from audit.file_load l join audit.delivery d using (delivery_id) where d.feed = %s and d.status = 'published'
"""
TONIGHT = """
    select count(*) filter (where d.status = 'published'), count(*) filter (where d.status = 'refused'),
        coalesce(sum(l.rows_in_file), 0), coalesce(sum(l.rows_new + l.rows_changed), 0), coalesce(sum(l.rows_rejected), 0)
    from audit.delivery d
    left join lateral (
        select sum(rows_in_file) as rows_in_file, sum(rows_new) as rows_new, sum(rows_changed) as rows_changed,
            sum(rows_rejected) as rows_rejected
        from audit.file_load where delivery_id = d.delivery_id and d.status = 'published'
    ) l on true
    where d.feed = %s and d.decided_at >= %s
"""
CAME = "select count(*), count(*) filter (where status = 'refused') from audit.delivery where decided_at >= %s"
# A row that breaks several rules is one rejected row.
CLOSURES = """
    select count(*) filter (where closure = 'corrected'), count(*) filter (where closure = 'withdrawn'),
           count(*) filter (where closure = 'repeated'), count(*) filter (where closure = 'rejected_again'),
           count(*) filter (where closure is null)
    from (select distinct delivery_id, file, row_number, closure from audit.rejected_row where feed = %s) r
"""
BECAME = ("corrected since", "withdrawn", "repeated in its file", "sent again and rejected again", "still rejected")
OPEN_REJECTIONS = """
    select file, rule_id, count(*), count(*) over () from audit.rejected_row where feed = %s and closed_at is null
    group by file, rule_id order by file, rule_id limit 10
"""
KEPT_BACK = """
    select distinct d.delivery_id, d.folder from audit.rejected_row r join audit.delivery d using (delivery_id)
    where r.feed = %s and r.closed_at is null order by d.delivery_id desc limit 3
"""
# An identifier that most of a file has in another form is no slip of a row: nobody is linked by it, and counts come out low.
IN_VAIN = """
    select d.folder, d.delivery_id, v.file, v.column_name, v.unexpected_count
    from audit.validation_result v join audit.delivery d using (delivery_id, attempt)
    where d.feed = %s and d.status = 'published' and d.decided_at >= %s and v.rule_id like '%%.identifier'
        and v.element_count >= 20 and 2 * v.unexpected_count > v.element_count
    order by d.delivery_id desc, v.file, v.column_name limit 5
"""
# What mended a refusal is the first delivery of that night or a later one that was published after it, as for its alert.
REFUSALS = """
    select d.folder, d.delivery_id, f.message, (
        select p.folder from audit.delivery p
        where p.feed = d.feed and p.status = 'published' and p.business_date >= d.business_date and p.decided_at > d.decided_at
        order by p.decided_at limit 1
    )
    from audit.delivery d join audit.delivery_finding f using (delivery_id, attempt)
    where d.feed = %s and d.status = 'refused' and d.decided_at >= %s and f.severity = 'critical'
    order by d.delivery_id, f.finding_id
"""
REFUSED_BEFORE = "select count(*) from audit.delivery where feed = %s and status = 'refused' and decided_at < %s"


def clock() -> datetime:
    """The time of day by the ledger's clock, for `lines` to tell this run from earlier ones."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def nothing_loaded(since: datetime) -> str:
    """In a sentence, that nothing of what came or lies there could be loaded from `since` on; empty where something was."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(CAME, (since,))
        came, refused = cursor.fetchone()
    shut = len(closed([contract.feed for contract in contracts.all()]))
    if came > refused or not (refused or shut):
        return ""
    said = [f"{_deliveries(refused)} {'was' if refused == 1 else 'were'} refused"] if refused else []
    said += [f"{shut} {'folder' if shut == 1 else 'folders'} may not be read by this service"] if shut else []
    return f"Nothing that came could be loaded: {', '.join(said)}."


def lines(built: list[date], since: datetime) -> Iterator[str]:
    """The summary, line by line; no personal values. Refusals are told one by one from `since` on; of earlier ones the number.

    Alerts of what came into order during the run, such as a build that was tried again, are closed before they are counted.
    """
    alerts.close_settled()
    yield ""
    feeds = [contract.feed for contract in contracts.all()]
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        yield f"Nights built: {', '.join(map(str, built))}" if built else _nothing_built(cursor, since)
        cursor.execute(PER_FEED)
        delivered = cursor.fetchall()
        for feed, published, refused, undecided, last in delivered:
            yield from _feed(cursor, feed, published, refused, undecided, last)
            yield from _this_run(cursor, feed, published + refused, since)
            yield from _in_vain(cursor, feed, since)
            yield from _refusals(cursor, feed, since)
    left = _left(feeds)
    for feed in sorted(set(feeds) - {feed for feed, *_ in delivered} - set(left)):
        yield f"{feed}: never delivered"
    for path in chain.from_iterable(left.values()):
        yield f"Not taken by this run, for it came too late or could not be decided; the next takes it: {path}"
    for path in inbox.without_manifest(settings().inbox, feeds):
        what_to_do = "The next run takes it if that comes; else have it sent again"
        yield f"Left alone, since it has no manifest.json, which is written last: {path}. {what_to_do}"
    for path in inbox.settling(settings().inbox, feeds):
        what_next = "If it stays so, that run refuses it, with a report for its sender"
        yield f"Left for the next run, since its manifest.json was written just now and cannot be read yet: {path}. {what_next}"
    for path in closed(feeds):
        yield f"Left for the next run, since this service may not read it; mend its permissions: {path}"
    for place, count in inbox.oddities(settings().inbox, feeds).items():
        wanted = "YYYY-MM-DD.SEQUENCE with a manifest.json of its own" if place in feeds else f"{', '.join(feeds)}"
        told = "`ls` there shows the names, which may hold anything"
        yield f"Left alone in {settings().inbox / place}: {count}, since only folders called {wanted} are deliveries ({told})"
    if sent := [one for one in feedback.disclosures() if one.state == "sent"]:
        agencies = ", ".join(sorted({one.recipient for one in sent}))
        yield f"Feedback: {len(sent)} file{'s' if len(sent) > 1 else ''} for {agencies} in {settings().outbox}"
    if unclosed := len(alerts.listed(only_open=True)):
        yield f"Alerts that nobody has closed: {unclosed}. See: iom alert list --open"
    if (begins := state.how_commands_begin()) != "iom":
        yield f"Commands about this state begin with: {begins}"
    yield ""
    yield from _places()


def _deliveries(count: int) -> str:
    return f"{count} {'delivery' if count == 1 else 'deliveries'}"


def _left(feeds: list[str]) -> dict[str, list[str]]:
    """By feed the deliveries that are complete and not decided, as paths fit to be shown; only feeds that have any."""
    paths = {feed: [ascii(f"{feed}/{folder.path.name}") for folder in waiting(feed)] for feed in feeds}
    return {feed: found for feed, found in paths.items() if found}


def _nothing_built(cursor: Cursor, since: datetime) -> str:
    cursor.execute(CAME, (since,))
    came, refused = cursor.fetchone()
    if not came:
        return "Nothing new was waiting; the marts stay as they are."
    return f"No marts were built. Deliveries that came: {came}, of which refused: {refused}."


def _feed(cursor: Cursor, feed: str, published: int, refused: int, undecided: int, last: date | None) -> Iterator[str]:
    cursor.execute(ROWS, (feed,))
    rows, written, rejected, taken_up = (count or 0 for count in cursor.fetchone())
    reach = f" (last business date {last})" if last else ""
    yield f"{feed}: {_deliveries(published)} published so far{reach}, {refused} refused" + (
        f", {undecided} undecided" if undecided else ""
    )
    yield f"    {rows:,} rows delivered, {written:,} versions written, {rejected:,} rejected{_closures(cursor, feed)}"
    if taken_up:
        yield f"    taken up once the row they refer to came: {taken_up:,} {'row' if taken_up == 1 else 'rows'}"
    cursor.execute(OPEN_REJECTIONS, (feed,))
    rules = cursor.fetchall()
    for file, rule, count, _ in rules:
        yield f"    still rejected: {count:,} {'row' if count == 1 else 'rows'} of {file} (rule {rule})"
    if more := (rules[0][3] if rules else 0) - len(rules):
        yield f"    still rejected by {more} more {'rule' if more == 1 else 'rules'} (audit.rejected_row has them all)"
    cursor.execute(KEPT_BACK, (feed,))
    for delivery_id, folder in cursor.fetchall():
        page = sender_report.page_of(feed, folder, delivery_id)
        if page:
            yield f"    kept back rows of {folder}; report for the sender: {page}"


def _this_run(cursor: Cursor, feed: str, so_far: int, since: datetime) -> Iterator[str]:
    """What came in this run, where that is not all there is."""
    cursor.execute(TONIGHT, (feed, since))
    published, refused, rows, written, rejected = cursor.fetchone()
    if 0 < published + refused < so_far:
        yield (
            f"    in this run: {published} published, {refused} refused; {rows:,} rows delivered, {written:,} versions written,"
            f" {rejected:,} rejected"
        )


def _in_vain(cursor: Cursor, feed: str, since: datetime) -> Iterator[str]:
    """Identifiers of this run's deliveries that link nobody, as most of them are not in the form of such an identifier."""
    cursor.execute(IN_VAIN, (feed, since))
    for folder, delivery_id, file, column, count in cursor.fetchall():
        yield f"    nobody is linked by {count:,} values of {column} in {file} of {folder}, which are not in its form"
        if page := sender_report.page_of(feed, folder, delivery_id):
            yield f"      report for the sender: {page}"


def _refusals(cursor: Cursor, feed: str, since: datetime) -> Iterator[str]:
    cursor.execute(REFUSALS, (feed, since))
    for folder, delivery_id, message, better in cursor.fetchall():
        yield f"    refused {folder}: {message}" + (f" (mended since: {better} was published)" if better else "")
        page = sender_report.page_of(feed, folder, delivery_id)
        if page:
            yield f"      report for the sender: {page}"
    cursor.execute(REFUSED_BEFORE, (feed, since))
    if before := cursor.fetchone()[0]:
        yield f"    refused before this run: {before}. See: iom delivery list --feed {feed} --status refused"


def _closures(cursor: Cursor, feed: str) -> str:
    """What became of the rejected rows; a row that stays wrong in every full extract counts once for each."""
    cursor.execute(CLOSURES, (feed,))
    words = ", ".join(f"{count:,} {what}" for count, what in zip(cursor.fetchone(), BECAME, strict=True) if count)
    return f" ({words})" if words else ""


def _places() -> Iterator[str]:
    from iom_warehouse.orchestration.night_from_nothing import PUBLISHER, psql_line

    state = settings().state_dir
    places = {
        "Outcome report": state / "reports" / "latest.html",
        "Validation pages": state / "validation" / "index.html",
        "Great Expectations' Data Docs": state / "validation" / "data_docs" / "index.html",
    }
    for what, path in places.items():
        if path.exists():
            yield f"{what}: {path}"
    line = psql_line()
    yield f"Database: {line}"
    if f" -U {PUBLISHER} " in line:
        yield "    (the login of the service that publishes, since people_access.csv names no analyst)"
