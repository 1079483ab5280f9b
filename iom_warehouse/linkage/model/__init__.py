"""The linkage model: what is compared, how much each agreement weighs, from which weight on records are joined.

Each version is one JSON file in this folder, with a CSV of the term frequencies that are frozen with it. `iom people retrain`
makes the next one. docs/reference/linkage.md says in words what stands in them.
"""

from iom_warehouse.linkage.model.document import (
    IN_COMMON,
    NO_OTHER_FORENAME,
    OTHER,
    OTHER_BIRTH_DATES,
    BlockingRule,
    Model,
    ModelError,
    Thresholds,
    ask_for_new,
    load,
    save,
)

__all__ = [
    "IN_COMMON",
    "NO_OTHER_FORENAME",
    "OTHER",
    "OTHER_BIRTH_DATES",
    "BlockingRule",
    "Model",
    "ModelError",
    "Thresholds",
    "ask_for_new",
    "load",
    "save",
]
