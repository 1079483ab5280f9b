"""What lies in the inbox and is not in the warehouse: deliveries that wait, and those that may not be read."""

from iom_warehouse.delivery import inbox
from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.delivery.manifest import read
from iom_warehouse.loading import ledger
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import settings


def waiting(feed: str) -> list[DeliveryFolder]:
    """The feed's deliveries that lie in the inbox and are neither published nor refused, by sequence."""
    with database.transaction("loader") as conn:
        decided = ledger.decided_folders(conn, feed)
    return [found for found in inbox.folders(settings().inbox, feed) if (found.path.name, read(found.path).sha256) not in decided]


def closed(feeds: list[str]) -> list[str]:
    """What this service may not read in the inbox, as relative paths fit to be shown; without folders of what was published:
    they may be closed, since nobody reads them again."""
    with database.transaction("loader") as conn:
        published = ledger.published_folders(conn, feeds)
    return inbox.closed(settings().inbox, feeds, published)
