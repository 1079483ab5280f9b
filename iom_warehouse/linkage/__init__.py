"""Who is who: links source records to people, in `identity`.

`sources` says which files hold people, `records` brings their records into standard form, `involved` finds those that the night
concerns, `scoring` weighs pairs of them by the `model`, `clustering` groups those that belong together, `people` gives the groups
stable keys and writes what changed, `quality` says in numbers how good that is; `run` does all of it in one transaction.
`explaining` says afterwards why. `stewardship` asks and takes the decisions of people, who see the `evidence` of two records with
its `waterfall` of weights.
"""

from iom_warehouse.linkage.explaining import explain
from iom_warehouse.linkage.run import LinkageError, LinkageResult, link_people

__all__ = ["LinkageError", "LinkageResult", "explain", "link_people"]
