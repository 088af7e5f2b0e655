"""docs/configuration.md lists every setting with its default, under the service that reads it, and no other."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from pydantic_settings import BaseSettings

import services
from shared.settings import PREFIX, Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"
ROW = re.compile(r"^\| `(DOSEWIRE_[A-Z0-9_]+)` \| (.*?) \|", re.MULTILINE)
SERVICES = sorted(module.name for module in iter_modules(services.__path__) if module.ispkg)
COMMON = "Every service"

SETTINGS = {
    "store_scp": "services.store_scp.common.settings",
    "importer": "services.importer.settings",
    "qr": "services.qr.settings",
    "config_api": "services.config_api.web.settings",
}


def documented(section: str) -> dict[str, str]:
    """Return the default by variable of the table in a section."""
    text = DOCUMENT.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    by_heading = dict(zip(parts[1::2], parts[2::2], strict=True))
    return dict(ROW.findall(by_heading[section]))


def defaults(settings_class: type[BaseSettings]) -> dict[str, str]:
    return {
        f"{PREFIX}{name.upper()}": "required" if field.is_required() else as_text(field.default)
        for name, field in settings_class.model_fields.items()
    }


def as_text(default: object) -> str:
    if default is None:
        return "none"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def settings_classes(service: str) -> list[type[BaseSettings]]:
    module = import_module(SETTINGS[service])
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__
    ]


def test_what_all_services_read() -> None:
    assert documented(COMMON) == defaults(Settings)


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_reads(service: str) -> None:
    own: dict[str, str] = {}
    for settings_class in settings_classes(service):
        own |= defaults(settings_class)
    common = defaults(Settings)
    assert documented(service) == {name: value for name, value in own.items() if common.get(name) != value}


def test_a_variable_has_one_default_within_a_service() -> None:
    for service in SERVICES:
        seen: dict[str, str] = {}
        for settings_class in settings_classes(service):
            for name, default in defaults(settings_class).items():
                assert seen.setdefault(name, default) == default, f"{service}: {name}"
