"""The five contracts say what the delivery interface says: every file, column, type, key, reference and code."""

import pytest
from delivery_interface import FILES, IDENTIFIERS

from iom_warehouse import contracts
from iom_warehouse.contracts import Column, File

LINES = {line.split()[0].rstrip("?"): line for line in FILES.strip().splitlines()}
SHIPPED = {file.name: file for contract in contracts.all() for file in contract.files}


def as_line(file: File) -> str:
    """A file of a contract in the notation of `delivery_interface`."""
    parents = {reference.columns: reference.parent_file for reference in file.references}
    return " ".join(
        [file.name + ("?" if file.optional else ""), *(_as_word(column, parents.get((column.name,))) for column in file.columns)]
    )


def _as_word(column: Column, parent: str | None) -> str:
    return (
        f"{column.name}{'*' if column.is_key else ''}{'^' if column.may_be_future else ''}"
        f"{'' if column.type == 'text' else ':' + column.type}{'>' + parent if parent else ''}"
        f"{'=' + '/'.join(column.codes) if column.codes else ''}"
    )


def test_the_contracts_have_the_files_of_the_interface():
    assert sorted(SHIPPED) == sorted(LINES)
    assert [contract.feed for contract in contracts.all()] == ["dip", "hub", "police", "prison", "probation"]


@pytest.mark.parametrize("name", LINES)
def test_file(name: str):
    assert as_line(SHIPPED[name]) == LINES[name]


@pytest.mark.parametrize("name", LINES)
def test_keys_are_in_the_order_of_the_columns(name: str):
    assert list(SHIPPED[name].key) == [column.name for column in SHIPPED[name].columns if column.is_key]


def test_identifiers():
    found: dict[str, set[str]] = {}
    for file in SHIPPED.values():
        for column in file.columns:
            if column.identifier:
                found.setdefault(column.identifier, set()).add(f"{file.name}.{column.name}")
    assert found == {kind: set(columns.split()) for kind, columns in IDENTIFIERS.items()}


def test_parents_come_before_their_children():
    for contract in contracts.all():
        seen: list[str] = []
        for file in contract.files:
            assert {reference.parent_file for reference in file.references} <= set(seen)
            seen.append(file.name)


@pytest.mark.parametrize(
    ("column", "bounds"),
    [
        ("pathway", (1, 9)),
        ("age", (0, 120)),
        ("injected_days", (0, 28)),
        ("quality_of_life", (0, 20)),
        ("one_year", (0, 1)),
        ("category", (1, 6)),
    ],
)
def test_ranges(column: str, bounds: tuple[int, int]):
    found = {
        (rule.kwargs["min_value"], rule.kwargs["max_value"])
        for file in SHIPPED.values()
        for rule in file.rules
        if rule.columns == (column,) and rule.rule_id.endswith(".range")
    }
    assert found == {bounds}
