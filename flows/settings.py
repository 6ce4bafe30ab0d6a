"""Settings, each from one environment variable AICOMPUTE_<NAME> or its default here."""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from warehouse.catalogue import Store
    from warehouse.lake import Lake

CLONE = Path(__file__).resolve().parent.parent
try:
    PACKAGE_VERSION = version("aicompute")
except PackageNotFoundError:  # run from a folder of code that nobody installed
    PACKAGE_VERSION = "0"


def default_data_dir() -> Path:
    """`warehouse/data` of the clone; `./warehouse/data` where the package is installed as a wheel."""
    return (CLONE if (CLONE / "pyproject.toml").exists() else Path.cwd()) / "warehouse" / "data"


class Settings(BaseSettings):
    """Where the data lie, what a run without flags is made of, and how patiently sources are asked.

    What belongs to one source (address, rate, page size, key) is a setting of its module: `flows.sources.settings_of`.
    """

    model_config = SettingsConfigDict(
        env_prefix="AICOMPUTE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = default_data_dir()
    sources: str = "curated"
    profile: str = ""
    catalogue: SecretStr = SecretStr("")
    lake_data: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_key_id: str = ""
    s3_secret: SecretStr = SecretStr("")
    keep_releases: int = Field(default=10, ge=1)
    contact: str = ""
    papers_of_runs: bool = True
    fetch_timeout_seconds: float = Field(default=60, gt=0)
    fetch_limit_bytes: int = Field(default=200_000_000, ge=1)
    fetch_retries: int = Field(default=3, ge=0)
    fetch_backoff_seconds: float = Field(default=1, ge=0)
    allow_private_hosts: bool = False

    @cached_property
    def folder(self) -> Path:
        """The data directory as an absolute path."""
        return self.data_dir.expanduser().resolve()

    @property
    def archive_dir(self) -> Path:
        """Documents as received, by content hash."""
        return self.folder / "archive"

    @property
    def cache_dir(self) -> Path:
        """Parsed documents; safe to delete."""
        return self.folder / "cache"

    @property
    def lake(self) -> Lake:
        """DuckLake catalogue and data files; raises LakeError where AICOMPUTE_CATALOGUE cannot be read."""
        # Here, for settings are read where no DuckDB is needed: to print --help, or what is wrong with them.
        from warehouse.catalogue import postgres
        from warehouse.lake import Lake

        where = self.catalogue.get_secret_value()
        database = postgres(where) if where.strip() else None
        return Lake(self.folder / "lake", database, self.store(self.lake_data))

    def store(self, path: str) -> Store | None:
        """Where data files lie if not in the data directory: a folder, or s3://bucket/prefix."""
        from warehouse.catalogue import Store

        if not path.strip():
            return None
        if "://" not in path:
            return Store(str(Path(path).expanduser().resolve()))
        key = (self.s3_key_id, self.s3_secret.get_secret_value())
        return Store(path.strip().rstrip("/"), self.s3_endpoint, self.s3_region, *key)

    @property
    def releases_dir(self) -> Path:
        """One read-only folder a version."""
        return self.folder / "releases"

    @property
    def latest(self) -> Path:
        """Link to the newest release."""
        return self.folder / "latest"

    @property
    def refused(self) -> Path:
        """The newest version that the gate refused, for inspection; in no release and not in the lake."""
        return self.folder / "refused"

    @property
    def log_file(self) -> Path:
        """One JSON line a phase of a run."""
        return self.folder / "log" / "runs.jsonl"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own files, apart from the user's."""
        return self.folder / "prefect"
