"""Audiences and the protection that each gets: rows of the partnership's configuration (`reference.audiences`)."""

from dataclasses import dataclass
from datetime import date

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.platform.errors import IomError

INTERNAL = "internal"
READERS_OF_FREE_TEXT = (INTERNAL, "board")
QUERY = """
    select audience, min_count, round_to, min_denominator, flag_denominator,
        coalesce(classification,
            case when audience = any(%(read_free_text)s) or min_count < 5 then 'OFFICIAL-SENSITIVE' else 'OFFICIAL' end)
    from reference.audiences
    where audience = %(audience)s and effective_from <= %(day)s
        and opened_by_configuration <= %(configuration)s
        and (closed_by_configuration is null or closed_by_configuration > %(configuration)s)
    order by effective_from desc limit 1
"""


@dataclass(frozen=True)
class Audience:
    """Who a table is for.

    Counts from 1 to `min_count` - 1 are hidden, others rounded to `round_to` (1: not at all). Rates of fewer people than
    `min_denominator` are hidden, of fewer than `flag_denominator` flagged. `classification` marks every copy of its reports.
    """

    name: str
    min_count: int = 0
    round_to: int = 1
    min_denominator: int = 0
    flag_denominator: int = 0
    classification: str = "OFFICIAL-SENSITIVE"

    @property
    def rounds(self) -> bool:
        return self.round_to > 1

    @property
    def marks_small(self) -> bool:
        """Whether a count that is hidden because it is small says so, as `<5` does; where counts are rounded none does."""
        return not self.rounds

    def is_small(self, count: int) -> bool:
        return 0 < count < self.min_count


def read(cursor: Cursor, name: str, configuration_id: int, day: date) -> Audience:
    """The audience as a configuration defines it on a day. Raises IomError when it does not.

    Only `internal` is known without: the partnership itself, from whom nothing is hidden. What shows free text, or counts below
    5, is OFFICIAL-SENSITIVE where a row does not say.
    """
    values = {"audience": name, "read_free_text": list(READERS_OF_FREE_TEXT), "configuration": configuration_id, "day": day}
    cursor.execute(QUERY, values)
    found = cursor.fetchone()
    if found is None and name == INTERNAL:
        return Audience(INTERNAL)
    if found is None:
        raise IomError(
            f"The configuration has no audience {name!r} on {day}.", "Add it to audiences.csv and apply the configuration."
        )
    return Audience(*found)
