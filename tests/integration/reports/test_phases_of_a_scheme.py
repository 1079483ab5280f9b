"""Before, during and after a scheme in a report: what was done and what it cost, to each audience as far as it may see it."""

import sections_in_marts
from test_sections import section_of

EVERYTHING = (
    "select row_group, value_text from published.figure where report_id = (select max(report_id) from published.report)"
    " and table_name = %s and column_name = %s order by row_order"
)
AFTER = "The twelve months after"


def column(sections, table: str, name: str) -> dict[str, list[str]]:
    """By group the texts of a column, before, during and after."""
    found: dict[str, list[str]] = {}
    for group, text in sections.warehouse.query(EVERYTHING, table, name):
        found.setdefault(group, []).append(text)
    return found


def texts(sections, table: str, name: str) -> list[str]:
    return [text for _, text in sections.warehouse.query(EVERYTHING, table, name)]


def test_arrests_and_proven_offences_stand_per_year_at_liberty(sections):
    page = section_of(sections.page(), "reoffending")
    assert (
        "IOM: proven offences of 40 people: 2.29 for each year at liberty in the twelve months before, 1.00 on it and 1.00 in the"
        " twelve months after. The last of these is provisional: more can still become known."
    ) in page
    assert "This is not an effect of the scheme: people are chosen when they offend most" in page
    assert column(sections, "before_during_after", "events") == {
        "IOM: arrests": ["90", "60", "45"], "IOM: proven offences": ["80", "50", "36"], "PPO: arrests": ["30", "20", "15"],
        "Episodes of drug services: proven offences": ["40", "15", "9"],
    }  # fmt: skip
    assert column(sections, "before_during_after", "years")["IOM: arrests"] == ["35.0", "50.0", "36.0"]
    assert column(sections, "before_during_after", "interval")["PPO: arrests"][0] == "3.43 to 5.36"
    assert "777" not in page, "of other people in each phase, of districts and of all schemes nothing is shown"


def test_what_crimes_cost_stands_beside_how_many_have_a_cost(sections):
    page = section_of(sections.page(), "value")
    assert (
        "IOM: proven offences of 40 people cost society about 280,000 pounds in the twelve months before, 150,000 on it and"
        " 99,000 in the twelve months after: for each year at liberty 7,900, 3,000 and 2,700."
    ) in page
    clients = "Episodes of drug services: proven offences"
    assert column(sections, "phase_cost", "cost")[clients] == ["84,000", "no crime has a unit cost", "12,000"]
    assert column(sections, "phase_cost", "uncosted")[clients] == ["4", "15", "0"]
    assert column(sections, "phase_cost", "range")["IOM: proven offences"][0] == "140,000 to 550,000"
    assert "Episodes of drug services: proven offences of" not in page, "there is no cost of one of its phases"


def test_the_board_sees_nothing_of_few_people_or_mainly_of_one(sections):
    sections.page("board")
    clients = "Episodes of drug services: proven offences"
    events = column(sections, "before_during_after", "events")
    assert events["PPO: arrests"] == ["30", "20", "15"]
    assert column(sections, "before_during_after", "rate")["PPO: arrests"] == ["c", "c", "c"], "rates of eight people"
    assert events[clients] == ["40", "15", "c"], "nine offences of three people"
    assert column(sections, "before_during_after", "rate")[clients] == ["1.43", "1.07", "c"]
    assert column(sections, "before_during_after", "years")[clients][2] == "c"
    costs = column(sections, "phase_cost", "cost")
    assert costs[clients] == ["c", "no crime has a unit cost", "c"], "most of it is what one of them cost; then of three"
    assert column(sections, "phase_cost", "per_year")[clients][0] == "c"
    assert costs["IOM: proven offences"] == ["280,000", "c", "99,000"], "a sum would tell how many crimes have a cost"
    assert column(sections, "phase_cost", "uncosted")["IOM: proven offences"] == ["10", "<5", "6"]
    assert column(sections, "phase_cost", "costed")["IOM: proven offences"] == ["70", "c", "30"]


def test_the_public_sees_no_sum_that_would_tell_an_exact_number(sections):
    page = section_of(sections.page("public"), "value")
    for name in ("cost", "range", "per_person", "per_year"):
        assert set(column(sections, "phase_cost", name)["IOM: proven offences"]) == {"c"}, name
    assert column(sections, "before_during_after", "events")["IOM: arrests"] == ["90", "60", "45"]
    assert set(column(sections, "before_during_after", "interval")["IOM: arrests"]) == {"c"}
    assert "No scheme has a cost of all three phases that can be shown." in page


def test_without_the_prisons_nothing_is_told_per_year_at_liberty(sections):
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED | {"prison": "absent"})
    page = section_of(sections.page(), "reoffending")
    assert {*texts(sections, "before_during_after", "rate")} == {"not delivered"}
    assert {*texts(sections, "phase_cost", "per_year")} == {"not delivered"}
    assert sections.shown("phase_cost", AFTER, "cost")[1] != "missing"
    assert "The prisons' data have never been delivered" in page
