"""The steps of a sign-off, each in the name of the person who is logged in. The rules are those of sql/0016_sign_off.sql."""

from typing import Literal

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

Step = Literal["comment", "check", "send back", "release", "withdraw"]


def sign(connection: Connection, number: int, step: Step, reason: str, correction: str | None = None) -> None:
    """Take a step with a report, for the person who is logged in on `connection`.

    `correction` goes with the check of a report that replaces a released one. Raises IomError when the step may not be taken.
    """
    refusal = IomError(
        f"{connection.info.user} does not sign reports off.", "Who does is in people_access.csv, column signs_off."
    )
    with speaking(connection, refusal) as cursor:
        cursor.execute("select access.sign_report(%s, %s, %s, %s)", (number, step, reason, correction))
