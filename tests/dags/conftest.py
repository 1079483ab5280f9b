"""Airflow with a home of its own: importing it makes one wherever its settings say."""

from collections.abc import Iterator

import pytest
from surroundings import temporary_folder


@pytest.fixture(scope="session")
def airflow_environment() -> Iterator[None]:
    with temporary_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(folder))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        yield
