"""Real PACSs of the distribution for tests: DCMTK's dcmqrscp and Orthanc, and DCMTK's storescp as a destination."""

import json
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from tools.dose_objects import write
from tools.stack.child import Child
from tools.stack.ports import LOOPBACK, free_port

ENVIRONMENT = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}  # Orthanc is there


class DicomServer(ABC):
    """A DICOM server as a process: its AE title and port. A context manager."""

    returns_modalities_in_study = True
    tells_sop_classes = True

    def __init__(self, *, folder: Path, ae_title: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ae_title = ae_title
        self.port = free_port()
        self._child: Child | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Return how it is started."""

    def start(self) -> None:
        """Start it and wait until it listens."""
        name = type(self).__name__
        self._child = Child(
            name=name,
            command=self.command(),
            environment=ENVIRONMENT,
            log_file=self.folder / f"{name}.log",
            working_folder=self.folder,
        )
        self._child.start()
        deadline = time.monotonic() + 20
        while not _listens(self.port):
            self._child.check()
            assert time.monotonic() < deadline, f"{name} does not listen:\n{self._child.tail()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it and all its processes at once."""
        if self._child is not None:
            self._child.kill()

    def store(self, data_sets: Iterable[Dataset]) -> None:
        """Send it these objects with DCMTK's storescu."""
        files = self.folder / "to_store"
        files.mkdir(exist_ok=True)
        for number, data_set in enumerate(data_sets):
            write(data_set, files / f"{number:05}.dcm")
        subprocess.run(
            ["storescu", "+sd", "+r", "-R", "-aec", self.ae_title, LOOPBACK, str(self.port), str(files)],
            check=True,
            capture_output=True,
            timeout=120,
            env=ENVIRONMENT,
        )
        shutil.rmtree(files)

    def send(self, folder: Path) -> None:
        """Send it the files of a folder as they are, each in its own transfer syntax, with DCMTK's dcmsend."""
        done = subprocess.run(
            ["dcmsend", "+sd", "-aec", self.ae_title, LOOPBACK, str(self.port), str(folder)],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=ENVIRONMENT,
        )
        assert done.returncode == 0, f"dcmsend ended with {done.returncode}:\n{done.stdout}{done.stderr}"

    def __enter__(self) -> "DicomServer":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()


class Dcmqrscp(DicomServer):
    """DCMTK's image archive. `destinations`: the AE titles that it may send to, with their ports on loopback."""

    returns_modalities_in_study = False
    tells_sop_classes = False

    def __init__(
        self, *, folder: Path, ae_title: str = "PACS", destinations: Mapping[str, int], max_associations: int = 16
    ) -> None:
        super().__init__(folder=folder, ae_title=ae_title)
        self._destinations = destinations
        self._max_associations = max_associations

    def command(self) -> list[str]:
        """Write its configuration and return how it is started."""
        archive = self.folder / "archive"
        archive.mkdir(exist_ok=True)
        hosts = [f"peer{port} = ({title}, {LOOPBACK}, {port})" for title, port in self._destinations.items()]
        lines = [
            f"NetworkTCPPort = {self.port}",
            "MaxPDUSize = 16384",
            f"MaxAssociations = {self._max_associations}",
            "HostTable BEGIN",
            *hosts,
            "HostTable END",
            "AETable BEGIN",
            f"{self.ae_title} {archive} RW (9999, 1024mb) ANY",
            "AETable END",
        ]
        configuration = self.folder / "dcmqrscp.cfg"
        configuration.write_text("\n".join(lines) + "\n")
        return ["dcmqrscp", "--config", str(configuration), str(self.port)]


class Orthanc(DicomServer):
    """Orthanc without plugins. `destinations`: the AE titles that it may send to, with their ports on loopback."""

    def __init__(self, *, folder: Path, ae_title: str = "ORTHANC", destinations: Mapping[str, int]) -> None:
        super().__init__(folder=folder, ae_title=ae_title)
        self._destinations = destinations

    def command(self) -> list[str]:
        """Write its configuration and return how it is started."""
        settings = {
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "Plugins": [],
            "HttpServerEnabled": False,
            "DicomAet": self.ae_title,
            "DicomPort": self.port,
            "DicomCheckCalledAet": True,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True,
            "DicomAlwaysAllowMove": True,
            "DicomModalities": {title.lower(): [title, LOOPBACK, port] for title, port in self._destinations.items()},
        }
        configuration = self.folder / "orthanc.json"
        configuration.write_text(json.dumps(settings))
        return ["Orthanc", str(configuration)]


class Storescp(DicomServer):
    """DCMTK's storescp, which writes what it receives into a folder."""

    def __init__(self, *, folder: Path, ae_title: str = "DOSEWIRE") -> None:
        super().__init__(folder=folder, ae_title=ae_title)
        self.received = folder / "received"
        self.received.mkdir()

    def command(self) -> list[str]:
        """Return how it is started."""
        return ["storescp", "--fork", "-aet", self.ae_title, "-od", str(self.received), "+uf", str(self.port)]

    def study_instance_uids(self) -> list[str]:
        """Return the Study Instance UID of each object received."""
        return [str(dcmread(path).StudyInstanceUID) for path in self.received.iterdir()]


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
