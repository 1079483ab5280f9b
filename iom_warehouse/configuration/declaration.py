"""The declaration of the configuration files (`files.yml`) as objects: tables, checks and documentation follow from it."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from iom_warehouse.platform import yaml_file

ColumnType = Literal["ref", "text", "code", "hocode", "date", "int", "num", "yn"]
SQL_TYPES: dict[str, str] = {"date": "date", "int": "integer", "num": "numeric", "yn": "boolean"}


class ConfigurationColumn(BaseModel):
    """One column of a configuration file; `files.yml` says what each trait means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: ColumnType
    describes: str
    list: bool = False
    codes: tuple[str, ...] = ()
    to: str = ""
    pattern: str = ""
    example: str = ""
    required: bool = False
    default: str | None = None
    min: float | None = None
    max: float | None = None

    @property
    def sql_type(self) -> str:
        """PostgreSQL type of the column in its reference table; a list stays text as delivered."""
        return "text" if self.list else SQL_TYPES.get(self.type, "text")


class Contradiction(BaseModel):
    """What a row must not say: a condition on its typed columns, the column to name, and what to tell the editor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    when: str
    says: str


class ConfigurationFile(BaseModel):
    """One CSV file of the configuration folder. `columns` holds effective_from as the last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    describes: str
    key: tuple[str, ...]
    columns: tuple[ConfigurationColumn, ...]
    contradictions: tuple[Contradiction, ...] = ()
    needed: str = ""

    @property
    def csv_name(self) -> str:
        return f"{self.name}.csv"

    @property
    def full_key(self) -> tuple[str, ...]:
        """The columns that tell the rows of one configuration apart."""
        return (*self.key, "effective_from")

    def column(self, name: str) -> ConfigurationColumn:
        return next(column for column in self.columns if column.name == name)


EFFECTIVE_FROM = {"type": "date", "required": True, "describes": "Day from which this definition holds."}


@lru_cache(maxsize=1)
def files() -> tuple[ConfigurationFile, ...]:
    """All configuration files, in the order of the declaration."""
    declared = yaml_file.read(declaration_path())
    return tuple(_file(name, traits) for name, traits in declared.items())


def declaration_path() -> Path:
    return Path(__file__).with_name("files.yml")


def _file(name: str, traits: dict) -> ConfigurationFile:
    columns = traits["columns"] | {"effective_from": EFFECTIVE_FROM}
    named = [
        {"name": column, **given} | ({"required": True} if column in traits["key"] else {}) for column, given in columns.items()
    ]
    return ConfigurationFile.model_validate(traits | {"name": name, "columns": named})
