"""Settings from the environment: parsed once, immutable, with every problem reported at the same time.

Each variable is `DOSEWIRE_` and the field's name in capitals. For each there is a variant with `_FILE` that
names a file whose content is the value, as Docker and Kubernetes hand over secrets.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import SettingsError

PREFIX = "DOSEWIRE_"
MIN_HASH_KEY = 16


def _psycopg2_url(url: SecretStr) -> SecretStr:
    """Name the driver: since SQLAlchemy 2.1 plain `postgresql://` stands for another one than ours."""
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg2"}:
        raise ValueError("must look like postgresql+psycopg2://USER:PASSWORD@HOST:5432/DATABASE")
    return SecretStr(f"postgresql+psycopg2://{rest}")


def _amqp_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("amqp://", "amqps://")):
        raise ValueError("must look like amqp://USER:PASSWORD@HOST:5672/VHOST")
    return url


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < MIN_HASH_KEY:
        raise ValueError(
            f"has fewer than {MIN_HASH_KEY} characters and could be guessed; `openssl rand -hex 32` makes one"
        )
    return key


DatabaseUrl = Annotated[SecretStr, AfterValidator(_psycopg2_url)]
AmqpUrl = Annotated[SecretStr, AfterValidator(_amqp_url)]
PrivacyHashKey = Annotated[SecretStr, AfterValidator(_long_enough)]
Port = Annotated[int, Field(ge=1, le=65535)]


class EnvironmentSettings(BaseSettings):
    """The base of all settings: filled by `load` alone, which knows of files and collects the problems."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (pydantic's signature)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the values that `load` hands over and no other source."""
        return (init_settings,)


class Settings(EnvironmentSettings):
    """The settings that every service has. A service adds its own fields in a subclass."""

    database_url: DatabaseUrl
    amqp_url: AmqpUrl
    data_dir: Path
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    health_host: str = "127.0.0.1"


SettingsT = TypeVar("SettingsT", bound=EnvironmentSettings)


def load(settings_class: type[SettingsT], environ: Mapping[str, str] | None = None) -> SettingsT:
    """Read `settings_class` from the environment.

    Raises:
        SettingsError: something is missing or wrong; its `problems` name each variable and what to do.
    """
    environ = os.environ if environ is None else environ
    given, problems = _values(settings_class, environ)
    try:
        settings = settings_class.model_validate(given)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            variable = PREFIX + "_".join(str(part) for part in detail["loc"]).upper()
            text = "is not set" if detail["type"] == "missing" else detail["msg"].removeprefix("Value error, ")
            problems.setdefault(variable, text)
    if problems:
        raise SettingsError([f"{variable}: {text}" for variable, text in problems.items()])
    return settings


def _values(
    settings_class: type[EnvironmentSettings], environ: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values by field, with the content of files in place, and the problems of files by variable."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name in settings_class.model_fields:
        variable = PREFIX + name.upper()
        value, path = environ.get(variable), environ.get(f"{variable}_FILE")
        if value and path:
            problems[variable] = f"is set and so is {variable}_FILE; keep one of them"
        elif path:
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems[variable] = f"the file that {variable}_FILE names cannot be read: {error}"
        elif value:
            values[name] = value
    return values, problems
