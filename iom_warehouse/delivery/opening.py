"""A delivered file as a stream of CSV bytes: checksum, decryption, decompression and header, without holding the file in memory."""

import csv
import gzip
import hashlib
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from iom_warehouse.delivery import openpgp
from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.manifest import ManifestFile

MAX_HEADER_BYTES = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CHUNK = 1 << 20


class Hashing(io.RawIOBase):
    """Passes bytes through and takes their SHA-256 on the way, so that a file is read once."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = self._inner.readinto(buffer)  # type: ignore[attr-defined]
        self._digest.update(memoryview(buffer)[:count])
        return count

    def finish(self) -> str:
        """Read what is left and return the SHA-256 of all bytes, in hex."""
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()


class OpenedFile:
    """A delivered file being read: `header` is its column names in the order sent, `rows` the bytes after the header line."""

    def __init__(self, entry: ManifestFile, delivered: Hashing, content: BinaryIO) -> None:
        self.entry = entry
        self._delivered = delivered
        self._content = content
        self.header = self._read_header()
        self.rows: BinaryIO = content

    def _read_header(self) -> list[str]:
        try:
            line = self._content.readline(MAX_HEADER_BYTES).removeprefix(BYTE_ORDER_MARK)
            if not line:
                raise self._refuse("empty", "is empty: not even a header row. A file without rows still has its header.")
            if len(line) >= MAX_HEADER_BYTES:
                raise self._refuse(
                    "header", f"has no line end in its first {MAX_HEADER_BYTES:,} bytes, so its header cannot be read."
                )
            columns = next(csv.reader([line.decode("utf-8")], strict=True), [])
        except UnicodeDecodeError:
            raise self._refuse("encoding", "is not UTF-8 (header row). Export it as UTF-8.") from None
        except csv.Error:
            raise self._refuse("header", "has a header row that is no CSV.") from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise self.truncated() from None
        bad = [name for name in columns if not name or len(name.encode()) > 60 or "\x00" in name]
        if bad or len(set(columns)) != len(columns):
            raise self._refuse("header", "has a header row with an empty, over-long or repeated column name.")
        return columns

    def check_sha256(self) -> None:
        """Raise Refused when the bytes are not those that the manifest promises."""
        if self._delivered.finish() != self.entry.sha256:
            raise self._refuse(
                "sha256", "does not have the checksum that the manifest gives: it was cut short or changed on its way."
            )

    def truncated(self) -> Refused:
        """The refusal for a compressed file that ends too early or is damaged; a wrong checksum is the better reason if there is one."""
        try:
            self.check_sha256()
        except Refused as refused:
            return refused
        return self._refuse("gzip", "is no complete gzip file: it ends too early or is damaged.")

    def _refuse(self, rule: str, what: str) -> Refused:
        message = f"{self.entry.name} {what} Send the delivery again with a new sequence."
        return Refused(Finding(f"{self.entry.file}.{rule}", message, file=self.entry.file))


@contextmanager
def open_file(folder: Path, entry: ManifestFile) -> Iterator[OpenedFile]:
    """Open a delivered file. Raises Refused when it is missing, no regular file, cannot be decrypted or has no usable header."""
    path = folder / entry.name
    if path.is_symlink() or not path.is_file():
        message = f"{entry.name} is in the manifest but not in the folder as a regular file. Send the delivery again with a new sequence."
        raise Refused(Finding(f"{entry.file}.missing", message, file=entry.file))
    with path.open("rb", buffering=0) as handle, tempfile.TemporaryDirectory(prefix="iom-") as private:
        delivered = Hashing(handle)  # type: ignore[arg-type]
        content: BinaryIO = io.BufferedReader(delivered, CHUNK)
        name = entry.name
        if name.endswith(".gpg"):
            content = openpgp.decrypt(content, Path(private) / "content", entry)
            name = name.removesuffix(".gpg")
        if name.endswith(".gz"):
            content = io.BufferedReader(gzip.GzipFile(fileobj=content), CHUNK)  # type: ignore[arg-type, assignment]
        yield OpenedFile(entry, delivered, content)
