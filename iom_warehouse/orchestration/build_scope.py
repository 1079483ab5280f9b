"""Whether a build makes everything from nothing, or only what may differ since the last completed build; written into the ledger.

Rows about people who did not change stay only where nothing else could have changed them. When in doubt, everything is made.
"""

from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse import transform
from iom_warehouse.orchestration.build_ledger import Build, read
from iom_warehouse.platform import database
from iom_warehouse.platform.log import get

log = get("build")

# `before` are the builds that left rows in the marts: the last completed one, and those that were begun after it and did not end.
WHY_EVERYTHING = """
    with this as (
        select build.*, coalesce(linkage_run, 0) as run, linkage_run.method
        from audit.build left join identity.linkage_run on run_id = linkage_run where build_id = %(build_id)s
    ),
    base as (
        select build.* from audit.build join this using (kind)
        where build.status = 'succeeded' and build.transformed_at is not null and build.build_id <> this.build_id
        order by build.finished_at desc limit 1
    ),
    before as (
        select build.*, coalesce(build.linkage_run, 0) as run, build.build_id = base.build_id as is_base
        from base join audit.build using (kind)
        where build.build_id = base.build_id or build.transformed_at > base.finished_at
    )
    select base.build_id, base.business_date, case
        when this.kind = 'as_of' then 'it rebuilds an earlier night in a schema of its own'
        when %(in_full)s then 'it was asked for'
        when base.build_id is null then 'no build before it was completed'
        when base.project_sha256 <> %(project)s then 'the dbt project has changed'
        when base.configuration_id is distinct from this.configuration_id then 'the configuration has changed'
        when (select method from identity.linkage_run where run_id = base.linkage_run) is distinct from this.method
            then 'the linkage model has changed'
        when exists (select from before where not is_base and since_build is null)
            then 'a build after the last completed one began to make everything and did not end'
        when exists (select from before where business_date > this.business_date or run > this.run)
            then 'the marts may hold rows of a later night'
        when exists (
            select from (select * from audit.build_vintage where build_id in (select build_id from before)) as was
            full join (select * from audit.build_vintage where build_id = this.build_id) as now using (feed)
            where (was.sequence is null) <> (now.sequence is null)
                or now.sequence < was.sequence or now.business_date < was.business_date
        ) then 'a feed is there for the first time, is gone, or went back'
    end
    from this left join base on true
"""
REACHED = """
    select least(build.business_date, min(vintage.business_date))
    from audit.build left join audit.build_vintage as vintage using (build_id) where build_id = %s group by build.build_id
"""
DATED_DEFINITIONS = """
    select table_name, column_name from information_schema.columns
    where table_schema = 'reference' and column_name in ('effective_from', 'frozen_on')
"""
BEGINS = """
    select 1 from reference.{table}
    where {column} > {since} and {column} <= {now} and opened_by_configuration <= {configuration}
        and (closed_by_configuration is null or closed_by_configuration > {configuration})
"""
WRITE_DOWN = """
    update audit.build set transformed_at = clock_timestamp(), since_build = %s, scope_reason = %s, project_sha256 = %s
    where build_id = %s
"""


def decide(build: Build, in_full: bool = False) -> int:
    """The completed build since which only what may differ is to be made again, or 0. Who may differ is then found.

    Choice and reason are in the ledger before anything is made.
    """
    project = transform.project_digest()
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(WHY_EVERYTHING, {"build_id": build.build_id, "in_full": in_full, "project": project})
        base, base_date, why = cursor.fetchone()
        if why is None and _definition_begins(cursor, base_date, build):
            why = "a definition comes into force or a cohort is frozen"
        if why is None:
            completed = read(base)
            cursor.execute(REACHED, (base,))
            (reached,) = cursor.fetchone()
            since = transform.Since(base, completed.vintage, completed.linkage_run or 0, reached)
            changed, again = transform.find_changes(cursor, since, build.vintage, build.linkage_run or 0, build.business_date)
            reason = (
                f"since build {base}: {changed:,} people may have changed, and {again - changed:,} are made again as days passed"
            )
        else:
            base, reason = None, f"everything: {why}"
        cursor.execute(WRITE_DOWN, (base, reason, project, build.build_id))
    log.info("build %s makes %s", build.build_id, reason)
    return base or 0


def _definition_begins(cursor: Cursor, since: date, build: Build) -> bool:
    """Whether a row of the configuration has its first day after the business date `since` and by that of the build."""
    cursor.execute(DATED_DEFINITIONS)
    begins = [
        sql.SQL(BEGINS).format(
            table=sql.Identifier(table), column=sql.Identifier(column), since=sql.Literal(since),
            now=sql.Literal(build.business_date), configuration=sql.Literal(build.configuration_id),
        )
        for table, column in cursor.fetchall()
    ]  # fmt: skip
    cursor.execute(sql.SQL("select exists ({})").format(sql.SQL(" union all ").join(begins)))
    (found,) = cursor.fetchone()
    return bool(found)
