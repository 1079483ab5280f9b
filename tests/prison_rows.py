"""Rows of the prison feed, right unless told otherwise."""

from typing import Any

Row = dict[str, Any]


def person(number: int, **more: Any) -> Row:
    """The person A000nBC."""
    return {"prison_number": f"A{number:04d}BC", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29", "sex": "M"} | more


def people(*numbers: int, **more: Any) -> list[Row]:
    return [person(number, **more) for number in numbers]


def spell(number: int, of: int, **more: Any) -> Row:
    """The booking Bn of the person A000nBC."""
    row = {"booking_ref": f"B{number}", "prison_number": f"A{of:04d}BC", "received_on": "2012-01-05", "released_on": "2012-03-01"}
    return row | {"custody_type": "sentenced"} | more
