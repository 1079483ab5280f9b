"""The documentation of the models: one page that needs no server and loads nothing from elsewhere."""

import shutil
from pathlib import Path

from iom_warehouse.platform.errors import IomError
from iom_warehouse.transform import project, results


def docs(target_dir: Path) -> Path:
    """Write the models' documentation, with the columns of the built tables, to `target_dir`/index.html and return its path.

    Raises IomError when dbt cannot make it, e.g. because the database does not run.
    """
    from iom_warehouse.transform import runner  # brings dbt, which takes seconds to load

    outcome = runner.run("docs generate", "--static")
    page = project.state_dir() / "target" / "static_index.html"
    if not outcome.success or not page.exists():
        cause = results.without_values(str(outcome.exception or "no page was written"))
        raise IomError(f"dbt could not write the documentation of the models: {cause}", "Build the marts first: iom nightly")
    target_dir.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(page, target_dir / "index.html"))
