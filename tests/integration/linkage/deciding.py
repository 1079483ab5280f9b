"""Decisions of a steward who looks first at those of whom they are, as a steward must."""

from collections.abc import Collection

from iom_warehouse.linkage import stewardship
from iom_warehouse.platform.database import Connection


def confirm(steward: Connection, item: str, reason: str) -> int:
    stewardship.look(steward, item, reason)
    return stewardship.confirm(steward, item, reason)


def reject(steward: Connection, item: str, reason: str) -> int:
    stewardship.look(steward, item, reason)
    return stewardship.reject(steward, item, reason)


def merge(steward: Connection, person_key: int, other_person_key: int, reason: str) -> int:
    stewardship.look(steward, f"{person_key}-{other_person_key}", reason)
    return stewardship.merge(steward, person_key, other_person_key, reason)


def split(steward: Connection, person_key: int, records: Collection[int], reason: str) -> int:
    stewardship.look(steward, str(person_key), reason)
    return stewardship.split(steward, person_key, records, reason)
