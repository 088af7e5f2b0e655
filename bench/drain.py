"""The drain of a full queue by one importer: objects a second, and the CPU time that they take.

    .venv/bin/python -m bench.drain --runs 3
    .venv/bin/python -m bench.drain --runs 3 --tree before=../before --tree after=.

Fills the spool and the queue with generated objects (CT, fluoroscopy and radiography reports, mammograms, PET images),
then starts one importer process on a database and a virtual host of its own, with a durable PostgreSQL and RabbitMQ on
loopback. The time runs from the row of the first object to that of the last. With several checkouts (`--tree`) the
importers take turns. Only ratios from one run compare.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine, func, select

from shared.broker.publisher import Publisher
from shared.database.engine import make_engine
from shared.database.models import ObjectState, ReceivedObject
from shared.messages import ImportObject, Reception
from shared.spool.folders import Spool
from tools.dose_objects import Study, ct_report, fluoroscopy_report, radiography_report, write
from tools.dose_objects.images import mammogram, pet_image
from tools.measure.process_use import Use
from tools.stack.child import Child
from tools.stack.ports import free_port
from tools.stack.postgres import PrivatePostgres
from tools.stack.programs import system_path
from tools.stack.rabbitmq import PrivateRabbitMQ

_CHECKOUT = Path(__file__).parents[1]
_MOST_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """One run: seconds from the first row to the last, and CPU seconds of the importer, its start included."""

    seconds: float
    cpu_seconds: float


def objects(count: int, folder: Path) -> list[bytes]:
    """Return generated objects, of five kinds in turn; one of them is a further report of the CT study before it."""
    contents = []
    for seed in range(count):
        study = Study(seed=seed)
        kind = seed % 5
        if kind == 0:
            dataset = ct_report(study=study, events=1 + seed % 9)
        elif kind == 1:
            dataset = fluoroscopy_report(study=study, events=1 + seed % 20, biplane=seed % 2 == 0)
        elif kind == 2:
            earlier = Study(seed=seed - 2)
            uids = tuple(earlier.event_uid("CT", number) for number in range(20))
            further = replace(earlier, sop_instance_uid=study.uid("instance", 1), event_uids=uids)
            dataset = ct_report(study=further, events=2 + seed % 9)
        elif kind == 3:
            dataset = radiography_report(study=study) if seed % 2 else mammogram(study, 1, second=1)
        else:
            dataset = pet_image(study, 1, series="A")
        contents.append(write(dataset, folder / "object.dcm").read_bytes())
    return contents


class Bench:
    """Servers on loopback in `folder`, for importers of any checkout. `close` it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres = PrivatePostgres(folder=folder / "postgres")
        self._rabbitmq = PrivateRabbitMQ(folder=folder / "rabbitmq")
        self._postgres.start()
        self._rabbitmq.start()
        self._runs = 0

    def close(self) -> None:
        """End the servers."""
        self._rabbitmq.kill()
        self._postgres.kill()

    def drain(self, tree: Path, contents: list[bytes]) -> Drained:
        """Let the importer of a checkout import everything.

        Raises:
            RuntimeError: an object is not imported, or the importer takes too long.
        """
        self._runs += 1
        name = f"drain_{self._runs}"
        settings = {
            "DOSEWIRE_DATABASE_URL": self._postgres.create_database(name),
            "DOSEWIRE_AMQP_URL": self._rabbitmq.add_vhost(name),
            "DOSEWIRE_DATA_DIR": str(self._folder / name),
            "DOSEWIRE_HEALTH_PORT": str(free_port()),
        }
        environment = os.environ | {"PYTHONPATH": str(tree), "PATH": system_path()} | settings
        migrate = [sys.executable, "-m", "shared.database.migrate"]
        subprocess.run(migrate, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
        _fill(Spool(root=self._folder / name), settings["DOSEWIRE_AMQP_URL"], contents)
        importer = Child(
            name="importer",
            command=[sys.executable, "-m", "services.importer"],
            environment=environment,
            log_file=self._folder / f"{name}.log",
            working_folder=tree,
        )
        engine = make_engine(database_url=settings["DOSEWIRE_DATABASE_URL"], name="bench")
        importer.start()
        try:
            _wait_for(engine, len(contents), importer)
            cpu_seconds = Use.of([importer.pid or 0]).cpu_seconds
            return Drained(seconds=_seconds(engine), cpu_seconds=cpu_seconds)
        finally:
            importer.kill()
            engine.dispose()


def _fill(spool: Spool, amqp_url: str, contents: list[bytes]) -> None:
    spool.prepare()
    reception = Reception(source="c_store", received_at=datetime.now(UTC), store_node="bench", peer_address="::1")
    with Publisher(amqp_url=amqp_url, name="bench") as publisher:
        for content in contents:
            with spool.receive() as writing:
                writing.write(content)
                writing.commit()
            publisher.publish(ImportObject(trace_id=writing.trace_id, size_bytes=len(content), reception=reception))


def _wait_for(engine: Engine, count: int, importer: Child) -> None:
    done = select(func.count()).where(ReceivedObject.state.in_((ObjectState.IMPORTED, ObjectState.DUPLICATE)))
    deadline = time.monotonic() + _MOST_SECONDS
    while True:
        importer.check()
        with engine.connect() as connection:
            finished = connection.scalar(done)
        if finished == count:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{finished} of {count} objects are imported after {_MOST_SECONDS:.0f} s")
        time.sleep(0.2)


def _seconds(engine: Engine) -> float:
    with engine.connect() as connection:
        moments = [one for one in connection.scalars(select(ReceivedObject.finished_at)) if one]
    return (max(moments) - min(moments)).total_seconds()


def _trees(given: tuple[str, ...]) -> dict[str, Path]:
    named = dict(one.partition("=")[::2] for one in given) or {"this": str(_CHECKOUT)}
    return {name: Path(folder).resolve() for name, folder in named.items()}


@click.command(help=__doc__)
@click.option("--objects", "count", type=click.IntRange(min=1), default=260, show_default=True)
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--tree", "given", multiple=True, metavar="NAME=FOLDER", help="A checkout; may be repeated.")
def main(*, count: int, runs: int, given: tuple[str, ...]) -> None:
    """Measure."""
    trees = _trees(given)
    with tempfile.TemporaryDirectory(prefix="dosewire-drain-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # PostgreSQL runs as a user of its own
        contents = objects(count, folder)
        results: dict[str, list[Drained]] = {name: [] for name in trees}
        bench = Bench(folder)
        try:
            for _ in range(runs):
                for name, tree in trees.items():
                    one = bench.drain(tree, contents)
                    results[name].append(one)
                    print(f"{name}: {one.seconds:.2f} s, {one.cpu_seconds:.2f} s of CPU", flush=True)
        finally:
            bench.close()
    for name, runs_of_tree in results.items():
        seconds = statistics.median(one.seconds for one in runs_of_tree)
        cpu_seconds = statistics.median(one.cpu_seconds for one in runs_of_tree)
        rate = count / seconds
        print(f"{name}: median {seconds:.2f} s for {count} objects ({rate:.0f} a second), {cpu_seconds:.2f} s of CPU")


if __name__ == "__main__":
    main()
