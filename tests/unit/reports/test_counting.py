"""How a measure counts, in words."""

from iom_warehouse.configuration import files
from iom_warehouse.reports import counting, measures


def test_every_parameter_that_is_kept_with_a_figure_has_words():
    assert set(measures.PARAMETERS) == set(counting.WORDS)


def test_every_code_of_the_configuration_has_words():
    declared = next(file for file in files() if file.name == "measures")
    for name in ("event_kind", "count_unit", "date_basis", "clock", "comparison", "period"):
        for code in declared.column(name).codes:
            [(_, words)] = counting.in_words({name: code})
            assert "_" not in words and (words != code or code in measures.EVENTS.values()), code


def test_days_and_numbers_are_said_in_full():
    told = {"baseline_from": "2012-04-01", "waiting_months": "1", "horizons": "91;182;365", "period": "none", "mode": "x_y"}
    assert list(counting.in_words(told)) == [
        ("Baseline from", "1 April 2012"), ("Shown by day", "91, 182 and 365"), ("Proved within", "1 month after the follow-up"),
        ("Mode", "x_y"),
    ]  # fmt: skip
