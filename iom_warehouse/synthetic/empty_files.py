"""The files of a feed that an example has nothing to say in: delivered with their header and no rows."""

from collections.abc import Collection

import polars as pl

from iom_warehouse import contracts


def empty_files(feed: str, filled: Collection[str]) -> dict[str, pl.DataFrame]:
    """Every file of the feed's contract that may not be absent and is not among `filled`."""
    missing = [file for file in contracts.get(feed).files if not file.optional and file.name not in filled]
    return {file.name: pl.DataFrame(schema={column.name: pl.String for column in file.columns}) for file in missing}
