"""A test of a remote node on the terminal: its steps are printed as they come."""

import time
from typing import Any

import click

from services.config_api.cli.client import ApiClient
from shared.errors import DosewireError

WATCH_SECONDS = 0.3
LONGEST_SECONDS = 600.0
"""Seconds to wait. A test that no worker takes fails after five minutes; a test needs one or two minutes."""
OPEN_STATES = ("queued", "running")


class UnfinishedTest(DosewireError):
    """A test could not be made, or did not end in time; the text has the reason and advice."""


def watch_test(api: ApiClient, test: dict[str, Any], *, prints: bool) -> dict[str, Any]:
    """Wait until a test is over, and return it.

    Args:
        api: the REST interface.
        test: the test as it was begun.
        prints: print each step as soon as it is over; the reason of a delay is always written to standard error.

    Raises:
        UnfinishedTest: it could not be made, or is not over in ten minutes.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    printed, held_up = 0, ""
    while True:
        # A worker that is ended in the middle leaves the test to another one, which begins again.
        printed = min(printed, len(test["steps"]))
        for step in test["steps"][printed:] if prints else ():
            click.echo(f"{step['step']:<12}{step['verdict']:<8}  {step['detail']}")
        printed = len(test["steps"])
        if test["state"] == "done":
            return test
        if test["state"] not in OPEN_STATES:
            raise UnfinishedTest(f"the test could not be made: {test['detail']}")
        if test["detail"] != held_up:
            held_up = test["detail"]
            click.echo(held_up, err=True)
        if time.monotonic() >= deadline:
            raise UnfinishedTest(f"the test is not over yet; GET /api/v1/node-tests/{test['id']} shows how it goes on")
        time.sleep(WATCH_SECONDS)
        test = api.get(f"/node-tests/{test['id']}")
