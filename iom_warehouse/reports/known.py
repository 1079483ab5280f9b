"""What a build knew of the deliveries, so that its report says the same whenever it is made, whatever came since."""

from typing import Any

from iom_warehouse.platform.local_time import cut_off
from iom_warehouse.reports.source import Fact, Source

# `known`: the deliveries that the build's vintage has, and those besides that had come when it began; for a build of what was
# known on a past night, of these only what had been extracted by that night's cut-off. Refused is what was by then.
KNOWN = """
    with known as (
        select d.*, coalesce(d.status = 'published' and d.sequence <= v.sequence, false) as was_published,
            d.status = 'refused' and d.decided_at <= b.started_at as was_refused
        from audit.build b cross join audit.delivery d left join audit.build_vintage v using (build_id, feed)
        where b.build_id = %(build)s and (
            d.status = 'published' and d.sequence <= v.sequence
            or d.received_at <= b.started_at and (
                b.kind = 'nightly'
                or coalesce(d.extracted_at <= %(cut_off)s, split_part(d.folder, '.', 1)::date <= b.business_date)
            )
        )
    )
"""


def rows(source: Source, query: str, **parameters: Any) -> list[Fact]:
    """Rows of a query on `known`."""
    return source.rows(KNOWN + query, build=source.build_id, cut_off=cut_off(source.business_date), **parameters)
