"""Settings, read from the environment (prefix IOM_). Nothing secret stands in them: passwords are files in `secrets_dir`."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from iom_warehouse.platform.errors import IomError

PROJECT_DIR = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Where a partnership's warehouse lives. Every path that is not given lies below `state_dir` or the project."""

    model_config = SettingsConfigDict(env_prefix="IOM_", extra="ignore", env_ignore_empty=True)

    project_dir: Path = PROJECT_DIR
    state_dir: Path = Field(PROJECT_DIR / ".state", description="all that a run writes: database, logs, reports, secrets")
    inbox: Path = Field(default_factory=lambda given: given["state_dir"] / "inbox",
                        description="folder that holds <feed>/<date>.<sequence>/ deliveries")  # fmt: skip
    outbox: Path = Field(default_factory=lambda given: given["state_dir"] / "outbox",
                         description="folder that <agency>/<date>.<sequence>/ deliveries to agencies are written to")  # fmt: skip
    configuration_dir: Path = Field(PROJECT_DIR / "partnership", description="the partnership's configuration folder")
    contracts_dir: Path = Field(PROJECT_DIR / "expectations", description="one contract file per feed")
    secrets_dir: Path = Field(default_factory=lambda given: given["state_dir"] / "secrets",
                              description="one file per database role or key, readable by the service only")  # fmt: skip
    linkage_model: str = Field(
        "v1", description="linkage model: a version in the package, or the path of a JSON file of `iom people retrain`"
    )
    database_url: str | None = Field(None, description="PostgreSQL 18 of your own; empty: the embedded server in state_dir")
    smtp_host: str | None = None
    smtp_port: int = 25
    smtp_ca_file: Path | None = Field(
        None, description="certificates, in PEM, by which the mail server's own is verified; empty: those of the system"
    )
    smtp_from: str = "iom-warehouse@localhost"
    public_url: str | None = Field(
        None, description="address of the web front that hands out pages, for links in mails; empty: nothing is sent as a link"
    )
    alert_to: str | None = Field(None, description="comma-separated addresses that alerts go to; empty: alerts are only recorded")
    cut_off_hour: int = Field(6, ge=0, le=23,
                              description="hour of the next day in London when a night is built without late feeds")  # fmt: skip

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, address: str | None) -> str | None:
        return address.rstrip("/") if address else address

    @field_validator("state_dir", "inbox", "outbox", "secrets_dir", "configuration_dir", "contracts_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        """A relative path counts from the checkout, wherever a command or a task of Airflow runs."""
        return (PROJECT_DIR / path.expanduser()).resolve()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Tests that change the environment call `settings.cache_clear()`.

    Raises IomError, without the value, for a variable that cannot be what it says.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"IOM_{fault['loc'][0]}".upper() + f": {fault['msg']}" for fault in error.errors())
        raise IomError(f"The environment does not fit. {wrong}.", "Put it right there, or unset it for the default.") from None
