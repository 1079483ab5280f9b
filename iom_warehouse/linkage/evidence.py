"""The evidence of an item as a steward sees it: the records with what is compared of them, and how it adds up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iom_warehouse.linkage import model
from iom_warehouse.linkage.explaining import WORDS
from iom_warehouse.linkage.sources import DIP
from iom_warehouse.linkage.stewardship import Record
from iom_warehouse.linkage.waterfall import Waterfall, compare, sentences

IDENTIFIERS = ("pnc", "cro", "prison_number", "crn")


@dataclass(frozen=True)
class Evidence:
    """The records of one or two people; of two people the pair that is compared, and its waterfall unless one is a DIP client's.

    Holds names: for the screen of the steward who asked, never for a log.
    """

    records: tuple[Record, ...]
    pair: tuple[Record, Record] | None
    waterfall: Waterfall | None

    def lines(self) -> Iterator[str]:
        """The records, and the evidence in sentences."""
        for record in self.records:
            yield f"Person {record.person_key}, record {record.record_id}, {record.name}: {_described(record)}"
        if self.pair is None:
            return
        one, other = self.pair
        yield f"Compared are {one.name} and {other.name}."
        if self.waterfall:
            yield from (f"  {sentence}" for sentence in sentences(self.waterfall))
        else:
            yield f"  A drug service's client is not weighed. In common: {', '.join(_in_common(one, other)) or 'nothing'}."


def of(records: Sequence[Record]) -> Evidence:
    """The evidence in the records of one person, or of two. Where the queue compares no pair of them, the first of each are."""
    people = sorted({record.person_key for record in records})
    if len(people) < 2:
        return Evidence(tuple(records), None, None)
    compared = [record for record in records if record.is_compared] or records
    one, other = (next(record for record in compared if record.person_key == key) for key in people)
    is_weighed = DIP.file not in (one.source_file, other.source_file)
    return Evidence(tuple(records), (one, other), compare(model.load(), one, other) if is_weighed else None)


def _described(record: Record) -> str:
    """A record's values as they are compared."""
    parts = [" ".join(filter(None, (record.forename, record.surname))) or "no name"]
    others = sorted({*record.forenames, *record.surnames} - {record.forename, record.surname})
    parts += [f"also {', '.join(others)}"] if others else []
    parts += [f"born {record.dob}"] if record.dob else []
    parts += [record.sex] if record.sex else []
    parts += [f"of {', '.join(record.postcodes)}"] if record.postcodes else []
    parts += [f"of {lived}, which counts as absent: too many records have it" for lived in record.overused_postcodes]
    parts += [f"{WORDS[kind]} {value}" for kind in IDENTIFIERS if (value := getattr(record, kind))]
    return "; ".join(parts)


def _in_common(one: Record, other: Record) -> Iterator[str]:
    if (initials := _initials(one)) and initials == _initials(other):
        yield "initials"
    elif _all_initials(one) & _all_initials(other):
        yield "initials of a middle name or an alias"
    for name in ("dob", "sex", *IDENTIFIERS):
        if getattr(one, name) is not None and getattr(one, name) == getattr(other, name):
            yield WORDS[name]
    if set(_sectors(one)) & set(_sectors(other)):
        yield "postcode sector"


def _initials(record: Record) -> str | None:
    return record.forename[0] + record.surname[0] if record.forename and record.surname else None


def _all_initials(record: Record) -> set[str]:
    return {forename[0] + surname[0] for forename in record.forenames for surname in record.surnames}


def _sectors(record: Record) -> list[str]:
    """Sectors lived in, those of addresses that are no home too; a drug service gives nothing finer."""
    if record.source_file == DIP.file:
        return record.postcodes
    return [lived[:-2] for lived in (*record.postcodes, *record.overused_postcodes)]
