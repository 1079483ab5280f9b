"""Analysts and new models begin in staging, whether anything reads the file yet or not."""

from iom_warehouse import contracts
from iom_warehouse.platform.settings import PROJECT_DIR

STAGING = PROJECT_DIR / "dbt_project" / "models" / "staging"


def test_every_file_has_its_staging_model() -> None:
    """`hub_case` is `stg_hub__case`, in the folder of its feed."""
    expected = {
        f"{contract.feed}/stg_{contract.feed}__{file.name.removeprefix(contract.feed + '_')}"
        for contract in contracts.all()
        for file in contract.files
    }
    found = {f"{path.parent.name}/{path.stem}" for path in STAGING.glob("*/*.sql") if path.parent.name != "reference"}
    assert len(expected) > 40
    assert found == expected
