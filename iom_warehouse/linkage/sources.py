"""The files that describe people, and which of their columns say who somebody is, as the contracts have it.

The contract names the file that holds people, and that of their other names; identifiers are told by their format.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract, File


@dataclass(frozen=True)
class Source:
    """A file whose rows are people. Attributes that name a column are None where the file has no such column.

    `aliases` is a file with other names (surname, forenames) of the same key.
    """

    feed: str
    file: str
    key: str
    surname: str = "surname"
    forenames: str = "forenames"
    postcode: str | None = None
    pnc: str | None = None
    cro: str | None = None
    prison_number: str | None = None
    crn: str | None = None
    aliases: str | None = None


IDENTIFIERS = ("pnc", "cro", "prison_number", "crn")  # as contracts and Source call them
# A drug service gives initials and a postcode sector, and nothing at all without the client's consent: no rule for other feeds.
DIP = Source(
    "dip", "dip_client", "client_ref", surname="surname_initial", forenames="forename_initial", postcode="postcode_sector",
    pnc="pncid", prison_number="prison_number",
)  # fmt: skip
BEFORE_OTHERS = ("police", "probation", "prison", "dip", "hub")


def all() -> tuple[Source, ...]:
    """Every file of people. Each tie is decided by this order, then by the key; feeds of a partnership's own come last."""
    found = [source for contract in contracts.all() for source in _of_feed(contract)]
    return tuple(sorted(found, key=lambda source: (_place(source.feed), source.feed)))


def _place(feed: str) -> int:
    return BEFORE_OTHERS.index(feed) if feed in BEFORE_OTHERS else len(BEFORE_OTHERS)


def _of_feed(contract: Contract) -> Iterator[Source]:
    if contract.people:
        yield _source(contract, contract.people)
    elif contract.is_read_by_linker and any(file.name == DIP.file for file in contract.files):
        yield DIP


def _source(contract: Contract, file: File) -> Source:
    columns = {column.identifier: column.name for column in reversed(file.columns) if column.identifier in IDENTIFIERS}
    aliases = contract.other_names(file)
    return Source(
        contract.feed,
        file.name,
        file.key[0],
        postcode="postcode" if any(column.name == "postcode" for column in file.columns) else None,
        aliases=aliases.name if aliases else None,
        **{str(kind): name for kind, name in columns.items()},
    )
