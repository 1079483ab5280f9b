"""The methods page holds every spec case, so that a rule that is tested is also explained."""

from pathlib import Path

import yaml

from iom_warehouse.transform import methods

SPEC = Path(__file__).parents[2] / "spec"


def test_every_rule_is_on_the_page() -> None:
    page = methods.markdown()
    cases = sorted(SPEC.glob("*/*.yml"))
    assert len(cases) > 30
    for case in cases:
        rule = " ".join(yaml.safe_load(case.read_text(encoding="utf-8"))["rule"].split())
        assert rule in page, case.name


def test_each_topic_has_its_page() -> None:
    pages = methods.markdown_by_topic()
    assert pages.keys() == {path.parent.name for path in SPEC.glob("*/*.yml")}
    assert pages["needs"].startswith("# Methods: needs\n\nPeople have invented first names.")
    assert pages["linkage"].startswith("# Methods: who is who\n")
    for case in SPEC.glob("needs/*.yml"):
        assert f"\n## {case.stem.replace('_', ' ').capitalize()}\n" in pages["needs"]


def test_a_table_keeps_its_cells_and_its_comments() -> None:
    page = methods.markdown()
    assert "| Bob | OGRS4/G | 4.0 | 2015-04-02 | 0.1 | 0.2 | after the index day |" in page
    assert "| n_people | n_excluded | baseline_count |\n|---|---|---|\n| 6 | 7 | 6 |" in page


def test_every_trap_has_a_case_and_is_on_the_page() -> None:
    """The eighteen mistakes that these methods invite, by number; several cases may show one."""
    page = methods.markdown()
    cases = [yaml.safe_load(case.read_text(encoding="utf-8")) for case in SPEC.glob("*/*.yml")]
    told = [(number, trap) for case in cases for number, trap in case.get("traps", {}).items()]
    assert {number for number, _ in told} == set(range(1, 19))
    assert [(number, trap) for number, trap in told if f"| {number} | {trap} |" not in page] == []
