"""A delivered file as a stream of CSV bytes: checksum, decryption, decompression and header, without holding it in memory."""

import csv
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from iom_warehouse.delivery import openpgp
from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.manifest import ManifestFile
from iom_warehouse.platform.errors import IomError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_HEADER_BYTES = 65_536
MAX_COLUMNS = 1_000
MAX_COLUMN_NAME_BYTES = 60  # what PostgreSQL takes as a name, less a little
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CHUNK = 1 << 20
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


class Hashing(io.RawIOBase):
    """Passes bytes through and takes their SHA-256 on the way, so that a file is read once."""

    def __init__(self, inner: io.FileIO) -> None:
        self._inner = inner
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._inner.readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:count])
        return count

    def finish(self) -> str:
        """Read what is left and return the SHA-256 of all bytes, in hex."""
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()


class OpenedFile:
    """A delivered file being read: `header` is its column names in the order sent, `read` gives the bytes after the header line.

    `is_damaged` says that reading stopped because what was compressed cannot be decompressed.
    """

    def __init__(self, entry: ManifestFile, delivered: Hashing, content: BinaryIO) -> None:
        self.entry = entry
        self.is_damaged = False
        self._delivered = delivered
        self._content = content
        self.header = self._read_header()

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the rows."""
        try:
            return self._content.read(size)
        except DAMAGED:
            self.is_damaged = True
            raise

    def check_sha256(self) -> None:
        """Raise Refused when the bytes are not those that the manifest promises."""
        if wrong := _wrong_sha256(self._delivered, self.entry):
            raise wrong

    def damaged(self) -> Refused:
        """The refusal of a file that cannot be decompressed."""
        return self._unless_changed(self.refuse("gzip", "is no complete gzip file: it ends too early or is damaged."))

    def refuse(self, rule: str, what: str, line: int | None = None) -> Refused:
        """A refusal that begins with the name of the file and says what to do. `line` counts from 1, the header row."""
        return _refuse(self.entry, rule, what, line)

    def _unless_changed(self, refused: Refused) -> Refused:
        """A refusal, or that of a wrong checksum, which is the better reason where there is one."""
        return _wrong_sha256(self._delivered, self.entry) or refused

    def _read_header(self) -> list[str]:
        try:
            line = self._content.readline(MAX_HEADER_BYTES).removeprefix(BYTE_ORDER_MARK)
        except DAMAGED:
            raise self.damaged() from None
        if not line:
            what = "is empty: not even a header row. A file without rows still has its header."
            raise self._unless_changed(self.refuse("empty", what))
        if len(line) >= MAX_HEADER_BYTES:
            raise self.refuse("header", f"has no line end in its first {MAX_HEADER_BYTES:,} bytes, so its header cannot be read.")
        try:
            columns = next(csv.reader([line.decode("utf-8")], strict=True), [])
        except UnicodeDecodeError:
            raise self.refuse("encoding", "is not UTF-8 (header row). Export it as UTF-8.") from None
        except csv.Error:
            raise self.refuse("header", "has a header row that is no CSV.") from None
        bad = [name for name in columns if not name or len(name.encode()) > MAX_COLUMN_NAME_BYTES or "\x00" in name]
        if bad or not 0 < len(columns) <= MAX_COLUMNS or len(set(columns)) != len(columns):
            what = "has a header row that cannot be used: separate column names by commas, none of them empty or repeated"
            raise self.refuse("header", f"{what}, at most {MAX_COLUMNS:,} of them, none over {MAX_COLUMN_NAME_BYTES} bytes.")
        return columns


@contextmanager
def open_file(folder: Path, feed: str, entry: ManifestFile) -> Iterator[OpenedFile]:
    """Open a delivered file. Raises Refused when it is missing, no regular file, cannot be decrypted or has no usable header."""
    with ExitStack() as stack:
        delivered = Hashing(stack.enter_context(_open_regular(folder / entry.name, entry)))
        content: BinaryIO = io.BufferedReader(delivered, CHUNK)
        name = entry.name
        if name.endswith(".gpg"):
            try:
                content = stack.enter_context(openpgp.decrypt(content, feed, entry))
            except Refused as refused:
                raise _wrong_sha256(delivered, entry) or refused from None
            name = name.removesuffix(".gpg")
        if name.endswith(".gz"):
            content = io.BufferedReader(gzip.GzipFile(fileobj=content), CHUNK)
        yield OpenedFile(entry, delivered, content)


def _wrong_sha256(delivered: Hashing, entry: ManifestFile) -> Refused | None:
    """The refusal of a file whose bytes are not those that the manifest promises; None where they are."""
    if delivered.finish() == entry.sha256:
        return None
    return _refuse(entry, "sha256", "does not have the checksum that the manifest gives: it was cut short or changed on its way.")


def _refuse(entry: ManifestFile, rule: str, what: str, line: int | None = None) -> Refused:
    where = f", line {line:,}," if line else ""
    message = f"{entry.name}{where} {what} Send the delivery again with a new sequence."
    return Refused(Finding(f"{entry.file}.{rule}", message, file=entry.file, line=line))


def _open_regular(path: Path, entry: ManifestFile) -> io.FileIO:
    """The file itself: no link to one elsewhere, no pipe, no directory."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError:
        raise IomError(f"{path} may not be read by this service.", "Mend its permissions: it waits until then.") from None
    except OSError:
        raise _not_there(entry) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_there(entry)
    return io.FileIO(descriptor)


def _not_there(entry: ManifestFile) -> Refused:
    message = (
        f"{entry.name} is in the manifest but is not in the folder as a regular file."
        " Send the delivery again with a new sequence."
    )
    return Refused(Finding(f"{entry.file}.missing", message, file=entry.file))
