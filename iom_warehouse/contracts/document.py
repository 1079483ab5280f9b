"""One YAML file as a data contract document: parsed, checked against the standard's model, nothing in it ignored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import open_data_contract_standard.model as odcs
import pydantic
import yaml

from iom_warehouse.contracts.model import ContractError
from iom_warehouse.platform import yaml_file


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises ContractError with the line when the file is missing or is no YAML mapping."""
    try:
        content = yaml_file.read(path)
    except OSError as error:
        raise ContractError(
            f"{path} cannot be read: {error.strerror}.", "Point IOM_CONTRACTS_DIR at the folder of contracts."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name} is no valid YAML: {error}", "Mend it there; yamllint shows the same place.") from None
    if not isinstance(content, dict):
        raise ContractError(f"{path.name} holds no mapping.", "A contract begins with apiVersion, kind, id and version.")
    return content


def parse(path: Path) -> odcs.OpenDataContractStandard:
    """The data contract in `path`. Raises ContractError when a field has the wrong shape or is not one of the standard."""
    content = read_mapping(path)
    try:
        document = odcs.OpenDataContractStandard.model_validate(content)
    except pydantic.ValidationError as errors:
        first = errors.errors()[0]
        raise ContractError(
            f"{path.name}: {_place(content, first['loc'])}: {first['msg']}.", "See the Open Data Contract Standard."
        ) from None
    if document.kind != "DataContract":
        raise ContractError(f"{path.name}: its kind is {document.kind!r}.", "Write kind: DataContract.")
    for place in _ignored(content, document.model_dump(by_alias=True, exclude_unset=True)):
        raise ContractError(
            f"{path.name}: {_place(content, place)}: the standard has no such field.",
            "Is it misspelt? Own facts go into customProperties.",
        )
    return document


def _ignored(given: Any, kept: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Places of fields that the model did not keep, because the standard does not know them."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name in kept:
                yield from _ignored(value, kept[name], (*place, name))
            else:
                yield (*place, name)
    elif isinstance(given, list) and isinstance(kept, list):
        for number, (value, other) in enumerate(zip(given, kept, strict=True)):
            yield from _ignored(value, other, (*place, number))


def _place(content: Any, location: tuple[str | int, ...]) -> str:
    """A location in words: elements of a list by their name, not their number."""
    words, here = [], content
    for step in location:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        name = isinstance(here, dict) and isinstance(step, int) and (here.get("name") or here.get("property") or here.get("role"))
        words.append(str(name or step))
    return ".".join(words)
