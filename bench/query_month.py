"""The query of a month on a PACS that refuses long answers: C-FINDs, studies found, time, and the worker's memory.

    .venv/bin/python -m bench.query_month --studies 20000 --limit 500 --json query.json

Starts PostgreSQL, RabbitMQ, a simulated PACS and a qr service as processes of their own on loopback, and begins a job
for the whole month that retrieves nothing: its filter drops every study once it is found. The exit status is 0 when
each study was found once, with at most twice the C-FINDs that no plan can do without, and the memory stayed flat.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import click
from sqlalchemy import func, select

from bench.servers import AE_TITLE, Storescp
from shared.database.engine import make_engine
from shared.database.migrate import upgrade
from shared.database.models import QrJob, QrStudy
from shared.jobs.options import JobOptions, ModalityClass
from tools.measure.fewest_ranges import fewest_ranges
from tools.measure.process_use import Use
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import PLANS
from tools.pacs.process import SimulatedPacsProcess
from tools.pacs.quirks import Quirks
from tools.stack.postgres import PrivatePostgres
from tools.stack.processes import ServiceProcess
from tools.stack.programs import system_path
from tools.stack.rabbitmq import PrivateRabbitMQ

FIRST = date(2026, 3, 1)
DAYS = 31
KIND = "ct"
SAMPLE_SECONDS = 0.5
MOST_GROWTH_MB = 5.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a job. Memory: resident, at the time of each sample."""

    state: str
    studies: int
    found: int
    distinct: int
    finds: int
    least_finds: int
    seconds: float
    memory_mb: list[float]

    @property
    def growth_mb(self) -> float:
        """Return by how much the memory grew from the second to the last quarter of the job."""
        quarter = max(1, len(self.memory_mb) // 4)
        return max(self.memory_mb[-quarter:]) - max(self.memory_mb[quarter : 2 * quarter] or self.memory_mb)

    @property
    def problems(self) -> list[str]:
        """Return what is not as it should be, in words."""
        wrong = {
            f"the job is {self.state}": self.state != "complete",
            f"{self.studies - self.distinct} studies were not found": self.distinct != self.studies,
            f"{self.found - self.distinct} studies were written twice": self.found != self.distinct,
            f"more than 2 x {self.least_finds} C-FINDs": self.finds > 2 * self.least_finds,
            f"the memory grew by {self.growth_mb:.1f} MB": self.growth_mb > MOST_GROWTH_MB,
        }
        return [text for text, is_wrong in wrong.items() if is_wrong]


@contextmanager
def _servers(folder: Path) -> Iterator[tuple[str, str]]:
    """Start PostgreSQL and RabbitMQ for the block; yield their URLs."""
    postgres = PrivatePostgres(folder=folder / "postgres")
    rabbitmq = PrivateRabbitMQ(folder=folder / "rabbitmq")
    try:
        postgres.start()
        rabbitmq.start()
        url = postgres.create_database("dosewire")
        upgrade(database_url=url)
        yield url, rabbitmq.amqp_url
    finally:
        rabbitmq.stop()
        postgres.stop()


def measure(*, folder: Path, studies: int, limit: int) -> Outcome:
    """Run a job, and return what it came to."""
    with _servers(folder) as (database_url, amqp_url):
        engine = make_engine(database_url=database_url, name="dosewire-bench")
        jobs = QrJobs(engine=engine, amqp_url=amqp_url)
        settings = {"database_url": database_url, "amqp_url": amqp_url, "data_dir": str(folder / "data")}
        worker = ServiceProcess(service="qr", settings=settings, log_file=folder / "qr.log")
        pacs = SimulatedPacsProcess(
            folder=folder / "pacs",
            destinations={},
            studies=studies,
            first_day=FIRST,
            days=DAYS,
            kinds=[KIND],
            quirks=Quirks(refuses_over=limit),
        )
        with Storescp(folder=folder / "storescp") as destination, pacs:
            worker.start()
            worker.wait_ready()
            try:
                nodes = (
                    jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title),
                    jobs.store_node(port=destination.port, ae_title=AE_TITLE),
                )
                return _run(jobs, nodes, pacs, worker, limit=limit)
            finally:
                worker.stop()
                engine.dispose()


def _run(
    jobs: QrJobs, nodes: tuple[int, int], pacs: SimulatedPacsProcess, worker: ServiceProcess, *, limit: int
) -> Outcome:
    last = FIRST + timedelta(days=DAYS - 1)
    began = time.monotonic()
    job_id = jobs.create(
        remote_node_id=nodes[0],
        store_node_id=nodes[1],
        date_from=FIRST,
        date_until=last,
        options=JobOptions(modalities=(ModalityClass.CT,), description_exclude=(PLANS[KIND].description,)),
    )
    memory: list[float] = []
    while True:
        memory.append(Use.of([worker.pid] if worker.pid else []).resident_bytes / 1e6)
        with jobs.sessions() as session:
            job = session.get_one(QrJob, job_id)
        if not job.state.is_open:
            break
        time.sleep(SAMPLE_SECONDS)
    with jobs.sessions() as session:
        found, distinct = session.execute(
            select(func.count(), func.count(QrStudy.study_instance_uid.distinct())).where(QrStudy.job_id == job_id)
        ).one()
    moments = (pacs.archive.study(number).at for number in range(pacs.archive.count))
    return Outcome(
        state=job.state.value,
        studies=pacs.archive.count,
        found=found,
        distinct=distinct,
        finds=pacs.counts["C_FIND STUDY"],
        least_finds=fewest_ranges(moments, first=FIRST, last=last, limit=limit),
        seconds=time.monotonic() - began,
        memory_mb=memory,
    )


@click.command(help=__doc__)
@click.option("--studies", default=20_000, show_default=True, help="Of the month.")
@click.option("--limit", default=500, show_default=True, help="The PACS refuses more matches than that.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Where figures go.")
def main(*, studies: int, limit: int, json_file: Path | None) -> None:
    """Measure, and print what came."""
    os.environ["PATH"] = system_path()
    with tempfile.TemporaryDirectory(prefix="dosewire-query-") as folder:
        Path(folder).chmod(0o711)  # the user postgres has to pass
        outcome = measure(folder=Path(folder), studies=studies, limit=limit)
    click.echo(
        f"{outcome.distinct} of {studies} studies found, {outcome.found - outcome.distinct} twice\n"
        f"{outcome.finds} C-FINDs, {outcome.finds / outcome.least_finds:.2f} of the least possible, "
        f"{outcome.least_finds}\n{outcome.seconds:.1f} s\n"
        f"memory {min(outcome.memory_mb):.1f} to {max(outcome.memory_mb):.1f} MB, grew by {outcome.growth_mb:.1f} MB"
    )
    click.echo("== " + ("passed" if not outcome.problems else "FAILED: " + "; ".join(outcome.problems)))
    if json_file is not None:
        json_file.write_text(json.dumps(asdict(outcome), indent=1) + "\n", encoding="utf-8")
    raise SystemExit(1 if outcome.problems else 0)


if __name__ == "__main__":
    main()
