"""Single fields of a contract document: each function returns what the field says, or raises ContractError naming its place."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import open_data_contract_standard.model as odcs

from iom_warehouse.contracts.model import ContractError


def own_facts(
    properties: Iterable[odcs.CustomProperty] | None, known: tuple[str, ...], place: str, needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """`customProperties` as a mapping; only `known` ones may be there, and `needed` ones must."""
    facts = {entry.property or "": entry.value for entry in properties or ()}
    for name in facts:
        if name not in known:
            raise ContractError(f"{place}: there is no custom property {name!r}.", f"Known here: {', '.join(known)}.")
    for name in needed:
        given(facts.get(name), place, f"customProperties.{name}", "a value")
    return facts


def given(value: Any, place: str, name: str, meaning: str) -> Any:
    """A value that must not be missing; `meaning` says what it gives."""
    if not value:
        raise ContractError(f"{place}: {name} is missing.", f"It gives {meaning}.")
    return value


def sentence(text: str | None, place: str) -> str:
    """A description: one or more sentences, on one line."""
    words = " ".join((text or "").split())
    if not words.endswith("."):
        raise ContractError(
            f"{place}: the description is missing, or is no sentence.", "Write sentences that end in a full stop."
        )
    return words


def one_of(value: Any, known: tuple[Any, ...], place: str) -> Any:
    """A value that must be one of `known`."""
    if value not in known:
        raise ContractError(f"{place} is {value!r}.", f"Use one of: {', '.join(map(str, known))}.")
    return value


def flag(facts: Mapping[str, Any], name: str, place: str) -> bool:
    """One of `own_facts` that is true or false; false when it is left out."""
    return bool(one_of(facts.get(name, False), (True, False), f"{place}: {name}"))


def day(value: Any, place: str) -> date:
    """An ISO date, which YAML may have read as a date already."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ContractError(f"{place} is {value!r}.", "Write an ISO date such as 2027-03-31.") from None


def listed(value: str | list[str] | None) -> list[str]:
    """A field that may hold one name or several."""
    return [value] if isinstance(value, str) else list(value or ())
