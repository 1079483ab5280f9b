"""Which file of a feed holds people, and which their other names, as the contract says: that both are fit to link people by."""

from collections.abc import Mapping

from iom_warehouse.contracts.model import Column, Contract, ContractError, File

SEXES = ("M", "F", "U")
WITH_CONSENT = "dip_client"  # known by initials, and linked by a rule of its own that asks for consent
PEOPLE = {"surname": "text", "forenames": "text", "dob": "date", "sex": "text"}  # column -> its type in the database
OTHER_NAMES = {"surname": "text", "forenames": "text"}


def check(contract: Contract, document: str) -> None:
    """Raise ContractError, naming the place, when a file cannot be what `holdsPeople` or `otherNamesOf` says that it is."""
    linked = [file.name for file in contract.files if file.holds_people or file.name == WITH_CONSENT]
    if len(linked) > 1:
        raise ContractError(
            f"{document}: {' and '.join(linked)} hold people, and a feed has one such file.",
            "Leave holdsPeople at one file of the feed, or make a feed of each.",
        )
    holding = [file for file in contract.files if file.holds_people]
    for file in holding:
        _check_people(file, f"{document}: {file.name}")
    named: dict[str, str] = {}
    for file in contract.files:
        if file.other_names_of is None:
            continue
        _check_other_names(file, [people for people in holding if people.name == file.other_names_of], f"{document}: {file.name}")
        if file.other_names_of in named:
            raise ContractError(
                f"{document}: {named[file.other_names_of]} and {file.name} are both otherNamesOf {file.other_names_of}.",
                "Leave it at one of them: all other names of a person come in one file.",
            )
        named[file.other_names_of] = file.name


def _check_people(file: File, place: str) -> None:
    if file.name == WITH_CONSENT:
        raise ContractError(
            f"{place}: holdsPeople stands at a file whose people are linked with their consent only.",
            "Leave it out: these clients are linked by a rule of their own.",
        )
    _check_columns(file, PEOPLE, f"{place}: holdsPeople")
    if len(file.key) != 1 or file.column(file.key[0]).sql_type != "text":
        raise ContractError(
            f"{place}: holdsPeople needs a key of one column that is a string.",
            f"Mark one column with primaryKey: true; the key is ({', '.join(file.key)}).",
        )
    unknown = sorted(set(file.column("sex").codes) - set(SEXES)) if file.column("sex").codes else ["no enum"]
    if unknown:
        raise ContractError(
            f"{place}.sex: holdsPeople cannot be with these codes: {', '.join(unknown)}.",
            "Have the agency send M, F or U (not known), and list them under enum.",
        )
    for column in file.columns:
        if (column.name == "postcode" or column.identifier) and column.sql_type != "text":
            raise _wrong_type(column, "text", f"{place}: holdsPeople")


def _check_other_names(file: File, people: list[File], place: str) -> None:
    if file.holds_people:
        raise ContractError(
            f"{place}: it has both holdsPeople and otherNamesOf.",
            "Leave the one that is true: a row is a person, or one more name.",
        )
    if not people:
        raise ContractError(
            f"{place}: otherNamesOf is {file.other_names_of!r}, which is no file of this feed with holdsPeople.",
            "Name the file of the feed that holds the people, or leave otherNamesOf out.",
        )
    key = people[0].key
    if not any((reference.parent_file, reference.columns) == (people[0].name, key) for reference in file.references):
        raise ContractError(
            f"{place}: otherNamesOf needs a column that says whose name it is.",
            f"Add the column {key[0]} with relationships: [{{to: {people[0].name}.{key[0]}}}].",
        )
    _check_columns(file, OTHER_NAMES, f"{place}: otherNamesOf")


def _check_columns(file: File, needed: Mapping[str, str], place: str) -> None:
    columns = {column.name: column for column in file.columns}
    for name, sql_type in needed.items():
        if name not in columns:
            raise ContractError(
                f"{place} needs the column {name}, which is not there.",
                f"Add it, or leave {place.rpartition(' ')[2]} out. Needed are: {', '.join(needed)}.",
            )
        if columns[name].sql_type != sql_type:
            raise _wrong_type(columns[name], sql_type, place)


def _wrong_type(column: Column, sql_type: str, place: str) -> ContractError:
    logical_type = "date" if sql_type == "date" else "string"
    return ContractError(
        f"{place} needs {column.name} as {logical_type}, and it is {column.type}.",
        f"Give {column.name} logicalType: {logical_type}.",
    )
