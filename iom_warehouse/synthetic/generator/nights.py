"""The nights of the sample: what each feed delivers on each, full or changes, with the faults of `faults` among them."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.synthetic.delivery_writer import Header, write_delivery
from iom_warehouse.synthetic.generator import faults
from iom_warehouse.synthetic.generator.history import History

EXTRACT_TIME, LATE_EXTRACT_TIME, CORRECTED_EXTRACT_TIME = time(23, 40), time(22, 10), time(0, 40)
OPTIONAL_FILES = ("police_alias", "police_victim")
FULL_ON = {"police": (1, 10), "probation": (1,), "prison": (1, 4, 8), "dip": (1, 8), "hub": (1,)}
COMPRESSED_ON = 9
Note = dict[str, object]


class Sender:
    """One agency's side of the interface: it counts its deliveries and remembers what the partnership has published of them."""

    def __init__(self, feed: str, files: dict[str, History], inbox: Path, dates: list[date]) -> None:
        self.feed, self.files, self.inbox, self.dates = feed, files, inbox, dates
        self.sequence = 0
        self.published_sequence, self.published_night = 0, 0
        self.owed: dict[str, pl.DataFrame] = {}
        self.notes: list[Note] = []

    def send(self, night: int) -> None:
        """Deliver night number `night` (from 1), faults included."""
        occasion = (self.feed, night)
        if night in FULL_ON[self.feed]:
            self._deliver(night, self._full(night), full=True)
            self._published(night)
        elif occasion == faults.TRUNCATED:
            self._note(night, *faults.truncate(self._deliver(night, self._changes(night))))
        elif occasion == faults.REJECTED:
            self._deliver_spoilt(night)
        elif occasion == faults.REDELIVERED:
            self._deliver(night, faults.mistake_colours(self._changes(night)))
            self._note(night, "corrected by the next delivery", "hub_rag", "")
            self._deliver(night, self._full(night), full=True, corrected=True)
            self._published(night)
        else:
            self._deliver(night, self._changes(night))
            self._published(night)
            if occasion == faults.LATE:
                self._note(night, "late", "", "")

    def _deliver_spoilt(self, night: int) -> None:
        new_keys = {
            file: history.new_keys(self._seen(history), self._extracted(history, night)) for file, history in self.files.items()
        }
        spoilt = faults.spoil_rows(self._changes(night), new_keys)
        self._deliver(night, spoilt.tables)
        self._published(night, owed=spoilt.owed)
        for note in spoilt.notes:
            self._note(night, *note)

    def _extracted(self, history: History, night: int) -> date:
        """The day whose end a file shows on a night; one that is extracted rarely looks as it did at its last own extract."""
        return self.dates[(night - 1) // history.every * history.every]

    def _seen(self, history: History) -> date:
        return self._extracted(history, self.published_night)

    def _full(self, night: int) -> dict[str, pl.DataFrame]:
        return {file: history.as_at(self._extracted(history, night)) for file, history in self.files.items()}

    def _changes(self, night: int) -> dict[str, pl.DataFrame]:
        """What changed since the published state, and what is owed from then. Optional files without a change are left out."""
        changes = {}
        for file, history in self.files.items():
            changed = history.changes(self._seen(history), self._extracted(history, night))
            if file in self.owed:
                again = self._owed_again(file, night).join(changed, on=history.key, how="anti")
                changed = pl.concat([changed, again.select(changed.columns)]).sort(history.key)
            if changed.height or file not in OPTIONAL_FILES:
                changes[file] = changed
        return changes

    def _owed_again(self, file: str, night: int) -> pl.DataFrame:
        history = self.files[file]
        now = history.as_at(self._extracted(history, night))
        return now.join(self.owed[file], on=history.key, how="semi").with_columns(change=pl.lit("upsert"))

    def _published(self, night: int, owed: dict[str, pl.DataFrame] | None = None) -> None:
        self.published_sequence, self.published_night, self.owed = self.sequence, night, owed or {}

    def _deliver(self, night: int, tables: dict[str, pl.DataFrame], *, full: bool = False, corrected: bool = False) -> Path:
        self.sequence += 1
        header = Header(
            feed=self.feed,
            business_date=self.dates[night - 1],
            sequence=self.sequence,
            extracted_at=self._extracted_at(night, corrected),
            base_sequence=None if full else self.published_sequence,
        )
        return write_delivery(self.inbox, header, tables, compress=night == COMPRESSED_ON)

    def _extracted_at(self, night: int, corrected: bool) -> datetime:
        business_date = self.dates[night - 1]
        if corrected:
            return datetime.combine(business_date + timedelta(days=1), CORRECTED_EXTRACT_TIME, LONDON)
        if (self.feed, night) == faults.LATE and night < len(self.dates):
            return datetime.combine(self.dates[night], LATE_EXTRACT_TIME, LONDON)
        return datetime.combine(business_date, EXTRACT_TIME, LONDON)

    def _note(self, night: int, fault: str, file: str, source_key: str) -> None:
        note = {"feed": self.feed, "business_date": self.dates[night - 1], "sequence": self.sequence}
        self.notes.append({**note, "fault": fault, "file": file, "source_key": source_key})


def send_nights(feeds: dict[str, dict[str, History]], inbox: Path, dates: list[date]) -> pl.DataFrame:
    """Write the deliveries of all nights; return the faults: feed, business_date, sequence, fault, file, source_key."""
    senders = [Sender(feed, files, inbox, dates) for feed, files in feeds.items()]
    for night in range(1, len(dates) + 1):
        for sender in senders:
            sender.send(night)
    columns = ["feed", "business_date", "sequence", "fault", "file", "source_key"]
    return pl.DataFrame([note for sender in senders for note in sender.notes], schema=columns, orient="row")
