"""A linkage that is suddenly another than usual raises an alert, which closes itself; a quiet night raises none."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from delivery_maker import FIRST_NIGHT, Warehouse

from iom_warehouse.orchestration import alerts, building, linkage_watch
from iom_warehouse.platform import database

SURNAMES = (
    "Abbott",
    "Barker",
    "Cooper",
    "Dawson",
    "Easton",
    "Fisher",
    "Garner",
    "Hooper",
    "Ingham",
    "Jarvis",
    "Kemble",
    "Lawton",
)
MONTH = timedelta(days=31)


@pytest.fixture
def nights(warehouse: Warehouse) -> Iterator["Nights"]:
    warehouse.configure()
    yield Nights(warehouse)


class Nights:
    """Twelve people of police and prison, night after night."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.sequence = 0

    def link(self, *, known: int = len(SURNAMES), pncs: str = "{}", night: date | None = None) -> list[str]:
        """Deliver and link a night; returns the messages of what is unusual. Prison gives the PNCs of the
        first `known` people, in the form `pncs`."""
        self.sequence += 1
        night = night or FIRST_NIGHT + timedelta(days=self.sequence)
        pncs_of = [f"{1990 + n}/{n + 1:07}" for n in range(len(SURNAMES))]
        letters = self.warehouse.query(
            "select value || identifiers.check_letter((substr(value, 3, 2) || substr(value, 6))::bigint)"
            " from unnest(%s) with ordinality as given (value, place) order by place", pncs_of,
        )  # fmt: skip
        people = [
            {"surname": name, "forenames": "Lee", "dob": f"{1970 + n}-03-05", "sex": "M", "pncid": pnc}
            for n, (name, (pnc,)) in enumerate(zip(SURNAMES, letters, strict=True))
        ]
        prison = [
            {"prison_number": f"A{n:04}BC", "pncid": pncs.format(person["pncid"]) if n < known else ""}
            for n, person in enumerate(people)
        ]
        self._publish("police_person", [{"police_ref": f"P{n}"} | person for n, person in enumerate(people)])
        self._publish("prison_person", prison)
        return self._build(night)

    def _publish(self, file: str, rows: list[dict[str, str]]) -> None:
        """All rows anew, as a full delivery of this sequence."""
        warehouse, columns = self.warehouse, list(rows[0])
        warehouse.query(f"update raw.{file} set closed_by_sequence = %s, recorded_to = now() where closed_by_sequence is null",
                        self.sequence)  # fmt: skip
        for row in rows:
            values = [row[column] or None for column in columns]
            warehouse.query(
                f"insert into raw.{file} ({', '.join(columns)}, opened_by_sequence, recorded_from)"
                f" values ({', '.join(['%s'] * len(columns))}, %s, now())", *values, self.sequence,
            )  # fmt: skip

    def _build(self, night: date) -> list[str]:
        with database.transaction("transformer") as conn, conn.cursor() as cursor:
            cursor.execute("insert into audit.build (business_date, kind) values (%s, 'nightly') returning build_id", (night,))
            (build_id,) = cursor.fetchone()
            for feed in ("police", "prison"):
                cursor.execute("insert into audit.build_vintage (build_id, feed, sequence, state) values (%s, %s, %s, 'fresh')",
                               (build_id, feed, self.sequence))  # fmt: skip
        building.link(build_id)
        with database.transaction("transformer") as conn, conn.cursor() as cursor:
            cursor.execute("update audit.build set status = 'succeeded' where build_id = %s", (build_id,))
        return linkage_watch.check(build_id)


def kinds(only_open: bool = True) -> list[str]:
    return sorted(alert.kind for alert in alerts.listed(only_open))


def test_nights_that_are_alike_raise_nothing(nights: Nights) -> None:
    for _ in range(3):
        assert nights.link() == []
    assert alerts.listed() == []


def test_a_feed_without_identifiers_tonight_is_told_once_and_closes_itself(nights: Nights) -> None:
    for _ in range(3):
        nights.link()
    messages = nights.link(known=0)
    assert kinds() == ["linkage: identifiers_used pnc", "linkage: linked_share", "linkage: linked_share"]
    assert (
        "prison: 0.0% of its records have a pnc that can be used; usual in the month before was 100.0%."
        " Look whether its delivery is whole: iom delivery list --feed prison"
    ) in messages
    nights.link(known=0)
    assert len(alerts.listed()) == 3, "told once"
    assert nights.link() == []
    assert kinds() == [] and len(alerts.listed()) == 3
    night = FIRST_NIGHT + timedelta(days=6)
    assert alerts.listed()[0].state.endswith(f"by build_warehouse: The linkage of {night} is as usual again.")


def test_what_follows_from_the_links_stays_open_while_it_is_so(nights: Nights) -> None:
    nights.warehouse.query("update reference.alert_limits set at_most = 60 where figure = 'linked_share'")
    for known in (12, 12, 12, 6):
        nights.link(known=known)
    assert "linkage: people_of_several_records" in kinds()
    nights.link(known=0)
    assert {"linkage: linked_share", "linkage: people_of_several_records", "linkage: people_in_common police"} <= set(kinds())


def test_what_stays_becomes_usual(nights: Nights) -> None:
    for _ in range(2):
        nights.link()
    for _ in range(2):
        assert nights.link(known=0) != []
    assert nights.link(known=0) == []
    assert kinds() == []


def test_identifiers_that_are_rejected_all_at_once(nights: Nights) -> None:
    nights.link()
    assert any("prison: 100.0% of the values of pnc that it gives are rejected" in m for m in nights.link(pncs="{}X"))
    assert "linkage: identifiers_rejected pnc" in kinds()


def test_after_a_pause_the_last_night_counts_however_old(nights: Nights) -> None:
    nights.link()
    assert nights.link(known=0, night=FIRST_NIGHT + 3 * MONTH) != []


def test_what_a_person_closed_is_not_raised_again_within_the_month(nights: Nights) -> None:
    nights.link()
    nights.link()
    nights.link(known=0)
    for alert in alerts.listed():
        alerts.close(alert.alert_id, "Dee", "the prison changes its system")
    assert nights.link(known=0) != []
    assert kinds() == []


def test_what_follows_from_the_links_is_told_where_they_are_as_many_as_usual(nights: Nights) -> None:
    """Prison knows twelve people whom police does not know: nothing in the share of police is other, but of the people it is."""
    nights.warehouse.query("update reference.alert_limits set at_most = 60 where figure = 'linked_share'")
    nights.link()
    messages = nights.link(known=6)
    assert kinds() == ["linkage: identifiers_used pnc", "linkage: people_in_common police", "linkage: people_in_common prison",
                       "linkage: people_of_several_records"]  # fmt: skip
    several = "33.3% of all people have several records; usual in the month before was 100.0."
    assert f"{several} Look through the queue: iom people queue" in messages
    common = "police: 50.0% of its people are known to prison too; usual in the month before was 100.0%."
    assert any(message.startswith(common) for message in messages)


def test_uncertain_pairs_that_are_suddenly_many(nights: Nights) -> None:
    nights.link()
    nights.link()
    build_id, run_id = nights.warehouse.query("select build_id, linkage_run from audit.build order by 1 desc limit 1")[0]
    nights.warehouse.query("insert into audit.linkage_quality values (%s, 'uncertain_pairs', '', 'scored', '', 6)", run_id)
    assert linkage_watch.check(build_id) == [
        "There are 50.0 uncertain pairs for each hundred people; usual in the month before was 0.0."
        " Look through the queue: iom people queue"
    ]
    assert nights.link() == [] and kinds() == []


def test_a_person_of_too_many_records(nights: Nights) -> None:
    nights.warehouse.query("update reference.alert_limits set at_most = 1 where figure = 'largest_person'")
    assert nights.link() == [
        "A person has 2 records, more than the 1 that are likely. Often a placeholder was taken for an identifier: add it to"
        " bad_values.csv."
    ]
    assert kinds() == ["linkage: largest_person"]
    assert nights.link(known=0) != []
    assert "linkage: largest_person" not in kinds()


def test_a_name_that_is_far_commoner_than_the_model_believes(nights: Nights) -> None:
    """It is told until the model knows it, on the first night too, and by no name."""
    nights.link()
    build_id, run_id = nights.warehouse.query("select build_id, linkage_run from audit.build order by 1 desc limit 1")[0]
    for reason, n in (("times", 10), ("records", 80), ("rank", 11)):
        nights.warehouse.query("insert into audit.linkage_quality values (%s, 'name_beyond_model', '', 'surname', %s, %s)",
                               run_id, reason, n)  # fmt: skip
    assert linkage_watch.check(build_id) == []
    nights.warehouse.query("update audit.linkage_quality set n = 11 where reason = 'times'")
    assert linkage_watch.check(build_id) == [
        "One surname is 11 times as common as the model believes, more than the 10 that are allowed: people may be joined by it"
        " who only share it. Run: iom people retrain"
    ]
    assert kinds() == ["linkage: name_beyond_model surname"]
    assert nights.link() == [] and kinds() == []


def test_a_figure_without_a_limit_is_not_watched(nights: Nights) -> None:
    nights.link()
    nights.warehouse.query("delete from reference.alert_limits")
    assert nights.link(known=0) == []


def test_a_partnership_that_was_never_configured_is_not_watched(warehouse: Warehouse) -> None:
    nights = Nights(warehouse)
    nights.link()
    assert nights.link(known=0) == []
