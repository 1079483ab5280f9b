"""`iom docs` where no night was loaded yet: what needs no database is written, and the rest is named."""

from pathlib import Path

import pytest
from surroundings import environment
from typer.testing import CliRunner

from iom_warehouse import cli


def test_what_needs_no_database_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IOM_DATABASE_URL", raising=False)
    with environment(state_dir=tmp_path / "state"):
        done = CliRunner(env={"COLUMNS": "300"}).invoke(cli.app, ["docs", str(tmp_path / "docs")])
    assert done.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == ["configuration.md", "feeds", "methods.md"]
    assert "Left out is the documentation of the models" in done.output and "There is no database in" in done.output
