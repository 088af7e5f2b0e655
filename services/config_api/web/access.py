"""Metrics and log lines of requests: with the route, never with the address and its query, which may name a study."""

import time

from flask import Flask, Response, g, request
from prometheus_client import Histogram

from shared.logging import get_logger

READING = frozenset(("GET", "HEAD", "OPTIONS"))
SECONDS = Histogram("dosewire_http_request_seconds", "Time to answer a request", ["method", "route", "status"])

log = get_logger(__name__)


def register(app: Flask) -> None:
    """Count every request of the application, and log those that may change something."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.url_rule else "any"
        seconds = time.monotonic() - g.began
        SECONDS.labels(method=method, route=route, status=response.status_code).observe(seconds)
        if request.method not in READING:
            log.info(
                "request",
                method=method,
                route=route,
                target=request.view_args or None,
                status=response.status_code,
                seconds=round(seconds, 3),
            )
        return response
