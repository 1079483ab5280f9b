"""A build of the marts, step by step: fix its vintage, link people at that vintage, run dbt, write down how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from iom_warehouse import contracts, linkage, transform
from iom_warehouse.orchestration import build_scope, linkage_watch
from iom_warehouse.orchestration.build_ledger import read
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.local_time import LONDON, cut_off

NIGHTLY, AS_OF = "nightly", "as_of"

OPEN_BUILD = """
    insert into audit.build (business_date, kind, schema_prefix, linkage_run, configuration_id)
    values (%s, %s, %s, %s, %s) returning build_id
"""
# What a build sees of each feed: the last sequence that was published, or for a past night that was never built, the last that
# had been extracted by that night's cut-off. A feed without any is absent.
VINTAGE = """
    insert into audit.build_vintage (build_id, feed, sequence, business_date, extracted_at, state, days_stale)
    select %(build_id)s, feed, d.sequence, d.business_date, d.extracted_at,
           case when d.sequence is null then 'absent' when d.business_date >= %(night)s then 'fresh' else 'stale' end,
           case when d.sequence is not null then greatest(%(night)s - d.business_date, 0) end
    from unnest(%(feeds)s) as feed
    left join lateral (
        select sequence, business_date, extracted_at from audit.delivery
        where delivery.feed = feed.feed and status = 'published'
        and (%(known_by)s::timestamptz is null or extracted_at <= %(known_by)s)
        order by sequence desc limit 1
    ) d on true
"""
DELIVERED = "select from audit.build_vintage where build_id = %s and sequence is not null limit 1"
COPY_VINTAGE = """
    insert into audit.build_vintage (build_id, feed, sequence, business_date, extracted_at, state, days_stale)
    select %s, feed, sequence, business_date, extracted_at, state, days_stale from audit.build_vintage where build_id = %s
"""
# What was built that night: the last build of it before its cut-off, or the first after. A later one, which saw a late feed or
# another configuration, is not what people had in hand.
BUILD_OF_NIGHT = """
    select build_id, linkage_run, configuration_id from audit.build
    where kind = 'nightly' and status = 'succeeded' and business_date = %(night)s
    order by started_at <= %(known_by)s desc, case when started_at <= %(known_by)s then -build_id else build_id end
    limit 1
"""
CONFIGURATION_OF_NIGHT = """
    select configuration_id from audit.configuration
    order by %(known_by)s::timestamptz is null or applied_at <= %(known_by)s desc,
        case when %(known_by)s::timestamptz is null or applied_at <= %(known_by)s then -configuration_id else configuration_id end
    limit 1
"""
LATER_NIGHT = "select max(business_date) from audit.build where kind = 'nightly' and status = 'succeeded' and business_date > %s"
BUILD_LOCK = "select pg_advisory_lock(hashtext('iom.build'))"
ABANDON = """
    update audit.build set status = 'failed', finished_at = clock_timestamp(),
        failure = 'It had not ended when build ' || %(build_id)s || ' began; its process was killed, most likely.'
    where status = 'running' and build_id < %(build_id)s and schema_prefix = %(schema)s
"""
BEGIN_AGAIN = "update audit.build set status = 'running', finished_at = null, failure = null where build_id = %s"
GOES_ON = "Start it, see to its log, and build the night again (`iom nightly` or `iom build run NIGHT`): nothing is done twice."
FINISH = "update audit.build set status = %s, finished_at = clock_timestamp(), failure = %s where build_id = %s"


class PastNight(IomError):
    """The marts hold a later night already; going back would show old figures as new ones."""


def open_build(business_date: str, as_of: bool = False) -> int:
    """Fix what a build of this night will see, and return its build_id.

    Raises PastNight for a nightly build of a night before the last one that was built, and IomError for a night to come: marts
    of a later day would have no night after them.

    A nightly build sees what is published now. An as-of build sees what that night's build saw, or, where the night was
    never built, what had been extracted by its cut-off; it goes into a schema of its own and leaves the marts alone.
    """
    night = date.fromisoformat(business_date)
    known_by = cut_off(night) if as_of else None
    if night > datetime.now(LONDON).date():
        raise IomError(f"The night of {night} is yet to come.", "Give a night of the past.")
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(LATER_NIGHT, (night,))
        (later,) = cursor.fetchone()
        if later and not as_of:
            raise PastNight(f"The night of {later} was built already.", f"For what was known then: iom build run {night} --as-of")
        cursor.execute(BUILD_OF_NIGHT, {"night": night, "known_by": cut_off(night)})
        built = cursor.fetchone() if as_of else None
        cursor.execute(CONFIGURATION_OF_NIGHT, {"known_by": known_by})
        configuration = cursor.fetchone()
        if configuration is None:
            raise IomError("No configuration was applied yet.", "Run: iom configuration apply")
        prefix = f"asof_{night:%Y%m%d}" if as_of else ""
        _, linkage_run, configuration_id = built or (None, None, configuration[0])
        cursor.execute(OPEN_BUILD, (night, AS_OF if as_of else NIGHTLY, prefix, linkage_run, configuration_id))
        (build_id,) = cursor.fetchone()
        if built:
            cursor.execute(COPY_VINTAGE, (build_id, built[0]))
        else:
            feeds = [contract.feed for contract in contracts.all()]
            cursor.execute(VINTAGE, {"build_id": build_id, "night": night, "feeds": feeds, "known_by": known_by})
            cursor.execute(DELIVERED, (build_id,))
            if as_of and cursor.fetchone() is None:
                raise IomError(
                    f"Nothing had been delivered by the night of {night}.", "`iom delivery list` shows what came when."
                )
    return build_id


def link(build_id: int, in_full: bool = False, because: str = "") -> int:
    """Link people at the build's vintage, unless an as-of build brought its linkage with it. Returns the build_id.

    With `in_full` every record is made again, so that nothing is left of rows that were deleted from raw by hand. The audit chain
    has their numbers and `because`.

    A nightly build raises alerts for what is unusual about it.
    """
    build_ = read(build_id)
    if build_.linkage_run is None:
        with _failure_written_down(build_id):
            with database.session("linker") as conn:
                known_by = cut_off(build_.business_date) if build_.kind == AS_OF else None
                result = linkage.link_people(conn, build_.vintage, known_by, in_full, because)
            _execute("update audit.build set linkage_run = %s where build_id = %s", result.run_id, build_id)
    if build_.kind == NIGHTLY:
        linkage_watch.check(build_id)
    return build_id


def build(build_id: int, in_full: bool = False) -> int:
    """Run dbt at the build's vintage and write down how it ended. Returns the build_id. Raises what dbt's failure was.

    Only what may differ since the last completed build is made again, unless there is a reason for more, or `in_full`.
    """
    build_ = read(build_id)
    with database.session("transformer") as conn:  # one build at a time; the lock goes with the connection
        with conn, conn.cursor() as cursor:
            cursor.execute(BUILD_LOCK)
            cursor.execute(ABANDON, {"build_id": build_id, "schema": build_.schema_prefix})
        with _failure_written_down(build_id):
            since_build = build_scope.decide(build_, in_full)
            transform.build(
                business_date=build_.business_date, vintage=build_.vintage, linkage_run=build_.linkage_run,
                configuration_id=build_.configuration_id, build_id=build_id, as_of_schema=build_.schema_prefix,
                since_build=since_build,
            )  # fmt: skip
    _execute(FINISH, "succeeded", None, build_id)
    return build_id


@contextmanager
def _failure_written_down(build_id: int) -> Iterator[None]:
    """A step of a build, begun again or for the first time: when it fails, the ledger says why.

    Only our own errors are quoted: they are made without values of rows. Of others the kind is told. Where the server has gone,
    the ledger has gone with it: the next build writes down how this one ended. Raises IomError for that.
    """
    _execute(BEGIN_AGAIN, build_id)
    try:
        yield
    except BaseException as error:
        if database.is_gone(error):
            raise IomError(f"The database went away in the middle of build {build_id}.", GOES_ON) from None
        _execute(FINISH, "failed", _cause(error), build_id)
        raise


def _cause(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "It was ended by a signal. The next build makes again what it may have left halfway."
    return str(error) if isinstance(error, IomError) else f"{type(error).__name__}; the log of the task or run says more."


def _execute(statement: str, *arguments: object) -> None:
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(statement, arguments)


def _last() -> int:
    """The last build of the marts; where there is none, the last one as of an earlier night."""
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select coalesce(max(build_id) filter (where kind = %s), max(build_id)) from audit.build", (NIGHTLY,))
        (build_id,) = cursor.fetchone()
    if build_id is None:
        raise IomError("Nothing was built yet.", "Run: iom nightly")
    return build_id


def describe(build_id: int | None = None) -> Iterator[str]:
    """A build in words, the last nightly one by default: what it saw, how it ended, why. Raises IomError when there is none."""
    build_ = read(_last() if build_id is None else build_id)
    build_id = build_.build_id
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select status, started_at, finished_at, failure, scope_reason from audit.build where build_id = %s", (build_id,)
        )
        status, started_at, finished_at, failure, made = cursor.fetchone()
        finished = f"{finished_at:%Y-%m-%d %H:%M}" if finished_at else "never"
        yield (
            f"build {build_id}: {build_.kind} of {build_.business_date}, {status}, started {started_at:%Y-%m-%d %H:%M},"
            f" finished {finished}"
        )
        if made:
            yield f"    made: {made}"
        if failure:
            yield f"    cause: {failure}"
        cursor.execute(
            "select feed, state, sequence, business_date from audit.build_vintage where build_id = %s order by feed", (build_id,)
        )
        for feed, state, sequence, business_date in cursor.fetchall():
            yield f"    {feed}: {state}" + (f", sequence {sequence} of {business_date}" if sequence else "")
        cursor.execute(
            "select resource_type, node, status, message from audit.dbt_result"
            " where build_id = %s and status not in ('success', 'pass') order by node",
            (build_id,),
        )
        for resource_type, node, status, message in cursor.fetchall():
            yield f"    {resource_type} {node}: {status}. {message or ''}"
