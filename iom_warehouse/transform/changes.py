"""Who may differ since a completed build, for a build that is limited to them.

Rows about a person may differ when a record of the person changed, or a row that refers to one that changed, or a row that such a
row refers to; when a link of the person changed; when a day came on which something takes effect; or when days that passed make
what is known look otherwise from today. Changes are found by sequence, and the rest in the tables of the last build.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract, File
from iom_warehouse.platform import database

TABLE = """
    create schema if not exists intermediate;
    create table if not exists intermediate.person_to_rebuild (
        since_build bigint not null,
        person_key bigint not null,
        is_changed boolean not null,
        is_unsettled boolean not null,
        is_aged boolean not null,
        primary key (since_build, person_key)
    );
    comment on table intermediate.person_to_rebuild is
        'One row per completed build and person about whom rows may differ since then: all (is_changed, and then the others too),'
        ' those of follow-up windows (is_unsettled), those that look back from today (is_aged).';
    revoke all on intermediate.person_to_rebuild from public;
"""
# What an earlier try since the same build set out to do stays: it may have done a part of it.
FORGET = "delete from intermediate.person_to_rebuild where since_build <> %s"
ADD = """
    insert into intermediate.person_to_rebuild as known (since_build, person_key, is_changed, is_unsettled, is_aged)
    select %s, person_key, {is_changed}, {is_unsettled}, {is_aged} from ({people}) as found
    where person_key is not null group by person_key
    on conflict (since_build, person_key) do update set
        is_changed = known.is_changed or excluded.is_changed,
        is_unsettled = known.is_unsettled or excluded.is_unsettled,
        is_aged = known.is_aged or excluded.is_aged
"""
COUNT = "select count(*) filter (where is_changed), count(*) from intermediate.person_to_rebuild where since_build = %s"
RELINKED = """
    select person_key from identity.link where opened_by_run > {since} and opened_by_run <= {now}
    union all
    select person_key from identity.link where closed_by_run > {since} and closed_by_run <= {now}
"""
AWAITED = "select person_key from intermediate.int_changes__awaited where day <= {today}"
# What is made of windows moves with the day that data reach to: while a window is open, on the day it becomes final, and while an
# event of its baseline was known later after its end than the data reach beyond the end of the follow-up.
UNSETTLED = """
    select person_key
    from intermediate.int_reoffending__windows as time_window
    inner join intermediate.int_reoffending__measure as measure using (measure_id, measure_version)
    where time_window.valid_to - 1 > {reached}
        or (
            not time_window.is_final
            and time_window.over_on + make_interval(months => measure.final_after_months::integer) <= {today}
        )
    union all
    select person_key from intermediate.int_reoffending__counted where role = 'baseline' and not is_within_same_lag
"""

# What looks back from today moves on the day that something leaves a window, on birthdays, two years after a sanction or release,
# and daily while somebody has days in prison to come, one fewer each day.
AGED = """
    select person_key from intermediate.int_selection__counted
    where oldest_known_on <= ({today} + make_interval(months => -window_months::integer))::date
    union all
    select ogrs3.person_key
    from intermediate.int_risk__ogrs3 as ogrs3
    inner join intermediate.int_people__person as person using (person_key)
    where ogrs3.asked_on = 'infinity' and case
        when ogrs3.risk_on = 'infinity' then ogrs3.age_at_risk <> extract(year from age({today}, person.born_on))
        else ogrs3.risk_on <= ({today} + make_interval(months => -24))::date
    end
    union all
    select person_key from intermediate.int_selection__latest where factor = 'custody_days_left' and value > 0
"""


@dataclass(frozen=True)
class Since:
    """A completed build: what it saw of each feed (last sequence; absent feeds left out), the linkage run it used, and the day
    that the data of every feed reached to.
    """

    build_id: int
    vintage: Mapping[str, int]
    linkage_run: int
    reached: date


def find(cursor: Cursor, since: Since, vintage: Mapping[str, int], linkage_run: int, business_date: date) -> tuple[int, int]:
    """Put the people who may differ into intermediate.person_to_rebuild, as the transformer.

    Returns how many have changed, and how many are to be made again in all.
    """
    _make_indexes()
    cursor.execute(TABLE)
    cursor.execute(FORGET, (since.build_id,))
    person_files = _person_files(cursor)
    changed = [
        _Walk(contract, person_files, since.vintage[contract.feed], vintage[contract.feed]).people()
        for contract in contracts.all()
        if vintage.get(contract.feed, 0) > since.vintage.get(contract.feed, 0)
        and any(file.name in person_files for file in contract.files)
    ]
    changed.append(sql.SQL(RELINKED).format(since=sql.Literal(since.linkage_run), now=sql.Literal(linkage_run)))
    changed.append(sql.SQL(AWAITED).format(today=sql.Literal(business_date)))
    days = {"reached": sql.Literal(since.reached), "today": sql.Literal(business_date)}
    for people in changed:
        _add(cursor, since, people, "is_changed", "is_unsettled", "is_aged")
    _add(cursor, since, sql.SQL(UNSETTLED).format(**days), "is_unsettled")
    _add(cursor, since, sql.SQL(AGED).format(**days), "is_aged")
    cursor.execute("analyze intermediate.person_to_rebuild")
    cursor.execute(COUNT, (since.build_id,))
    counted: tuple[int, int] = cursor.fetchone()
    return counted


def _add(cursor: Cursor, since: Since, people: sql.Composable, *why: str) -> None:
    flags = {flag: sql.Literal(flag in why) for flag in ("is_changed", "is_unsettled", "is_aged")}
    cursor.execute(sql.SQL(ADD).format(people=people, **flags), (since.build_id,))


def _make_indexes() -> None:
    """Those by which a build of some people reads: after a large first load, this is the first time that they are needed.

    Each table in a transaction of its own, so that no load waits for the whole of the build's preparation.
    """
    for contract in contracts.all():
        for file in contract.files:
            with database.transaction("transformer") as conn, conn.cursor() as cursor:
                cursor.callproc("raw.make_build_indexes", (file.name, list(contract.looked_up_by(file))))


def _person_files(cursor: Cursor) -> frozenset[str]:
    """The files whose rows are linked to people."""
    files = [file.name for contract in contracts.all() for file in contract.files]
    cursor.execute(
        "select file from unnest(%s) as file where exists (select from identity.link where source_file = file)", (files,)
    )
    return frozenset(name for (name,) in cursor.fetchall())


class _Walk:
    """From the changed rows of a feed to people: down to all rows that refer to one, then up to all rows that those refer to.

    Rows that refer to a changed person and to nothing else that changed are the person's own: there is no need to walk to them.
    """

    def __init__(self, contract: Contract, person_files: Collection[str], since: int, now: int) -> None:
        self.files = list(_parents_first(contract))
        self.person_files = person_files
        self.bounds = {"since": sql.Literal(since), "now": sql.Literal(now)}

    def people(self) -> sql.Composable:
        """A query of person_key, with people as often as they are found."""
        steps = [self._down(file) for file in self.files] + [self._up(file) for file in reversed(self.files)]
        found = [
            sql.SQL(
                "select link.person_key from {found} as found join identity.link as link"
                " on link.source_file = {file} and link.source_key = found.{column}"
            ).format(found=_found("up", file), file=sql.Literal(person_file), column=sql.Identifier(column))
            for file in self.files
            for person_file, column in self._people_named_by(file)
        ]
        return sql.SQL("with {} {}").format(sql.SQL(", ").join(steps), sql.SQL(" union all ").join(found))

    def _down(self, file: File) -> sql.Composable:
        """Keys and references of the versions that were opened or closed, or that refer to a row that was."""
        found = [
            self._versions(file, "opened_by_sequence > {since} and opened_by_sequence <= {now}"),
            self._versions(file, "closed_by_sequence > {since} and closed_by_sequence <= {now}"),
        ]
        for reference in file.references:
            if reference.parent_file not in self.person_files:
                parents = _found("down", reference.parent_file)
                found.append(self._versions_in(file, reference.columns, parents, reference.parent_columns))
        return _step("down", file, found)

    def _up(self, file: File) -> sql.Composable:
        """The same with the versions that rows found by now refer to."""
        found = [sql.SQL("select * from {}").format(_found("down", file))]
        if file.name not in self.person_files:
            for child in self.files:
                for reference in child.references:
                    if reference.parent_file == file.name:
                        children = _found("up", child)
                        found.append(self._versions_in(file, reference.parent_columns, children, reference.columns))
        return _step("up", file, found)

    def _people_named_by(self, file: File) -> Iterator[tuple[str, str]]:
        """Files of people, with the column of `file` that holds a key of theirs."""
        if file.name in self.person_files:
            yield file.name, file.key[0]
        for reference in file.references:
            if reference.parent_file in self.person_files:
                yield reference.parent_file, reference.columns[0]

    def _versions_in(
        self, file: File, columns: Sequence[str], relation: sql.Composable, of_relation: Sequence[str]
    ) -> sql.Composable:
        return self._versions(
            file, "({columns}) in (select {of_relation} from {relation})",
            columns=_list(columns), relation=relation, of_relation=_list(of_relation),
        )  # fmt: skip

    def _versions(self, file: File, condition: str, **parts: sql.Composable) -> sql.Composable:
        columns = dict.fromkeys([*file.key, *(name for reference in file.references for name in reference.columns)])
        return sql.SQL("select {selected} from {table} where " + condition).format(
            selected=_list(columns), table=sql.Identifier("raw", file.name), **self.bounds, **parts
        )


def _parents_first(contract: Contract) -> Iterator[File]:
    left = list(contract.files)
    while left:
        names = {file.name for file in left}
        ready = [file for file in left if not names & {reference.parent_file for reference in file.references}]
        yield from ready
        left = [file for file in left if file not in ready]


def _step(direction: str, file: File, found: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL("{} as materialized ({})").format(_found(direction, file), sql.SQL(" union ").join(found))


def _found(direction: str, file: File | str) -> sql.Identifier:
    return sql.Identifier(f"{direction} {file if isinstance(file, str) else file.name}")


def _list(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))
