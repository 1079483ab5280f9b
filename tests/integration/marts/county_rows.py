"""People of a county whose performance report printed 434 cases becoming 423, over 90% of referrals accepted and 10% more red."""

from datetime import date

from messy_rows import Rows

AREA, SCHEME = "LE", "IOM"
PEOPLE = range(2001, 2464)
AT_START, LEAVE, RED, BECOME_RED = PEOPLE[:434], PEOPLE[394:434], PEOPLE[:50], PEOPLE[50:55]


def add_county(rows: Rows) -> None:
    for person in PEOPLE:
        rows.add("hub_case", case_ref=f"H{person}", sex="M", dob=date(1980, 1, 1))
        rows.add(
            "hub_membership",
            membership_ref=f"M{person}",
            case_ref=f"H{person}",
            scheme=SCHEME,
            district=AREA,
            division=AREA,
            starts_on=date(2013, 1, 15) if person in AT_START else date(2013, 9, 30),
            ends_on=date(2013, 7, 1) if person in LEAVE else None,
            end_reason="lower_risk" if person in LEAVE else None,
        )
        colour = "red" if person in RED else "green"
        rows.add("hub_rag", rag_ref=f"R{person}", case_ref=f"H{person}", assessed_on=date(2013, 3, 1), colour=colour)
    for person in BECOME_RED:
        rows.add("hub_rag", rag_ref=f"R{person} again", case_ref=f"H{person}", assessed_on=date(2013, 9, 30), colour="red")
    for number, decision in enumerate(["accepted"] * 44 + ["declined"] * 3 + ["pending"]):
        rows.add(
            "hub_referral",
            referral_ref=f"FL{number}",
            case_ref="H2001",
            route=SCHEME,
            referring_agency="POL",
            district=AREA,
            referred_on=date(2013, 7, 1),
            decision=decision,
            decided_on=None if decision == "pending" else date(2013, 7, 11),
        )
