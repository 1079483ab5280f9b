"""The page of alerts that Airflow's UI shows: the open ones first. Reads as a role that reads alerts and nothing else."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from iom_warehouse.orchestration import alerts

CLOSED_ON_PAGE = 50


def html() -> str:
    """The page, with every open alert and the last CLOSED_ON_PAGE closed ones."""
    found = alerts.listed(role="display")[::-1]
    is_open = [alert for alert in found if alert.closed_at is None]
    closed = [alert for alert in found if alert.closed_at is not None]
    return _template().render(open=is_open, closed=closed[:CLOSED_ON_PAGE])


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("iom_warehouse.orchestration"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("alerts.html.jinja")
