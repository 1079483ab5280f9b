"""Text of others as it can stand in a file that a spreadsheet opens."""

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def no_formula(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what would begin one."""
    plain = CONTROL.sub("", text)
    return f"'{plain}" if plain.lstrip(" \u00a0").startswith(FORMULA) else plain
