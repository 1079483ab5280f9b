"""dbt's connections to PostgreSQL, kept from one model or test to the next.

dbt opens one for each of some four hundred nodes and closes it again. Most nodes take less time than that, and a session that is
new to the server has the whole catalogue to learn. dbt's adapters of other databases keep a thread's connection in the same way.
"""

import psycopg2
from dbt.adapters.base.connections import BaseConnectionManager
from dbt.adapters.postgres.connections import PostgresConnectionManager

_close = PostgresConnectionManager.release


def keep() -> None:
    """From now on a thread of dbt goes on with the connection that it has; all are closed at the end of its run, as before."""
    PostgresConnectionManager.release = _release  # type: ignore[method-assign, assignment]


def _release(manager: BaseConnectionManager) -> None:
    """End the transaction that the node left open, so that no lock outlives it. What lost its server is closed, as before."""
    connection = manager.get_if_exists()
    if connection is None or connection.state != "open":
        _close(manager)
        return
    try:
        connection.handle.rollback()
        connection.transaction_open = False
    except psycopg2.Error:
        _close(manager)
