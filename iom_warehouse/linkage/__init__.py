"""Who is who: links source records to people, in `identity`.

`sources` reads the records of a vintage, `matching` groups those that belong together (the only part that knows how), `people`
gives the groups stable keys and writes what changed, `run` does the three in one transaction.
"""

from iom_warehouse.linkage.run import LinkageError, LinkageResult, link_people

__all__ = ["LinkageError", "LinkageResult", "link_people"]
