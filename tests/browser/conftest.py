"""Fixtures for browser tests: a real Chromium, and pages that fail on errors and foreign requests."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

from tests.helpers.services import Services

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OURS = {"127.0.0.1", "localhost"}
FORM_IS_WRONG = "status of 422"
"""What Chromium's console says of a form that comes back to be corrected; that is no fault of the page."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Complaints:
    """What a page did that it should not: errors in its console, dialogs, requests to elsewhere."""

    def __init__(self, page: Page) -> None:
        self.all: list[str] = []
        page.on("console", lambda message: self._add(_is_error(message), message.text))
        page.on("pageerror", lambda error: self._add(True, str(error)))
        page.on("dialog", self._dismiss)
        page.on("request", lambda request: self._add(urlsplit(request.url).hostname not in OURS, request.url))

    def _dismiss(self, dialog: Dialog) -> None:
        self._add(True, dialog.message)
        dialog.dismiss()

    def _add(self, wrong: bool, text: str) -> None:
        if wrong:
            self.all.append(text)


def _is_error(message: ConsoleMessage) -> bool:
    return message.type == "error" and FORM_IS_WRONG not in message.text


@pytest.fixture
def page(browser: Browser, services: Services) -> Iterator[Page]:
    """A page of 1400 by 1000; the test fails where it complained."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    complaints = Complaints(opened)
    yield opened
    context.close()
    assert complaints.all == []
