"""The fixture that all compose tests share: one installation, made once and removed at the end."""

from collections.abc import Iterator

import pytest

from tests.compose import engine
from tests.compose.installation import Installation


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    """A fresh installation, built and started as the documentation says. Its logs are shown where a test failed."""
    missing = engine.missing()
    if missing:
        pytest.skip(missing)
    installation = Installation()
    try:
        installation.build()
        installation.up()
        installation.open_node()
        yield installation
    finally:
        print(installation.logs())  # noqa: T201 (pytest shows it with a failure)
        installation.remove()
