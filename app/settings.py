"""Every knob of the service: an environment variable `DIGITS_*` with a default and a sentence."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from model import shipped


class Settings(BaseSettings):
    """Read from the environment; an empty variable is as if unset, a wrong one stops the start with a sentence."""

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
    model: Path = Field(shipped.CNN, description="The artifact that reads: a file made by train.py.")
    threads: int = Field(1, ge=1, le=64, description="Threads of each worker that read pictures.")
    queue: int = Field(64, ge=1, description="Pictures that wait for these threads; who comes later is answered 503.")
    max_error: float = Field(0.005, ge=0, le=1, description="Greatest chance of error of an accepted reading.")
    max_body_bytes: int = Field(20_000_000, ge=1, description="Largest body of a request, in bytes.")
    receive_seconds: float = Field(30, gt=0, description="Within which a request must have arrived as a whole.")
    drain_seconds: float = Field(
        0, ge=0, description="From SIGTERM, at which readiness ends, to the end of taking requests."
    )
    root_path: str = Field("", description="Prefix that a proxy takes away, such as /digits.")
    cors_origins: str = Field("", description="Origins of pages that may ask, with commas between; * for all.")
    max_pixels: int = Field(25_000_000, ge=1, description="Largest picture, in pixels, of any type but JPEG.")
    max_jpeg_pixels: int = Field(50_000_000, ge=1, description="Largest JPEG, in pixels; it is decoded reduced.")
    max_batch: int = Field(100, ge=1, le=1000, description="Most pictures in one request to /predict/batch.")
    blas_threads: int = Field(1, ge=1, le=256, description="Threads of each worker's matrix products.")
