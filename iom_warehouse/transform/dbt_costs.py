"""What dbt does for each model and test, and what nobody here needs of it, left out.

A night of an ordinary size takes dbt longer in Python than it takes PostgreSQL. docs/adr/builds.md has what each of these saves.
"""

from functools import cache
from typing import Any

import psycopg2
from dbt.adapters.base.connections import BaseConnectionManager
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.clients import jinja
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate
from dbt_common.events.base_types import BaseEvent
from dbt_common.events.event_manager import EventManager

_close = PostgresConnectionManager.release
_fire = EventManager.fire_event
_make_event = BaseEvent.__init__
_get_template = jinja.get_template
_templates: dict[tuple[str, str | None, bool], Any] = {}


def leave_out() -> None:
    """From now on dbt does these things as said at each of them."""
    PostgresConnectionManager.release = _release  # type: ignore[method-assign, assignment]
    EventManager.fire_event = _fire_if_heard  # type: ignore[method-assign, assignment]
    BaseEvent.__init__ = _keep_for_event  # type: ignore[method-assign, assignment]
    BaseEvent.pb_msg = _WhenAsked()
    jinja.get_template = _template  # type: ignore[assignment]
    # What a test asks about is rendered with every macro made ready; the templates of models look up what they need.
    NativeSandboxTemplate.new_context = MacroFuzzTemplate.new_context  # type: ignore[method-assign, assignment]
    agate_helper.empty_table = cache(agate_helper.empty_table)  # what a statement without rows gives, never changed
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
    """Write out an event, of which a node has some twenty, only where there is a log for it. Warnings that are to be errors
    (DBT_WARN_ERROR) would be raised from there; a build asks for none."""
    if manager.loggers:
        _fire(manager, *event, **how)


def _keep_for_event(event: BaseEvent, *what: Any, **given: Any) -> None:
    event.__dict__["given"] = what, given


class _WhenAsked:
    """What an event says, put together when somebody asks for it: of nearly all events nobody does."""

    def __get__(self, event: BaseEvent, _: type) -> Any:
        what, given = event.__dict__["given"]
        _make_event(event, *what, **given)
        return event.__dict__["pb_msg"]


def _template(text: str, context: dict[str, Any], node: Any = None, capture_macros: bool = False, native: bool = False) -> Any:
    """Make a template without its context, some nine hundred entries, which it is given when it is rendered, and then again.

    Nights in one process have the same templates. One that is made while dbt parses notes its macros, and serves once.
    """
    kept = text, getattr(node, "unique_id", None), native
    if capture_macros or kept not in _templates:
        made = _get_template(text, {}, node, capture_macros, native)
        if capture_macros:
            return made
        _templates[kept] = made
    return _templates[kept]
