"""Versions of the model as files: read, checked and written here, and nowhere else."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

FOLDER = Path(__file__).parent
_FREQUENCY_COLUMNS = ("column", "value", "frequency")

# Levels by whose names the engine's rules of twins and of identifiers go, whatever the levels weigh.
IN_COMMON, OTHER = "a form in common", "different"  # of the forename
NO_OTHER_FORENAME = ("same", "names exchanged", IN_COMMON)
# An identifier in common of two with another forename and one of these birth dates was keyed under the wrong one: father and son,
# brother and sister.
OTHER_BIRTH_DATES = ("different", "ten or more years apart")
_RELIED_ON = {"forename": (*NO_OTHER_FORENAME, OTHER), "dob": OTHER_BIRTH_DATES}


class ModelError(IomError):
    """The model's files are not there, cannot be read, or are not what they should be."""


@dataclass(frozen=True)
class Thresholds:
    """Match weights (log2 of the odds). At `join` two records become one person; two who are one already part below `split`;
    pairs from `possible` on are kept for stewards. join > split > possible."""

    join: float
    split: float
    possible: float


@dataclass(frozen=True)
class BlockingRule:
    """Which records are compared at all: those that agree on every expression of `key`, over the columns of a record.

    The expressions mean the same in DuckDB and PostgreSQL; an array stands as `unnest(column)`, at most one in a rule. A null
    agrees with nothing.
    """

    name: str
    description: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """One version of the model.

    settings: Splink's, with m and u of every level, without blocking rules; `output_column_name` names a comparison and
    `label_for_charts` a level. frequencies: a CSV of column, value, frequency (a share of all records). frequency_floor: per
    column the frequency of a value that is not in the CSV. origin: what it was trained on and how, in words.
    """

    version: str
    origin: str
    settings: dict[str, Any]
    blocking_rules: tuple[BlockingRule, ...]
    frequencies: Path
    frequency_floor: dict[str, float]
    thresholds: Thresholds

    def frequency_of(self) -> dict[str, dict[str, float]]:
        """Column -> value -> frequency, of the values that have one of their own."""
        found: dict[str, dict[str, float]] = {column: {} for column in self.frequency_floor}
        with self.frequencies.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[row["column"]][row["value"]] = float(row["frequency"])
        return found

    def digest(self) -> str:
        """A digest of all that stands in its files: another one is another model, whatever its version is called."""
        return sha256(json.dumps(_held(self), sort_keys=True).encode()).hexdigest()


def load(version: str | None = None, folder: Path = FOLDER) -> Model:
    """The version of that name in `folder` (None: the one that is set, IOM_LINKAGE_MODEL, which may be the path of another file).

    Raises ModelError when the files are missing, unreadable, of another version than their name says, not of each other, or
    without a level that the engine relies on.
    """
    if version is None:
        chosen = Path(settings().linkage_model)
        folder, version = (chosen.parent, chosen.stem) if chosen.suffix == ".json" else (folder, chosen.name)
    path = folder / f"{version}.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        model = Model(
            version=held["version"],
            origin=held["origin"],
            settings=held["settings"],
            blocking_rules=tuple(
                BlockingRule(rule["name"], rule["description"], tuple(rule["key"])) for rule in held["blocking_rules"]
            ),
            frequencies=folder / f"{version}_frequencies.csv",
            frequency_floor=held["frequency_floor"],
            thresholds=Thresholds(**held["thresholds"]),
        )
        _check(model, version)
    except FileNotFoundError:
        raise ModelError(f"There is no linkage model {version}: {path.name} is not in {folder}.", _versions_in(folder)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path.name} is no linkage model: {type(error).__name__} {error}.", "Restore it from version control, or retrain."
        ) from None
    if not model.frequencies.is_file():
        raise ModelError(
            f"{model.frequencies.name}, the frequencies of {version}, is not in {folder}.", "Restore it, or retrain the model."
        )
    if held.get("frequencies_sha256") != _digest_of(model.frequencies):
        raise ModelError(
            f"{model.frequencies.name} is not what {version} was made with: cut short, changed, or another version's.",
            "Restore both files from version control or a backup, or retrain the model.",
        )
    return model


def ask_for_new(version: str, folder: Path) -> None:
    """Raise ModelError unless `folder` is there and holds no such version, by which people may be linked."""
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder}.", "Make it, or give another.")
    if (folder / f"{version}.json").exists():
        raise ModelError(f"{folder} has a model {version} already, by which people may be linked.", "Give it another name.")


def save(model: Model, frequencies: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """Write `<version>.json` and `<version>_frequencies.csv` (rows with column, value, frequency); returns the former's path.

    The former comes last and whole: where the writing ends early there is no such version yet.
    """
    _check(model, model.version)
    path, csv_path = folder / f"{model.version}.json", folder / f"{model.version}_frequencies.csv"
    with csv_path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _FREQUENCY_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(frequencies)
    held = _held(replace(model, frequencies=csv_path))
    unfinished = path.with_suffix(".json.unfinished")
    unfinished.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def _held(model: Model) -> dict[str, Any]:
    """What the JSON file holds of a model."""
    held = asdict(model)
    held["frequencies_sha256"] = _digest_of(held.pop("frequencies"))
    return held


def _digest_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _versions_in(folder: Path) -> str:
    versions = sorted(path.stem for path in folder.glob("*.json"))
    return f"Choose one of: {', '.join(versions)}." if versions else "Install the package again."


def _check(model: Model, version: str) -> None:
    thresholds = model.thresholds
    if model.version != version:
        raise ModelError(f"{version}.json holds the model {model.version}.", "Give the file its own version's name back.")
    if not thresholds.join > thresholds.split > thresholds.possible:
        raise ModelError(
            f"The thresholds of {version} are out of order: {thresholds}.", "Set them so that join > split > possible."
        )
    for comparison, relied_on in _RELIED_ON.items():
        labels = {
            level["label_for_charts"]
            for found in model.settings["comparisons"]
            if found["output_column_name"] == comparison
            for level in found["comparison_levels"]
        }
        for label in relied_on:
            if label not in labels:
                raise ModelError(
                    f"{version}.json has no level {label!r} of the comparison {comparison!r}, by which twins and other people's"
                    " identifiers are known.",
                    "Give the level that label back: what it weighs may change, its name may not.",
                )
