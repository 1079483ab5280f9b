"""Spec cases: read from YAML, and compared with what the models say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from iom_warehouse.platform import yaml_file

FOLDER = Path(__file__).parent
Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """One rule. `name` is the file's, and tells the people and measures of cases apart."""

    name: str
    rule: str
    given: Mapping[str, list[Row]]
    cohorts: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Mapping[str, Any]]
    definitions: Mapping[str, list[Row]]
    expect: Mapping[str, list[Row]]
    where: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shown: list[Row] = field(default_factory=list)


def read_all() -> list[Case]:
    """The cases of measures. Those of the linkage have a form of their own (tests/integration/linkage/test_linkage_spec.py)."""
    return [_read(path) for path in sorted(FOLDER.glob("*/*.yml")) if path.parent.name != "linkage"]


def _read(path: Path) -> Case:
    written = yaml_file.read(path)
    known = {"rule", "method", "traps", "given", "cohort", "cohorts", "measure", "measures", "definitions", "where", "expect"}
    known |= {"refused", "shown"}
    assert written.keys() <= known, f"{path.name}: unknown {written.keys() - known}"
    return Case(
        name=path.stem,
        rule=written["rule"],
        given={file: list(table(text)) for file, text in written.get("given", {}).items()},
        cohorts=written.get("cohorts", {"": written["cohort"]} if "cohort" in written else {}),
        measures=written.get("measures", {"": written["measure"]} if "measure" in written else {}),
        definitions={file: list(table(text)) for file, text in written.get("definitions", {}).items()},
        where={relation: _condition(told) for relation, told in written.get("where", {}).items()},
        refused=written.get("refused", {}),
        shown=list(table(written.get("shown", ""))),
        expect={relation: list(table(text)) for relation, text in written["expect"].items()},
    )


def _condition(told: str | Mapping[str, Any]) -> str:
    """Which rows of a relation are compared: a condition, or columns with their values."""
    return told if isinstance(told, str) else " and ".join(f"{name}::text = '{value}'" for name, value in told.items())


def table(text: str) -> Iterator[Row]:
    """The rows of a table written with | between cells; # begins a comment."""
    lines = [line for line in (line.split("#")[0].strip() for line in text.splitlines()) if line]
    names = _cells(lines[0]) if lines else []
    for line in lines[1:]:
        cells = _cells(line)
        assert len(cells) == len(names), f"{len(cells)} cells below {len(names)} names: {line}"
        yield dict(zip(names, cells, strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def as_written(value: Any, places: int) -> str:
    """A value of the database the way a table is written: a number to `places` decimals, empty as -."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return str(abs(rounded) if rounded == 0 else rounded)
    if value == date.max:
        return "infinity"  # as the driver reads it
    return ";".join(value) if isinstance(value, list) else str(value)


def decimals(column: Iterable[str]) -> int:
    """Decimals that the numbers of a column are written with."""
    return max((len(cell.partition(".")[2]) for cell in column if cell.lstrip("-").replace(".", "", 1).isdigit()), default=0)
