"""Every setting of the service: an environment variable `DIGITS_*`, its default, and a sentence about it."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model import shipped
from model.strips.postal import FORMATS


class Settings(BaseSettings):
    """Read from the environment; an empty variable counts as unset, a wrong one stops the start with a sentence."""

    model_config = SettingsConfigDict(env_prefix="DIGITS_", env_ignore_empty=True, populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 lets other machines in.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("DIGITS_PORT", "PORT"),
        description="Port to listen on; a plain PORT, which platforms set, is honoured too.",
    )
    workers: int = Field(1, ge=1, le=64, description="Processes that answer requests.")
    model: Path = Field(shipped.CNN, description="The model that reads digits: a file made by train.py.")
    calibration: Path | None = Field(
        None, description="A calibration of your own, made by calibrate; without one, the shipped one counts."
    )
    country: str | None = Field(
        None, description="Country of mail pieces whose country is not asked for: fr, us, de …; not of strips."
    )
    threads: int = Field(1, ge=1, le=64, description="Threads in each worker that read pictures.")
    queue: int = Field(64, ge=1, description="Pictures that may wait for these threads; more are answered with 503.")
    max_error: float = Field(0.005, ge=0, le=1, description="Highest share of errors among accepted readings.")
    max_body_bytes: int = Field(20_000_000, ge=1, description="Largest body of a request, in bytes.")
    receive_seconds: float = Field(30, gt=0, description="Seconds within which a whole request must arrive.")
    drain_seconds: float = Field(
        2, ge=0, description="Seconds from SIGTERM, when readiness ends, until requests are no longer taken."
    )
    root_path: str = Field("", description="Path prefix that a proxy removes, such as /digits.")
    cors_origins: str = Field(
        "", description="Origins of web pages that may call the service, separated by commas; * for all."
    )
    # Never sent to another process, which could lose them.
    api_keys: SecretStr | None = Field(
        None, exclude=True, description="Keys, separated by commas: readings are given only to who sends one of them."
    )
    api_keys_file: Path | None = Field(
        None, description="A file of such keys, one a line; it may change while the service runs."
    )
    api_keys_also_for: str = Field(
        "", description="What else needs a key, if keys are set: metrics, model, or both with a comma between them."
    )
    max_pixels: int = Field(25_000_000, ge=1, description="Largest picture, in pixels, of any type but JPEG.")
    max_jpeg_pixels: int = Field(
        50_000_000, ge=1, description="Largest JPEG, in pixels; it is decoded at reduced size."
    )
    max_batch: int = Field(100, ge=1, le=1000, description="Most pictures in one request to /predict/batch.")
    max_lines: int = Field(10_000, ge=1, description="Most lines of a list sent as NDJSON to /predict/batch.")
    max_lines_bytes: int = Field(
        1_000_000_000, ge=1, description="Largest such list, in bytes; a line has the limit of a body."
    )
    blas_threads: int = Field(1, ge=1, le=256, description="Threads for each worker's matrix products.")
    log_format: Literal["text", "json"] = Field(
        "text", description="How the log is written: text to be read, or json, an object a line."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged: debug, info, warning or error."
    )
    access_log: bool = Field(default=False, description="Whether to log each request too, on standard output.")
    audit: str | None = Field(
        None, description="File that gets a line for each reading, or - for standard output; without it, none does."
    )

    @field_validator("api_keys_also_for")
    @classmethod
    def _guarded(cls, names: str) -> str:
        if not {"metrics", "model"}.issuperset(each.strip() for each in names.split(",") if each):
            raise ValueError("it must be metrics, model or metrics,model")
        return names.replace(" ", "")

    @field_validator("country")
    @classmethod
    def _known(cls, country: str | None) -> str | None:
        if country is not None and country.lower() not in FORMATS:
            raise ValueError(f"it must be one of {', '.join(sorted(FORMATS))}")
        return country and country.lower()
