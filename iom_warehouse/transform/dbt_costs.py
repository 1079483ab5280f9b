"""What dbt does for each model and test, and what nobody here needs of it, left out.

A night of an ordinary size takes dbt longer in Python than it takes PostgreSQL. docs/adr/builds.md has what each of these saves.
"""

from typing import Any

import psycopg2
from dbt.adapters.base.connections import BaseConnectionManager
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.clients import jinja
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.events.event_manager import EventManager

_close = PostgresConnectionManager.release
_fire = EventManager.fire_event
_get_template = jinja.get_template


def leave_out() -> None:
    """From now on dbt does these things as said at each of them."""
    PostgresConnectionManager.release = _release  # type: ignore[method-assign, assignment]
    EventManager.fire_event = _fire_if_heard  # type: ignore[method-assign, assignment]
    jinja.get_template = _template  # type: ignore[assignment]
    # Whom to name in a warning that nobody sees: dbt reads the source of the whole call stack to find it out, for each flag.
    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]


def _release(manager: BaseConnectionManager) -> None:
    """Keep a thread's connection for its next model or test, as dbt's adapters of other databases do; all are closed at the end
    of the run. A session that is new to the server has the whole catalogue to learn, which takes longer than most nodes.

    The transaction that the node left open ends, so that no lock outlives it. What lost its server is closed, as before.
    """
    connection = manager.get_if_exists()
    if connection is None or connection.state != "open":
        _close(manager)
        return
    try:
        connection.handle.rollback()
        connection.transaction_open = False
    except psycopg2.Error:
        _close(manager)


def _fire_if_heard(manager: EventManager, *event: Any, **how: Any) -> None:
    """Write out an event, of which a node has some twenty, only where there is a log for it."""
    if manager.loggers:
        _fire(manager, *event, **how)


def _template(text: str, context: dict[str, Any], *more: Any, **how: Any) -> Any:
    """Make a template without its context, some nine hundred entries, which it is given when it is rendered, and then again."""
    return _get_template(text, {}, *more, **how)
