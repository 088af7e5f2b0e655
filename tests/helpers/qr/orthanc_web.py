"""Orthanc with its plugin for DICOM web services."""

import json
from pathlib import Path

from tools.peers.real_pacs import Orthanc

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "dosewire", "tell-nobody-3f9c"


class OrthancWeb(Orthanc):
    """Objects come to it by C-STORE, and are asked for over the web, with a user and a password."""

    def __init__(self, *, folder: Path, web_port: int) -> None:
        super().__init__(folder=folder, destinations={})
        self._web_port = web_port

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._web_port}/dicom-web"

    def command(self) -> list[str]:
        """Add the plugin to its configuration; return how it is started."""
        command = super().command()
        configuration = Path(command[-1])
        settings = json.loads(configuration.read_text()) | {
            "Plugins": [str(PLUGIN)],
            "HttpServerEnabled": True,
            "HttpPort": self._web_port,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {USER: PASSWORD},
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }
        configuration.write_text(json.dumps(settings))
        return command
