"""What a folder is refused for, and how the editor of the folder is told: one line of the table for each mistake."""

from pathlib import Path

import pytest

from iom_warehouse.configuration import check, contradictions, files
from iom_warehouse.platform import yaml_file
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    """Put `new` in place of the one `old` of a file; a test that spoils nothing fails here."""
    path = folder / f"{name}.csv"
    content = path.read_text(encoding="utf-8")
    assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {name}.csv"
    path.write_text(content.replace(old, new), encoding="utf-8")


def messages(folder: Path) -> list[str]:
    return [str(finding) for finding in check(folder)]


def test_a_sound_folder_has_no_findings(folder: Path) -> None:
    assert messages(folder) == []


MISTAKES = yaml_file.read(Path(__file__).with_name("mistakes.yml"))


@pytest.mark.parametrize(
    "mistake", MISTAKES, ids=[f"{number}-{mistake['told'].split(':')[0]}" for number, mistake in enumerate(MISTAKES)]
)
def test_a_mistake_is_told(folder: Path, mistake: dict[str, str]) -> None:
    spoil(folder, mistake["in"], mistake["replace"], mistake["by"])
    assert any(message.startswith(mistake["told"]) for message in messages(folder)), messages(folder)


def test_every_declared_contradiction_has_its_mistake() -> None:
    told = [mistake["told"].split(": ", 1)[1] for mistake in MISTAKES if mistake["told"].count(": ")]
    untold = [
        rule.says for file in files() for rule in file.contradictions if not any(rule.says.startswith(text) for text in told)
    ]
    assert untold == []


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (2_001, "areas.csv, row 5, area_name: this has 2,001 characters; at most 2,000 are kept"),
        (200_000, "areas.csv, row 5: this row cannot be read as CSV (field larger than field limit"),
    ],
)
def test_a_text_without_end(folder: Path, length: int, told: str) -> None:
    spoil(folder, "areas", "A1,Mill", "A1," + "x" * length)
    assert [message[: len(told)] for message in messages(folder)] == [told]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("retained_days,300", "final after 6 months, before anybody can have been in treatment for 300"),
        ("chain_final_after_months,2", "final after 2 months, before anybody can have been in treatment for 84"),
    ],
)
def test_a_limit_without_a_row_is_the_usual_one(folder: Path, rule: str, told: str) -> None:
    (folder / "drug_service_rules.csv").write_text(f"rule,value,source,effective_from\n{rule},a test,2004-01-01\n")
    [message] = messages(folder)
    assert message.startswith(f"drug_service_rules.csv, row 2, value: the chain would be {told} days")


def test_the_year_of_a_programme_is_one(folder: Path) -> None:
    (folder / "programme_costs.csv").write_text("year,staff,effective_from\n2013/15,9,2004-01-01\n")
    [message] = messages(folder)
    assert message.startswith("programme_costs.csv, row 2, year: the second part is not the year after the first")


def test_the_turn_of_the_century_is_a_year(folder: Path) -> None:
    (folder / "deflators.csv").write_text("year,index,effective_from\n1999/00,90,2004-01-01\n2000,91,2004-01-01\n")
    assert messages(folder) == []


def test_the_usual_limits_are_those_of_the_model() -> None:
    model = PROJECT_DIR / "dbt_project" / "models" / "intermediate" / "dip" / "int_dip__limit.sql"
    for rule, usual in contradictions.USUAL_LIMITS.items():
        assert f"'{rule}': {usual}," in model.read_text()


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    spoil(folder, "areas", "A1,Mill", "A1,")
    spoil(folder, "cohorts", "static,2010-04-01", "static,")
    spoil(folder, "measures", "pro_rata_baseline,15", "none,15")
    places = [(finding.file, finding.row) for finding in check(folder)]
    assert places == [("areas.csv", 5), ("cohorts.csv", 2), ("measures.csv", 2)]


def test_a_row_that_cannot_be_read_is_not_also_called_contradictory(folder: Path) -> None:
    spoil(folder, "cohorts", "static,2010-04-01", "static,2010-04-31")
    assert messages(folder) == ["cohorts.csv, row 2, frozen_on: '2010-04-31' is not a day of the calendar"]


def test_a_file_that_cannot_be_read_does_not_spread_findings(folder: Path) -> None:
    spoil(folder, "areas", "area,area_name", "area,area_nam")
    assert {finding.file for finding in check(folder)} == {"areas.csv"}


@pytest.mark.parametrize(
    ("header", "told"),
    [("area;area_name;level;parent;effective_from", "semicolons"), ('"area"\t"area_name"\t"level"', "tabs")],
)
def test_another_separator_is_told_in_one_message(folder: Path, header: str, told: str) -> None:
    (folder / "areas.csv").write_text(f"{header}\n")
    message = f"areas.csv, row 1: the columns are separated by {told}; save the file with commas, and ; only between"
    assert [found[: len(message)] for found in messages(folder)] == [message]


def test_columns_come_in_any_order_and_optional_ones_may_be_left_out(folder: Path) -> None:
    (folder / "agencies.csv").write_text(
        "effective_from,agency_name,agency\r\n2004-01-01,Police,POL\r\n2004-01-01,Probation,PRB\r\n", encoding="utf-8"
    )
    assert messages(folder) == []


def test_byte_order_mark_blank_lines_and_blanks_around_values_are_forgiven(folder: Path) -> None:
    content = "\ufeffagency,agency_name,effective_from\n\n POL , Police ,2004-01-01\n,,\nPRB,Probation,2004-01-01\n"
    (folder / "agencies.csv").write_text(content, encoding="utf-8")
    assert messages(folder) == []


def test_rows_are_counted_as_a_spreadsheet_counts_them(folder: Path) -> None:
    content = 'agency,agency_name,effective_from\nPOL,Police,2004-01-01\n\nPRB,"Proba\ntion",2004-01-01\nPRI,Prison,soon\n'
    (folder / "agencies.csv").write_text(content, encoding="utf-8")
    assert [(finding.row, finding.column) for finding in check(folder)] == [(4, "agency_name"), (5, "effective_from")]


def test_an_empty_folder_lacks_what_is_needed_at_all(tmp_path: Path) -> None:
    told = messages(tmp_path)
    assert [message.split(":")[0] for message in told] == ["cohorts.csv", "measures.csv"]
    assert told[0] == (
        "cohorts.csv: this file is missing; measures count nobody without cohorts."
        " Copy it from partnership/ and put your own rows in"
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IomError, match="There is no configuration folder .*/nowhere"):
        check(tmp_path / "nowhere")


def test_drug_tests_count_towards_selection_only_with_a_legal_opinion(folder: Path) -> None:
    allowed = "tests,1,positive_tests,,24,1,,5,Force solicitor LS/118 of 2012-11-30"
    spoil(folder, "scoring_rules", "recalls,1,recalls,,24,1,,5,", allowed)
    assert messages(folder) == []


@pytest.mark.parametrize("example", ["leeds", "leicestershire", "rossi"])
def test_the_examples_are_sound(example: str) -> None:
    assert messages(PROJECT_DIR / "examples" / example / "partnership") == []


def test_a_file_may_be_left_out_unless_it_is_needed_or_others_point_to_it(folder: Path) -> None:
    (folder / "scoring_rules.csv").unlink()
    assert messages(folder) == []
    (folder / "agencies.csv").unlink()
    assert messages(folder) == [
        "agencies.csv: this file is missing, and agreements.csv (from_agency, to_agency) points to it."
        " Copy it from partnership/ and put your own rows in"
    ]


def test_a_missing_file_that_others_point_to_is_told_once(folder: Path) -> None:
    header = (folder / "areas.csv").read_text().splitlines()[0]
    (folder / "areas.csv").write_text(f"{header}\n")
    pointing = "postcodes.csv (ward), district_thresholds.csv (district), reports.csv (areas), people_access.csv (areas)"
    assert messages(folder) == [f"areas.csv: this file has no rows, and {pointing} point to it. Put your own rows in"]
    (folder / "areas.csv").unlink()
    remedy = "Copy it from partnership/ and put your own rows in"
    assert messages(folder) == [f"areas.csv: this file is missing, and {pointing} point to it. {remedy}"]


def test_a_file_of_another_name(folder: Path) -> None:
    (folder / "measure.csv").write_text("x\n")
    (folder / "notes.docx").write_text("x\n")
    (folder / "README.md").write_text("x\n")
    (folder / ".git").mkdir()
    assert messages(folder) == [
        "measure.csv: this is not a file of the configuration; did you mean 'measures.csv'?",
        "notes.docx: this is not a file of the configuration; take it out of the folder",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "agency,agency_name,effective_from\nPOL,Caf\xe9,2004-01-01\n".encode("cp1252"),
            "agencies.csv, row 2: this is not UTF-8 text",
        ),
        ("agency,agency_name,effective_from\n".encode("utf-16"), "agencies.csv, row 1: this is not UTF-8 text"),
        (b"", "agencies.csv: this file is empty; it needs at least its header row"),
        (b"agency,agency_name\nPOL,Police\n", "agencies.csv, row 1, effective_from: this column is missing"),
    ],
    ids=["windows", "utf16", "empty", "no_effective_from"],
)
def test_a_file_that_is_no_sound_csv(folder: Path, content: bytes, told: str) -> None:
    (folder / "agencies.csv").write_bytes(content)
    assert [message[: len(told)] for message in messages(folder)] == [told]


def test_a_header_and_no_rows_is_sound(folder: Path) -> None:
    (folder / "nicknames.csv").write_text("name,canonical,effective_from\n")
    assert messages(folder) == []


def test_an_entry_that_is_a_folder(folder: Path) -> None:
    (folder / "calendar.csv").mkdir()
    assert messages(folder) == ["calendar.csv: this is a folder; put the file itself here"]


def set_beside(folder: Path, other: str, *more: str) -> None:
    """Give the cohort of the first measure a comparison cohort, and the folder more measures."""
    spoil(folder, "cohorts", "max_age,effective_from", "max_age,comparison_cohort,effective_from")
    spoil(folder, "cohorts", "ppo_2010,1,PPO on 1 April,static,2010-04-01,,,,,,", f"ppo_2010,1,,static,2010-04-01,,,,,,{other},")
    spoil(folder, "cohorts", ",18,,2004-01-01", ",18,,,2004-01-01\nothers,1,,static,2010-04-01,,,,,,,2004-01-01")
    with (folder / "measures.csv").open("a", encoding="utf-8") as content:
        content.writelines(f"{row}\n" for row in more)


OF_OTHERS = (
    "ni30_of_others,1,others,court_conviction,2009-04-01,2010-03-31,2010-04-01,2011-03-31,,,pro_rata_baseline,,quarter,2004-01-01"
)


def test_a_cohort_beside_another_needs_the_same_measures_of_it(folder: Path) -> None:
    set_beside(folder, "others", OF_OTHERS)
    assert messages(folder) == []
    spoil(folder, "measures", OF_OTHERS, OF_OTHERS.replace("quarter", "none"))
    assert messages(folder) == [
        "measures.csv, row 2, cohort_id: its cohort is set beside 'others'; add a measure of that one that is another in"
        " measure_id, version, title, cohort_id, maturity_months, target_pct and group_by only"
    ]


@pytest.mark.parametrize(
    ("more", "values"),
    [("follow_up_months", "12"), ("index_day_counts", "Y"), ("clock", "calendar"), ("exclude_breach", "Y")],
)
def test_what_only_repeats_what_first_and_last_day_say_is_no_contradiction(folder: Path, more: str, values: str) -> None:
    spoil(folder, "measures", "period,effective_from", f"period,effective_from,{more}")
    spoil(folder, "measures", "15,quarter,2004-01-01", f"15,quarter,2004-01-01,{values}")
    spoil(folder, "measures", "none,,none,2004-01-01", "none,,none,2004-01-01,")
    assert messages(folder) == []


def test_a_measure_may_begin_with_the_first_definition_of_what_it_counts(folder: Path) -> None:
    spoil(folder, "measures", "period,effective_from", "period,effective_from,offence_set")
    spoil(folder, "measures", "15,quarter,2004-01-01", "15,quarter,2004-01-01,burglary")
    spoil(folder, "measures", "none,,none,2004-01-01", "none,,none,2004-01-01,")
    spoil(folder, "offence_sets", "burglary,028/*,,2004-01-01", "burglary,028/*,,2004-01-01\nburglary,029/*,,2010-01-01")
    assert messages(folder) == []


def test_a_cohort_is_not_set_beside_itself(folder: Path) -> None:
    set_beside(folder, "ppo_2010")
    assert messages(folder) == [
        "cohorts.csv, row 2, comparison_cohort: a cohort cannot be set beside itself; name another, or leave this empty"
    ]
