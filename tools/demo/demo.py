"""The demonstration: `python -m tools.demo.demo [--once]`, started by `scripts/demo`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from tools.demo.run import run, stay, uninterrupted
from tools.demo.samples import Sample, make_samples, send
from tools.stack.errors import StackError
from tools.stack.installation import Installation
from tools.stack.ports import LOOPBACK, free_port, is_free
from tools.stack.progress import Progress

NODE_NAME = "Demo"
AE_TITLE = "DOSEWIRE"
DICOM_PORT = 11112


@click.command()
@click.option("--once", is_flag=True, help="Leave after the table.")
@click.option("--dicom-port", type=click.IntRange(1, 65535), help=f"Of the store node; {DICOM_PORT} where it is free.")
def main(once: bool, dicom_port: int | None) -> None:
    """Start Dosewire, send it sample dose reports over DICOM and show what came of them."""
    run(lambda progress: demonstrate(progress, once=once, dicom_port=dicom_port))


def demonstrate(progress: Progress, *, once: bool, dicom_port: int | None = None) -> None:
    """The whole demonstration in a folder of its own, which is removed unless something failed."""
    parent = os.environ.get("DOSEWIRE_DATA_DIR")
    if parent:
        Path(parent).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="dosewire-demo-", dir=parent))
    folder.chmod(0o711)  # the user postgres has to pass
    installation = Installation(folder=folder, environ=os.environ, progress=progress, keep=False)
    failed = False
    try:
        installation.start()
        port = dicom_port or free_port(preferred=DICOM_PORT)
        open_store_node(installation, port, progress)
        samples = make_samples(folder / "samples")
        send_samples(samples, port, progress)
        studies = await_studies(installation, samples, progress)
        progress.console.print(table(studies))
        progress.say(f"The page: {installation.api.page}")
        progress.say(f"Send more: storescu -aec {AE_TITLE} {LOOPBACK} {port} FILE.dcm")
        if not once:
            stay(installation, progress)
    except StackError:
        failed = True
        progress.say(f"The files are kept for a look: {folder}")
        raise
    finally:
        with uninterrupted():
            installation.stop()
            if not failed:
                shutil.rmtree(folder, ignore_errors=True)


def open_store_node(installation: Installation, port: int, progress: Progress) -> None:
    """Makes the store node through the API and waits until it answers a C-ECHO."""
    with progress.step(f"Opening the store node {AE_TITLE} on port {port}"):
        api = installation.api
        wanted = {"name": NODE_NAME, "ae_title": AE_TITLE, "port": port, "enabled": True}
        known = [node for node in api.get("/store-nodes")["items"] if node["name"] == NODE_NAME]
        node = api.patch(f"/store-nodes/{known[0]['id']}", wanted) if known else api.post("/store-nodes", wanted)
        installation.wait(
            # A node that had another port answers there for a moment.
            lambda: not is_free(port) and bool(api.post(f"/store-nodes/{node['id']}/echo", {})["alive"]),
            for_what="the store node answers C-ECHO",
            timeout_s=60,
        )


def send_samples(samples: list[Sample], port: int, progress: Progress) -> None:
    """Sends every sample in an association of its own."""
    with progress.step(f"Sending {len(samples)} sample dose reports by C-STORE"):
        for sample in samples:
            send(sample, called_ae_title=AE_TITLE, port=port)


def await_studies(installation: Installation, samples: list[Sample], progress: Progress) -> list[dict[str, Any]]:
    """Waits until every sample is in PostgreSQL; returns the studies as the API lists them."""
    wanted = {sample.study_instance_uid for sample in samples}

    def studies() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = installation.api.get("/studies", limit=500)["items"]
        return [study for study in listed if study["study_instance_uid"] in wanted]

    with progress.step("Waiting until they are in PostgreSQL"):
        installation.wait(
            lambda: {study["study_instance_uid"] for study in studies()} == wanted,
            for_what="all samples are imported",
            timeout_s=60,
        )
    return sorted(studies(), key=lambda study: (study["study_date"], study["study_time"]))


def table(studies: list[dict[str, Any]]) -> Table:
    """The studies with their dose, for a person; no wider than 80 characters."""
    shown = Table(title="Studies", title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("Date", "Class", "Station"):
        shown.add_column(heading, no_wrap=True)
    shown.add_column("Study", overflow="fold")
    for heading in ("Events", "DLP\nmGy·cm", "DAP\nGy·cm²", "Dose RP\nmGy"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for study in studies:
        shown.add_row(
            study["study_date"],
            study["modality"],
            study["station_name"],
            study["study_description"],
            str(study["events_count"]),
            number(study["total_dlp_mgy_cm"], 1, 1),
            number(study["total_dap_gy_m2"], 1e4, 3),
            number(study["total_rp_dose_gy"], 1e3, 1),
        )
    return shown


def number(value: float | None, factor: float, digits: int) -> str:
    """A dose in the unit of its column; a dash for none."""
    return "-" if value is None else f"{value * factor:.{digits}f}"


if __name__ == "__main__":
    main()
