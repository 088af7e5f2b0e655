"""Real service processes, which end with the test that started them."""

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.stack.processes import ServiceProcess, stop_all


class Services:
    """The services of one test.

    They get the test's own database, virtual host and data folder. A setting given by name takes the place of
    these (`database_url=...`) or comes in addition; the test's own are only made when they are needed.
    """

    def __init__(self, *, folder: Path, defaults: Mapping[str, Callable[[], object]]) -> None:
        self._folder = folder
        self._defaults = defaults
        self._numbers = itertools.count(1)
        self.started: list[ServiceProcess] = []

    def start(self, service: str, *, wait: bool = True, **settings: str | int | Path) -> ServiceProcess:
        """Starts `python -m services.SERVICE` and, unless `wait` is false, waits until it is ready."""
        given = {name: str(value) for name, value in settings.items()}
        given |= {name: str(value()) for name, value in self._defaults.items() if name not in given}
        process = ServiceProcess(
            service=service,
            settings={"log_format": "json", **given},
            log_file=self._folder / f"{service}-{next(self._numbers)}.log",
        )
        self.started.append(process)
        process.start()
        if wait:
            process.wait_ready()
        return process

    def close(self) -> None:
        """Ends them; prints the end of their logs, which pytest shows where the test failed."""
        stop_all(self.started)
        for process in self.started:
            end = f"--- {process.log_file.name} (exit status {process.exit_status})\n{process.tail()}"
            print(end)  # noqa: T201 - pytest shows it
