"""docker-compose.yml for real: what an administrator does on a server, in this order of importance."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.compose.installation import AE_TITLE, Installation, wait_until
from tools.dose_objects import Study, ct_report, fluoroscopy_report, radiography_report, write
from tools.pacs.archive import Archive
from tools.pacs.server import SimulatedPacs

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]

SERVICES = ("store_scp", "importer", "qr", "config_api")


def send(installation: Installation, files: Iterable[Path], *, calling_ae_title: str) -> None:
    """Send files over one association with DCMTK's storescu, which fails unless every answer is Success."""
    target = ["127.0.0.1", str(installation.dicom_port)]
    command = ["storescu", "--aetitle", calling_ae_title, "--call", AE_TITLE, *target, *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def states(installation: Installation, *, calling_ae_title: str) -> Counter[str]:
    """Return how many objects of a caller are in which state."""
    page = installation.get(f"/received-objects?limit=500&calling_ae_title={calling_ae_title}")
    return Counter(item["state"] for item in page["items"])


def wait_imported(installation: Installation, *, calling_ae_title: str, count: int) -> None:
    """Wait until a caller's objects have been imported, this many; what else became of any fails."""
    wait_until(
        lambda: states(installation, calling_ae_title=calling_ae_title)["imported"] >= count,
        f"{count} objects of {calling_ae_title} are imported",
    )
    assert states(installation, calling_ae_title=calling_ae_title) == {"imported": count}


def stored_study(installation: Installation, study_instance_uid: str) -> Any:
    """Return the one stored study of this UID."""
    (summary,) = installation.get(f"/studies?study_instance_uid={study_instance_uid}")["items"]
    return installation.get(f"/studies/{summary['id']}")


def extracted(file: Path) -> Any:
    """Return the document of the study of one object: what `dosewire extract` prints, less what is not stored."""
    command = [str(Path(sys.executable).with_name("dosewire")), "extract", str(file)]
    document = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    del document["file"]
    for key in ("patient_name", "patient_id", "patient_birth_date"):
        del document["study"][key]
    document["outcome"]["processed_sop_instance_uids"] = [document["object"]["sop_instance_uid"]]
    return document


def in_container(installation: Installation, service: str, program: str) -> str:
    """Run a Python program in a service's container."""
    return installation.compose("exec", "--no-TTY", service, "python", "-c", program).strip()


def test_a_report_that_is_sent_to_the_published_port_is_seen_in_the_api(
    installation: Installation, tmp_path: Path
) -> None:
    for number, report in enumerate((ct_report(study=Study(seed=1)), fluoroscopy_report(study=Study(seed=2)))):
        file = write(report, tmp_path / f"{number}.dcm")
        send(installation, [file], calling_ae_title=f"FIRST{number}")
        wait_imported(installation, calling_ae_title=f"FIRST{number}", count=1)
        assert stored_study(installation, report.StudyInstanceUID) == extracted(file)


def test_three_importers_that_are_killed_in_a_burst_lose_nothing_and_count_nothing_twice(
    installation: Installation, tmp_path: Path
) -> None:
    installation.up("--no-deps", "--no-recreate", "--scale", "importer=3", "importer")
    assert len(installation.containers("importer")) == 3
    reports = [radiography_report(study=Study(seed=1000 + number), events=1) for number in range(96)]
    files = [write(report, tmp_path / f"{number}.dcm") for number, report in enumerate(reports)]

    senders = [
        threading.Thread(target=send, args=(installation, files[start:48:4]), kwargs={"calling_ae_title": "BURST"})
        for start in range(4)
    ]
    for sender in senders:
        sender.start()
    wait_until(lambda: states(installation, calling_ae_title="BURST")["imported"] > 0, "the first is imported")
    installation.compose("kill", "importer")
    assert not installation.containers("importer")
    for sender in senders:
        sender.join()
    send(installation, files[48:], calling_ae_title="BURST")  # while no importer lives
    assert states(installation, calling_ae_title="BURST")["imported"] < len(files)

    installation.up("--no-deps", "--no-recreate", "--scale", "importer=3", "importer")
    wait_imported(installation, calling_ae_title="BURST", count=len(files))
    for report, file in zip(reports[::24], files[::24], strict=True):
        assert stored_study(installation, report.StudyInstanceUID) == extracted(file)
    left = "from pathlib import Path; print(len(list(Path('/var/lib/dosewire/incoming').iterdir())))"
    wait_until(lambda: in_container(installation, "store_scp", left) == "0", "the spool is empty")


def test_qr_tests_a_node_step_by_step_for_whoever_asks_config_api(installation: Installation) -> None:
    here = installation.gateway("default")
    archive = Archive(count=1, first_day=datetime.now(UTC).date(), kinds=("sr",))
    destinations = {AE_TITLE: ("127.0.0.1", installation.dicom_port)}
    with SimulatedPacs(archive=archive, host=here, destinations=destinations) as pacs:
        remote = {"name": "Archive", "ae_title": pacs.ae_title, "ip_address": here, "port": pacs.port}
        path = f"/remote-nodes/{installation.post('/remote-nodes', remote)['id']}"
        begun = installation.post(f"{path}/tests", {"store_node": "Compose test"})
        wait_until(lambda: installation.get(f"/node-tests/{begun['id']}")["state"] in {"done", "failed"}, "it is over")
        test = installation.get(f"/node-tests/{begun['id']}")
        assert test["passed"], test
        steps = {step["step"]: step for step in test["steps"]}
        assert list(steps) == ["tcp", "association", "echo", "find", "move"]
        assert steps["move"]["detail"].startswith("has sent an object, and Compose test has received it: ")
        assert pacs.requests.count("C_MOVE") == 1
        assert installation.post(f"{path}/echo", {})["alive"]


def test_config_api_cannot_speak_dicom(installation: Installation) -> None:
    program = (
        "import importlib.util as u\n"
        "print([name for name in ('pynetdicom', 'pydicom', 'urllib3') if u.find_spec(name) is not None])"
    )
    assert in_container(installation, "config_api", program) == "[]"
    assert in_container(installation, "qr", program) == "['pynetdicom', 'pydicom', 'urllib3']"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_unprivileged(installation: Installation, service: str) -> None:
    status = in_container(installation, service, "print(open('/proc/1/status').read())")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert set(fields["Uid"].split()) == {"10001"}
    assert set(fields["Gid"].split()) == {"10001"}
    assert int(fields["CapEff"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    program = "import errno, pathlib\ntry: pathlib.Path('/opt/dosewire/x').touch()\nexcept OSError as e: print(e.errno)"
    assert in_container(installation, service, program) in {"13", "30"}, "nobody may write to its programs"


@pytest.mark.parametrize("server", ["postgres", "rabbitmq"])
def test_a_server_does_not_run_as_root(installation: Installation, server: str) -> None:
    status = installation.compose("exec", "--no-TTY", server, "cat", "/proc/1/status")
    (uids,) = (line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
    assert "0" not in uids


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_its_own_service_only(installation: Installation, service: str) -> None:
    program = (
        "import pkgutil, services, importlib.util as u\n"
        "print([m.name for m in pkgutil.iter_modules(services.__path__)], u.find_spec('pip'), u.find_spec('pytest'))"
    )
    assert in_container(installation, service, program) == f"['{service}'] None None"
    assert "Usage: dosewire" in installation.compose("exec", "--no-TTY", service, "dosewire", "--help")


def test_metrics_are_there_for_prometheus_on_the_internal_network(installation: Installation) -> None:
    for service in SERVICES:
        program = f"import urllib.request as r; print(r.urlopen('http://{service}:9100/metrics').read().decode())"
        assert "process_cpu_seconds_total" in in_container(installation, "importer", program)


def test_a_service_that_ends_is_started_again(installation: Installation) -> None:
    (container,) = installation.containers("store_scp")
    in_container(installation, "store_scp", "import os, signal; os.kill(1, signal.SIGTERM)")

    def restarted() -> bool:
        inspect = ["docker", "inspect", "--format", "{{.RestartCount}} {{.State.Health.Status}}", container]
        return subprocess.run(inspect, check=True, capture_output=True, text=True).stdout.split() == ["1", "healthy"]

    wait_until(restarted, "store_scp is started again and healthy")
    wait_until(lambda: installation.echo() == "", "the store node answers again")


def test_everything_is_still_there_after_down_and_up(installation: Installation, tmp_path: Path) -> None:
    before = installation.get("/store-nodes")["items"][0]["id"], len(installation.get("/studies?limit=500")["items"])
    installation.compose("down", "--timeout", "5")
    installation.up()
    after = installation.get("/store-nodes")["items"][0]["id"], len(installation.get("/studies?limit=500")["items"])
    assert before == after
    wait_until(lambda: installation.echo() == "", "the store node answers again")
    file = write(ct_report(study=Study(seed=3)), tmp_path / "late.dcm")
    send(installation, [file], calling_ae_title="LATE")
    wait_imported(installation, calling_ae_title="LATE", count=1)
