"""The rows that break a rule, in SQL: the same contract entry that Great Expectations decides, asked for its row numbers.

Null passes every rule but the one that asks for a value; that is how Great Expectations reads them too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from iom_warehouse.contracts import File, Rule
from iom_warehouse.loading import names, types


@dataclass(frozen=True)
class DeliveredFile:
    """A landed file and what its rules need to know about the delivery it came with.

    `landed` are the files of the same delivery that were landed; `parameters` the values of {$PARAMETER: …}. Where `is_partial`,
    only rows that must be examined have a typed copy.
    """

    file: File
    delivery_id: int
    is_changes: bool
    landed: frozenset[str]
    parameters: Mapping[str, Any]
    is_partial: bool = False

    def looked_at_by(self, rule: Rule) -> str:
        """Name of the view in landing whose rows a rule is asked of."""
        is_whole = self.is_partial and not is_lasting(rule)
        return (names.whole if is_whole else names.checked)(self.file.name, self.delivery_id)

    def view(self, rule: Rule) -> sql.Identifier:
        """The same as SQL."""
        return names.in_landing(self.looked_at_by(rule))

    @property
    def base(self) -> sql.Identifier:
        """All rows as delivered."""
        return names.in_landing(names.base(self.file.name, self.delivery_id))


Predicate = Callable[[Rule, DeliveredFile], sql.Composable]


def failing(rule: Rule, delivered: DeliveredFile) -> sql.Composed:
    """Query for the row numbers of `delivered` that break `rule`, which judges rows."""
    if rule.expectation in QUERIES:
        return QUERIES[rule.expectation](rule, delivered)
    predicate = PREDICATES[rule.expectation](rule, delivered)
    return sql.SQL("select v.row_number from {} v where {}").format(delivered.view(rule), predicate)


def counts_rows(rule: Rule) -> bool:
    """Whether a rule is about rows, each for itself or a share of them; those on whole files are not."""
    return rule.expectation in PREDICATES or rule.expectation in QUERIES


def judges_rows(rule: Rule) -> bool:
    """Whether a rule names rows: those on whole files and on shares do not."""
    return counts_rows(rule) and "mostly" not in rule.kwargs


def is_lasting(rule: Rule) -> bool:
    """Whether a row that passes a rule once passes it again on later nights, as long as the row is the same.

    So it is where a row is judged by itself. An upper bound of the delivery rises; a lower one would catch up with the row.
    """
    is_by_itself = rule.expectation in PREDICATES and judges_rows(rule)
    return is_by_itself and not isinstance(rule.kwargs.get("min_value"), Mapping)


ON_TEXTS = ("expect_column_values_to_not_be_null", "expect_column_values_to_parse_as")


def value_column(rule: Rule, file: File) -> str:
    """The column of the typed view that a rule on one column looks at: for presence and type, the field as delivered."""
    column = file.column(rule.kwargs["column"])
    if rule.expectation in ON_TEXTS and not types.is_text(column):
        return column.name + names.TEXT_SUFFIX
    return column.name


def argument(value: Any, delivered: DeliveredFile) -> Any:
    """An argument of a rule, with {$PARAMETER: …} replaced by the delivery's value."""
    return delivered.parameters[value["$PARAMETER"]] if isinstance(value, Mapping) else value


def _field(rule: Rule, delivered: DeliveredFile) -> sql.Identifier:
    return sql.Identifier("v", value_column(rule, delivered.file))


def _is_null(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    return sql.SQL("{} is null").format(_field(rule, delivered))


def _not_in_set(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    return sql.SQL("{} <> all ({})").format(_field(rule, delivered), sql.Literal(list(rule.kwargs["value_set"])))


def _no_match(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    return sql.SQL("{} !~ {}").format(_field(rule, delivered), sql.Literal(rule.kwargs["regex"]))


def _outside(rule: Rule, delivered: DeliveredFile, measured: str = "{}") -> sql.Composable:
    value = sql.SQL(measured).format(_field(rule, delivered))
    below, above = "<=" if rule.kwargs.get("strict_min") else "<", ">=" if rule.kwargs.get("strict_max") else ">"
    bounds = [(below, rule.kwargs.get("min_value")), (above, rule.kwargs.get("max_value"))]
    parts = [
        sql.SQL("{} {} {}").format(value, sql.SQL(sign), sql.Literal(argument(bound, delivered)))
        for sign, bound in bounds
        if bound is not None
    ]
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts))


def _wrong_length(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    return _outside(rule, delivered, "length({})")


def _not_after(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    sign = sql.SQL("<" if rule.kwargs.get("or_equal") else "<=")
    return sql.SQL("{} {} {}").format(
        sql.Identifier("v", rule.kwargs["column_A"]), sign, sql.Identifier("v", rule.kwargs["column_B"])
    )


def _pair_not_in_set(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    pair = sql.SQL("({}, {})").format(sql.Identifier("v", rule.kwargs["column_A"]), sql.Identifier("v", rule.kwargs["column_B"]))
    allowed = [sql.SQL("({}, {})").format(*map(sql.Literal, values)) for values in rule.kwargs["value_pairs_set"]]
    return sql.SQL("{} not in ({})").format(pair, sql.SQL(", ").join(allowed))


def _does_not_parse(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    name = rule.kwargs["column"]
    return sql.SQL("{} is null and {} is not null").format(
        sql.Identifier("v", name), sql.Identifier("v", name + names.TEXT_SUFFIX)
    )


def _invalid_identifier(rule: Rule, delivered: DeliveredFile) -> sql.Composable:
    function = sql.Identifier("identifiers", f"is_valid_{rule.kwargs['identifier']}")
    return sql.SQL("not {}({})").format(function, _field(rule, delivered))


def _repeated_keys(rule: Rule, delivered: DeliveredFile) -> sql.Composed:
    """Of exact repetitions the first counts; of rows that share a key and differ, none does."""
    columns = [column.name for column in delivered.file.columns] + ([names.CHANGE] if delivered.is_changes else [])
    return sql.SQL(
        "select row_number from ("
        " select b.row_number, row_number() over (partition by {content} order by b.row_number) as copy,"
        " count(*) over (partition by {content}) <> count(*) over (partition by {key}) as differs"
        " from {base} b join (select {key} from {base} where num_nulls({key}) = 0 group by {key} having count(*)"
        " > 1) twice using ({key})"
        ") repeated where differs or copy > 1"
    ).format(key=names.columns(delivered.file.key), content=names.columns(columns), base=delivered.base)


def _refers_to_nothing(rule: Rule, delivered: DeliveredFile) -> sql.Composed:
    """References in a full extract are checked against the delivery; in `changes` against it together with what is current."""
    columns, parent_columns = rule.kwargs["columns"], rule.kwargs["parent_columns"]
    parent = rule.kwargs["parent_file"]
    delivered_parent = names.in_landing(names.base(parent, delivered.delivery_id))
    is_delivered = _same("v", columns, "p", parent_columns, delivered.file)
    present = []
    if parent in delivered.landed:
        upserted = sql.SQL(" and p.change is distinct from 'delete'") if delivered.is_changes else sql.SQL("")
        present.append(sql.SQL("exists (select from {} p where {}{})").format(delivered_parent, is_delivered, upserted))
    if parent not in delivered.landed or delivered.is_changes:
        kept = sql.SQL("")
        if parent in delivered.landed:
            kept = sql.SQL(" and not exists (select from {} p where {} and p.change = 'delete')").format(
                delivered_parent, is_delivered
            )
        present.append(
            sql.SQL("exists (select from {} p where {} and p.closed_by_sequence is null){}").format(
                sql.Identifier("raw", parent), _same("v", columns, "p", parent_columns, None), kept
            )
        )
    given = sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier("v", name)) for name in columns)
    return sql.SQL("select v.row_number from {} v where {} and not ({})").format(
        delivered.view(rule), given, sql.SQL(" or ").join(present)
    )


def unknown_codes(rule: Rule, delivered: DeliveredFile) -> sql.Composed:
    """Query for the codes of a column that the partnership's configuration does not know. A file has few codes in many rows."""
    return sql.SQL(
        "select given.code from (select distinct {field} as code from {view} v where {field} is not null) given"
        " where not exists (select from {known} k where k.{code} = given.code and k.closed_by_configuration is null)"
    ).format(
        field=_field(rule, delivered), view=delivered.view(rule), known=sql.Identifier("reference", rule.kwargs["table"]),
        code=sql.Identifier(rule.kwargs["code"]),
    )  # fmt: skip


def _not_configured(rule: Rule, delivered: DeliveredFile) -> sql.Composed:
    return sql.SQL("select v.row_number from {} v where {} in ({})").format(
        delivered.view(rule), _field(rule, delivered), unknown_codes(rule, delivered)
    )


def _same(child: str, columns: Sequence[str], parent: str, parent_columns: Sequence[str], landed: File | None) -> sql.Composable:
    """Equality of reference and key; a landed parent is text, so the child's field is compared as it was delivered."""

    def field(name: str) -> sql.Identifier:
        as_text = landed and not types.is_text(landed.column(name))
        return sql.Identifier(child, name + names.TEXT_SUFFIX if as_text else name)

    pairs = zip(columns, parent_columns, strict=True)
    return sql.SQL(" and ").join(sql.SQL("{} = {}").format(field(name), sql.Identifier(parent, other)) for name, other in pairs)


PREDICATES: Mapping[str, Predicate] = {
    "expect_column_values_to_not_be_null": _is_null,
    "expect_column_values_to_be_in_set": _not_in_set,
    "expect_column_values_to_match_regex": _no_match,
    "expect_column_values_to_be_between": _outside,
    "expect_column_value_lengths_to_be_between": _wrong_length,
    "expect_column_pair_values_a_to_be_greater_than_b": _not_after,
    "expect_column_pair_values_to_be_in_set": _pair_not_in_set,
    "expect_column_values_to_parse_as": _does_not_parse,
    "expect_column_values_to_be_valid_identifier": _invalid_identifier,
}
QUERIES: Mapping[str, Callable[[Rule, DeliveredFile], sql.Composed]] = {
    "expect_column_values_to_be_unique": _repeated_keys,
    "expect_compound_columns_to_be_unique": _repeated_keys,
    "expect_column_values_to_be_configured": _not_configured,
    "expect_columns_to_refer_to": _refers_to_nothing,
}
