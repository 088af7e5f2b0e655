"""The fixtures that all compose tests share: Docker, and one installation, made once and removed at the end."""

from collections.abc import Iterator

import pytest

from tests.compose import engine
from tests.compose.installation import Installation


@pytest.fixture(scope="package")
def docker() -> None:
    """Docker with the base images; skips where it cannot be had."""
    missing = engine.missing()
    if missing:
        pytest.skip(missing)


@pytest.fixture(scope="package")
def installation(docker: None) -> Iterator[Installation]:
    """A fresh installation, built and started as the documentation says. Its logs are shown where a test failed."""
    installation = Installation()
    try:
        installation.build()
        installation.up()
        installation.open_node()
        yield installation
    finally:
        print(installation.logs())  # noqa: T201 (pytest shows it with a failure)
        installation.remove()
