"""The Great Expectations expectations that a contract may use, and what each must be told.

The list is closed because loading finds the failing rows of each in SQL: a new expectation is added here, in loading and in the
test of seeded faults together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CONFIGURED = ("areas", "agencies")  # tables of the configuration that hold codes
PARAMETERS = ("extracted_on", "extracted_at", "row_count_min", "row_count_max")


@dataclass(frozen=True)
class Shape:
    """Arguments of one expectation: those that name a column or a list of columns, the others it needs, those it may have, and
    whether it judges single rows."""

    columns: tuple[str, ...] = ()
    needed: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    row_level: bool = True


def _shape(*columns: str, needs: str = "", may: str = "", row_level: bool = True) -> Shape:
    return Shape(columns, frozenset(needs.split()), frozenset(may.split()), row_level)


EXPECTATIONS: Mapping[str, Shape] = MappingProxyType(
    {
        "expect_table_columns_to_match_set": _shape(needs="column_set", may="exact_match", row_level=False),
        "expect_table_row_count_to_be_between": _shape(may="min_value max_value", row_level=False),
        "expect_column_values_to_not_be_null": _shape("column", may="mostly"),
        "expect_column_values_to_be_unique": _shape("column", may="mostly"),
        "expect_compound_columns_to_be_unique": _shape("column_list", may="mostly"),
        "expect_column_values_to_be_in_set": _shape("column", needs="value_set", may="mostly"),
        "expect_column_values_to_match_regex": _shape("column", needs="regex", may="mostly"),
        "expect_column_values_to_be_between": _shape("column", may="min_value max_value strict_min strict_max mostly"),
        "expect_column_value_lengths_to_be_between": _shape("column", may="min_value max_value mostly"),
        "expect_column_pair_values_a_to_be_greater_than_b": _shape("column_A", "column_B", may="or_equal mostly"),
        "expect_column_pair_values_to_be_in_set": _shape("column_A", "column_B", needs="value_pairs_set", may="mostly"),
        "expect_column_values_to_parse_as": _shape("column", needs="type", may="mostly"),
        "expect_column_values_to_be_valid_identifier": _shape("column", needs="identifier", may="mostly"),
        "expect_column_values_to_be_configured": _shape("column", needs="table code"),
        "expect_columns_to_refer_to": _shape("columns", needs="parent_file parent_columns", may="mostly"),
    }
)
