"""The provisional model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iom_warehouse.platform.errors import IomError

FOLDER = Path(__file__).parent
SHIPPED = "v1"


@dataclass(frozen=True)
class Thresholds:
    join: float
    split: float
    possible: float


@dataclass(frozen=True)
class BlockingRule:
    name: str
    description: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    version: str
    settings: dict[str, Any]
    blocking_rules: tuple[BlockingRule, ...]
    frequencies: Path
    frequency_floor: dict[str, float]
    thresholds: Thresholds


def load(version: str | None = None) -> Model:
    path = FOLDER / f"{version or SHIPPED}.json"
    if not path.is_file():
        raise IomError(f"There is no linkage model {version or SHIPPED}.", "Reinstall the package.")
    held = json.loads(path.read_text())
    return Model(
        held["version"],
        held["settings"],
        tuple(BlockingRule(rule["name"], rule["description"], tuple(rule["key"])) for rule in held["blocking_rules"]),
        FOLDER / held["frequencies"],
        held["frequency_floor"],
        Thresholds(**held["thresholds"]),
    )
