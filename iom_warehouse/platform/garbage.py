"""How often Python looks for garbage in a process that runs Airflow, dbt or Great Expectations."""

import gc


def look_seldom() -> None:
    """Look for garbage less often than Python does by itself.

    These libraries hold millions of objects for good, and to look through them over and over costs a fifth of a night.
    """
    gc.set_threshold(50_000, 20, 100)
