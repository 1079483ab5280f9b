"""The rules of identifiers written a second time, in Python and from the rules alone, to check the SQL against."""

import re

ALPHABET = "ZABCDEFGHJKLMNPQRTUVWXY"


def letter(digits: str) -> str:
    return ALPHABET[int(digits) % 23]


def pnc(year: int, serial: int) -> str:
    return f"{year:04d}/{serial:07d}{letter(f'{year % 100:02d}{serial:07d}')}"


def cro(year: int, serial: int) -> str:
    return f"{serial:06d}/{year % 100:02d}{letter(f'{year % 100:02d}{serial:06d}')}"


def canonical_pnc(value: str, as_of_year: int) -> str | None:
    found = re.fullmatch(r"([0-9]{2}(?:[0-9]{2})?)/([0-9]{1,7})([A-Z])", value)
    if not found and len(value) == 12:
        found = re.fullmatch(r"([0-9]{4})([0-9]{7})([A-Z])", value)
    if not found:
        found = re.fullmatch(r"([0-9]{2})([0-9]{1,7})([A-Z])", value)
    if not found:
        return None
    year, serial = found[1], found[2]
    if len(year) == 4 and len(serial) < 7:
        return None  # only a short year goes with a short serial
    if len(year) == 2:
        year = f"20{year}" if int(f"20{year}") <= as_of_year else f"19{year}"
    if year[:2] not in ("19", "20") or int(year) > as_of_year:
        return None
    canonical = pnc(int(year), int(serial))
    return canonical if canonical[-1] == found[3] else None


def canonical_cro(value: str) -> str | None:
    if found := re.fullmatch(r"SF([0-9]{2})/([0-9]{1,6})([A-Z])", value):
        return value if letter(found[1] + found[2]) == found[3] else None
    if found := re.fullmatch(r"([0-9]{1,6})/([0-9]{2})([A-Z])", value):
        return f"{found[1]:0>6}/{found[2]}{found[3]}" if letter(found[2] + f"{found[1]:0>6}") == found[3] else None
    return None


def canonical_asn(value: str) -> str | None:
    place = r"([A-Z0-9]?)([A-Z0-9]{2})([A-Z0-9]{2})"
    found = re.fullmatch(rf"([0-9]{{2}})/{place}/([A-Z0-9]{{2}})/([0-9]{{1,11}})([A-HJ-NP-RT-Z])", value)
    if not found and "/" not in value:
        top = 1 if len(value) == 21 else 0
        found = re.fullmatch(
            rf"([0-9]{{2}})([A-Z0-9]{{{top}}})([A-Z0-9]{{2}})([A-Z0-9]{{2}})([A-Z0-9]{{2}})([0-9]{{1,11}})([A-HJ-NP-RT-Z])", value
        )
    if not found:
        return None
    year, top_level, force, unit, system, sequence, check = found.groups()
    counted = "".join(part for part in (force, system) if part.isdigit()) + year + sequence.zfill(11)
    return f"{year}{top_level}{force}{unit}{system}{sequence.zfill(11)}{check}" if letter(counted) == check else None
