"""Which folders of the inbox are deliveries, which are still arriving, and which are neither."""

import os
from datetime import date
from pathlib import Path

import pytest
from surroundings import in_a_child, temporary_folder

from iom_warehouse.delivery import inbox
from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.platform.errors import IomError

ODD_NAMES = (
    "2013-10-01", "2013-10-01.", "2013-10-01.x", "2013-13-01.1", "2013-10-01.1 ", "2013-10-01.1\n", "2013-10-01.1;drop table x",
    "2013-10-01.1'", '2013-10-01.1"', "２０１３-10-01.1", "2013-10-01.1234567890123", "notes",
)  # fmt: skip


def deliver(root: Path, name: str, manifest: str | None = "{}", feed: str = "police") -> Path:
    folder = root / feed / name
    folder.mkdir(parents=True)
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    return folder


def names(root: Path) -> list[str]:
    return [folder.path.name for folder in inbox.folders(root, "police")]


def test_deliveries_come_in_the_order_of_their_sequence(tmp_path: Path) -> None:
    for name in ("2013-10-02.10", "2013-10-03.9", "2013-10-01.11"):
        deliver(tmp_path, name)
    deliver(tmp_path, "2013-10-01.1", feed="prison")
    assert inbox.folders(tmp_path, "police") == [
        DeliveryFolder(9, date(2013, 10, 3), "police", tmp_path / "police" / "2013-10-03.9"),
        DeliveryFolder(10, date(2013, 10, 2), "police", tmp_path / "police" / "2013-10-02.10"),
        DeliveryFolder(11, date(2013, 10, 1), "police", tmp_path / "police" / "2013-10-01.11"),
    ]


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert inbox.folders(tmp_path / "nowhere", "police") == [] and inbox.oddities(tmp_path / "nowhere", ["police"]) == {}


def test_a_folder_without_its_manifest_is_still_arriving(tmp_path: Path) -> None:
    folder = deliver(tmp_path, "2013-10-01.1", manifest=None)
    assert names(tmp_path) == [] and inbox.find(tmp_path, "police", folder.name) is None
    assert inbox.oddities(tmp_path, ["police"]) == {}
    assert inbox.without_manifest(tmp_path, ["police"]) == ["'police/2013-10-01.1'"]
    assert inbox.settling(tmp_path, ["police"]) == []
    (folder / "manifest.json").write_text("{}")
    assert names(tmp_path) == ["2013-10-01.1"] and inbox.without_manifest(tmp_path, ["police"]) == []


@pytest.mark.parametrize("half", ['{"feed": "pol', "[" * 100_000], ids=["cut off", "nested"])
def test_a_new_manifest_that_is_no_json_yet_is_given_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: str) -> None:
    folder = deliver(tmp_path, "2013-10-01.1", manifest=half)
    os.utime(folder / "manifest.json", (0, 0))  # a copy may keep the time of its original
    assert names(tmp_path) == [] and inbox.settling(tmp_path, ["police"]) == ["'police/2013-10-01.1'"]
    assert inbox.without_manifest(tmp_path, ["police"]) == []
    monkeypatch.setattr(inbox, "SETTLING_SECONDS", 0)
    assert names(tmp_path) == ["2013-10-01.1"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_no_deliveries_and_are_not_told(tmp_path: Path, name: str) -> None:
    deliver(tmp_path, name)
    assert names(tmp_path) == [] and inbox.find(tmp_path, "police", name) is None
    assert inbox.oddities(tmp_path, ["police"]) == {"police": 1}


def test_a_link_is_no_delivery_and_a_linked_manifest_no_manifest(tmp_path: Path) -> None:
    elsewhere = deliver(tmp_path / "elsewhere", "2013-10-01.1")
    (tmp_path / "inbox" / "police").mkdir(parents=True)
    (tmp_path / "inbox" / "police" / "2013-10-01.1").symlink_to(elsewhere)
    folder = deliver(tmp_path / "inbox", "2013-10-02.2", manifest=None)
    (folder / "manifest.json").symlink_to(elsewhere / "manifest.json")
    deliver(tmp_path / "inbox", "2013-10-03.3", manifest=None).joinpath("manifest.json").mkdir()
    assert names(tmp_path / "inbox") == []
    assert inbox.oddities(tmp_path / "inbox", ["police"]) == {"police": 3}


@pytest.mark.parametrize("shut", ["the manifest", "a file", "the delivery", "the folder of the feed"])
def test_what_another_account_keeps_to_itself_stops_nothing_else(shut: str) -> None:
    """As after a copy with the wrong permissions. The tests may run as root, who may read everything, so another one asks."""
    with temporary_folder() as root:
        ours, theirs = deliver(root, "2013-10-01.1", feed="prison"), deliver(root, "2013-10-01.1")
        (theirs / "police_person.csv").write_text("police_ref\n")
        closed = {
            "the manifest": theirs / "manifest.json", "a file": theirs / "police_person.csv", "the delivery": theirs,
            "the folder of the feed": theirs.parent,
        }[shut]  # fmt: skip
        closed.chmod(0)
        told = {"the folder of the feed": "'police'"}.get(shut, "'police/2013-10-01.1'")

        def is_so() -> bool:
            feeds = ["police", "prison"]
            return (
                names(root) == []
                and [found.path for found in inbox.folders(root, "prison")] == [ours]
                and inbox.closed(root, feeds) == [told]
                and inbox.without_manifest(root, feeds) == inbox.settling(root, feeds) == []
                and inbox.oddities(root, feeds) == {}
            )

        assert in_a_child(is_so)
        closed.chmod(0o755)
        assert inbox.closed(root, ["police"]) == [] and names(root) == ["2013-10-01.1"]


def test_what_nobody_will_read_again_may_be_closed() -> None:
    with temporary_folder() as root:
        folders = [deliver(root, name) for name in ("2013-10-01.1", "2013-10-02.2")]
        for folder in folders:
            folder.chmod(0)
        assert in_a_child(lambda: inbox.closed(root, ["police"], {("police", "2013-10-01.1")}) == ["'police/2013-10-02.2'"])
        for folder in folders:
            folder.chmod(0o755)


def test_a_link_of_the_sender_is_left_to_whoever_opens_the_file() -> None:
    """It may point into a folder that this service may not enter: no reason to look at nothing else any more."""
    with temporary_folder() as root:
        folder, shut = deliver(root, "2013-10-01.1"), root / "elsewhere"
        shut.mkdir()
        (folder / "police_person.csv").symlink_to(shut / "police_person.csv")
        (folder / "police_arrest.csv").symlink_to(root / "nowhere.csv")
        shut.chmod(0)
        assert in_a_child(lambda: names(root) == ["2013-10-01.1"] and inbox.closed(root, ["police"]) == [])
        shut.chmod(0o755)


def test_a_delivery_that_is_asked_for_and_may_not_be_read_says_so() -> None:
    with temporary_folder() as root:
        deliver(root, "2013-10-01.1").chmod(0)

        def is_refused() -> bool:
            with pytest.raises(IomError, match="may not be read by this service"):
                inbox.find(root, "police", "2013-10-01.1")
            return True

        assert in_a_child(is_refused)


def test_no_name_leads_out_of_the_feeds_folder(tmp_path: Path) -> None:
    deliver(tmp_path, "2013-10-01.1", feed="prison")
    assert inbox.find(tmp_path, "police", "../prison/2013-10-01.1") is None


def test_feeds_without_a_contract_are_oddities(tmp_path: Path) -> None:
    deliver(tmp_path, "2013-10-01.1", feed="polcie")
    assert inbox.oddities(tmp_path, ["police"]) == {".": 1}
