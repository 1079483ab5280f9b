"""What a contract says, in the shapes that loading, validation, DAGs, grants and the data dictionary read.

Column types (`Column.type`) are those of the delivery interface: `ref` text key of the source, `text`, `code` a listed value,
`date`, `ts` timestamp with offset, `int`, `num`, `yn` Y or N, `hocode` Home Office offence code, `area` and `agency` codes of the
partnership's configuration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from iom_warehouse.platform.errors import IomError

SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "ref": "text", "text": "text", "code": "text", "hocode": "text", "area": "text", "agency": "text",
        "date": "date", "ts": "timestamptz", "int": "integer", "num": "numeric", "yn": "boolean",
    }
)  # fmt: skip
IDENTIFIERS = ("pnc", "cro", "asn", "prison_number", "crn")
CLASSIFICATIONS = ("none", "identifier", "personal", "criminal-offence", "health", "special")
STAGES = ("loader", "linker", "transformer", "publisher")
ACCESSES = ("read", "pseudonymous", "write")
SEVERITIES = ("critical", "warning", "info")
DIMENSIONS = ("accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness")


class ContractError(IomError):
    """A contract file that does not say what it must; the message names the file, the place in it and what would be right."""


@dataclass(frozen=True)
class Rule:
    """One Great Expectations expectation of one file.

    `rule_id` is `<file>.<columns joined by _>.<short name>`, or `<file>.<short name>` for a rule on the file as a whole.
    `kwargs` are the expectation's own; a bound that depends on the delivery is `{"$PARAMETER": name}`.
    `severity`: critical refuses the delivery, warning rejects the row, info is noted.
    `complaint` says what is wrong with one row, columns in braces standing for its values; empty for a rule on the whole file.
    """

    rule_id: str
    file: str
    columns: tuple[str, ...]
    expectation: str
    kwargs: Mapping[str, Any]
    severity: str
    dimension: str
    description: str
    complaint: str
    remedy: str


@dataclass(frozen=True)
class Reference:
    """Columns of a file that name a row of another file of the same feed; a row that refers to nothing is rejected."""

    columns: tuple[str, ...]
    parent_file: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of a file. `codes` is empty but for `code` columns; `code_meanings` are in the same order.

    `pseudonymous_use` is why a stage without names may read an identifier that is neither key nor reference, else None.
    """

    name: str
    type: str
    sql_type: str
    is_key: bool
    codes: tuple[str, ...]
    code_meanings: tuple[str, ...]
    may_be_future: bool
    identifier: str | None
    classification: str
    pseudonymous_use: str | None
    description: str
    required: bool
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True)
class File:
    """One file of a delivery. The first sentence of `description` states what one row is.

    `holds_people`: its rows are people, to be linked with those of other feeds. `other_names_of`: its rows are more names of the
    people of that file, by whose key it refers to them.
    """

    name: str
    feed: str
    title: str
    description: str
    optional: bool
    data_subject: str
    fact_or_opinion: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    rules: tuple[Rule, ...]
    holds_people: bool
    other_names_of: str | None

    @property
    def pseudonymous_columns(self) -> tuple[str, ...]:
        """Columns for a stage that must not learn who somebody is: no identifiers but those that rows are joined by
        (keys and references) and those with a stated use.
        """
        joined_by = {*self.key, *(name for reference in self.references for name in reference.columns)}
        return tuple(
            column.name
            for column in self.columns
            if column.classification != "identifier" or column.name in joined_by or column.pseudonymous_use
        )

    def column(self, name: str) -> Column:
        """The column of that name. Raises ContractError when the file has none."""
        return _named(self.columns, name, f"{self.name} has no column")


@dataclass(frozen=True)
class Role:
    """A stage of the warehouse that may reach a feed's rows: `access` is read, pseudonymous (`pseudonymous_columns`) or write."""

    role: str
    access: str
    description: str


@dataclass(frozen=True)
class Contract:
    """Everything agreed about one feed. Hours and days count from the time of `expected_by`, a cron text in Europe/London."""

    feed: str
    version: str
    title: str
    purpose: str
    controller: str
    legal_gateway: str
    regime: str
    conditions: str
    agreement_id: str
    agreement_review_on: date
    policy_document_id: str
    protective_marking: str
    retention_years: int
    retention_note: str
    expected_by: str
    late_after_hours: int
    stale_after_days: int
    owner: str
    contacts: Mapping[str, str]
    roles: tuple[Role, ...]
    files: tuple[File, ...]

    def file(self, name: str) -> File:
        """The file of that name. Raises ContractError when the feed has none."""
        return _named(self.files, name, f"The feed {self.feed} has no file")

    @property
    def people(self) -> File | None:
        """The file of people who are linked with those of other feeds; None when none holds people or the linker may not read."""
        holding = [file for file in self.files if file.holds_people]
        return holding[0] if holding and self.is_read_by_linker else None

    @property
    def is_read_by_linker(self) -> bool:
        return any(role.role == "linker" for role in self.roles)

    def other_names(self, people: File) -> File | None:
        """The file of other names of the people of a file, or None."""
        return next((file for file in self.files if file.other_names_of == people.name), None)

    def looked_up_by(self, file: File) -> tuple[str, ...]:
        """Columns by which some rows of a file are found: what it refers to others by, and its key if others refer to it."""
        columns = [reference.columns[0] for reference in file.references]
        if not file.references or any(r.parent_file == file.name for other in self.files for r in other.references):
            columns.append(file.key[0])
        return tuple(dict.fromkeys(columns))


Named = TypeVar("Named", Column, File)


def _named(things: Iterable[Named], name: str, complaint: str) -> Named:
    names = []
    for thing in things:
        if thing.name == name:
            return thing
        names.append(thing.name)
    raise ContractError(f"{complaint} {name!r}.", f"It has: {', '.join(names)}.")
