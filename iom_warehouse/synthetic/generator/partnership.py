"""All parts put together: the histories of every file of the five feeds, and the truth about who is who."""

from dataclasses import dataclass, replace

import polars as pl

from iom_warehouse.synthetic.generator.careers import draw_careers
from iom_warehouse.synthetic.generator.cases import draw_drug_tests, open_cases
from iom_warehouse.synthetic.generator.convictions import convictions, draw_earlier_sanctions, sanctions_per_person
from iom_warehouse.synthetic.generator.custody import join_stays, prison_files
from iom_warehouse.synthetic.generator.dice import stream
from iom_warehouse.synthetic.generator.dip import dip_files
from iom_warehouse.synthetic.generator.history import History, first_known
from iom_warehouse.synthetic.generator.hub import case_file, case_files, open_memberships
from iom_warehouse.synthetic.generator.hub_casework import casework_files
from iom_warehouse.synthetic.generator.hub_services import service_files
from iom_warehouse.synthetic.generator.identifiers import ErrorRates, assign_records, draw_records
from iom_warehouse.synthetic.generator.oasys import oasys_files
from iom_warehouse.synthetic.generator.police import police_files
from iom_warehouse.synthetic.generator.population import draw_people
from iom_warehouse.synthetic.generator.probation import probation_files
from iom_warehouse.synthetic.generator.schemes import draw_deaths, draw_memberships
from iom_warehouse.synthetic.generator.supervision import draw_orders

Feeds = dict[str, dict[str, History]]


@dataclass(frozen=True)
class Partnership:
    """feeds: for each feed its files, parents first. people: who there is. records: which record of which file is whose."""

    feeds: Feeds
    people: pl.DataFrame
    records: pl.DataFrame


def draw_partnership(people: int, seed: int, rates: ErrorRates, relatives: float = 0.0) -> Partnership:
    """A partnership of `people` people whose careers agree across the five feeds. `relatives`: as in draw_people."""
    everybody = draw_people(seed, people, relatives)
    earlier = draw_earlier_sanctions(everybody, seed)
    events = draw_careers(everybody, sanctions_per_person(earlier, everybody), seed)
    books = _record_books(everybody, seed, rates)
    cases = open_cases(events, everybody, books["police_person"], seed)
    stays = join_stays(cases)
    everybody = draw_deaths(everybody, cases, seed)
    members = draw_memberships(everybody, cases, stays, seed)
    tests = draw_drug_tests(cases, seed)
    earlier = earlier.with_columns(
        police_ref=assign_records(earlier, books["police_person"], stream(seed, "records of sanctions"))
    )
    proven = convictions(cases, earlier, everybody, seed)
    orders = draw_orders(cases, stays, everybody, books["probation_person"], seed)
    feeds: Feeds = {
        "police": police_files(cases, tests, proven, books["police_person"], everybody, members, seed),
        "probation": probation_files(
            orders, cases, oasys_files(orders, everybody, members, seed), books["probation_person"], members, seed
        ),
        "prison": prison_files(stays, everybody, books["prison_person"], seed),
        "dip": dip_files(tests, cases, stays, everybody, books["dip_client"], seed),
        "hub": _hub(members, everybody, books["hub_case"], seed),
    }
    return Partnership(feeds, everybody, _truth(books, feeds))


def _record_books(people: pl.DataFrame, seed: int, rates: ErrorRates) -> dict[str, pl.DataFrame]:
    """The records that each agency would hold of everybody; a feed delivers those that something is known of."""
    once = replace(rates, second_record=0.0)

    def book(file: str, prefix: str, own: str | None = None, rates: ErrorRates = rates) -> pl.DataFrame:
        return draw_records(people, stream(seed, f"records of {file}"), rates, prefix=prefix, own=own)

    return {
        "police_person": book("police_person", "P"),
        "probation_person": book("probation_person", "W", "crn"),
        "prison_person": book("prison_person", "B", "prison_number"),
        "dip_client": book("dip_client", "D"),
        "hub_case": book("hub_case", "H", rates=once),
    }


def _hub(members: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int) -> dict[str, History]:
    memberships = open_memberships(members, people, records)
    files = case_files(memberships, people, seed) | casework_files(memberships, seed) | service_files(memberships, seed)
    known = first_known(*((history, "case_ref") for history in files.values() if "case_ref" in history.columns))
    return {"hub_case": case_file(records, memberships, known, seed), **files}


def _truth(books: dict[str, pl.DataFrame], feeds: Feeds) -> pl.DataFrame:
    """source_file, source_key, person: the person behind every record that is ever delivered."""
    delivered = []
    for file, book in books.items():
        persons = feeds[file.split("_")[0]][file]
        keys = persons.rows.select(ref=persons.key[0])
        delivered.append(
            book.join(keys, on="ref", how="semi").select(source_file=pl.lit(file), source_key="ref", person="person")
        )
    return pl.concat(delivered).sort("source_file", "source_key")
