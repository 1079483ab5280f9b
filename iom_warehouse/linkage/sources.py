"""The files that describe people, and which of their columns say who somebody is."""

from dataclasses import dataclass


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


POLICE = Source(
    "police", "police_person", "police_ref", postcode="postcode", pnc="pncid", cro="cro_number", aliases="police_alias"
)
PROBATION = Source(
    "probation", "probation_person", "crn", postcode="postcode", pnc="pncid", prison_number="prison_number", crn="crn"
)
PRISON = Source("prison", "prison_person", "prison_number", pnc="pncid", cro="cro_number", prison_number="prison_number")
# A drug service gives initials and a postcode sector, and nothing at all without the client's consent.
DIP = Source(
    "dip", "dip_client", "client_ref", surname="surname_initial", forenames="forename_initial", postcode="postcode_sector",
    pnc="pncid", prison_number="prison_number",
)  # fmt: skip
HUB = Source("hub", "hub_case", "case_ref", postcode="postcode", pnc="pncid", prison_number="prison_number", crn="crn")

SOURCES = (POLICE, PROBATION, PRISON, DIP, HUB)  # every tie is decided by this order, then by the key
FEEDS = tuple(source.feed for source in SOURCES)
