import errno
import os

import pytest

from services.store_scp.common.node_output import ListeningFailure
from services.store_scp.node.listening import why_not_listening


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EADDRINUSE, "port 104 is in use by another program; choose another port or stop it"),
        (errno.EACCES, "port 104 may not be used by an unprivileged service; choose one above 1023"),
        (errno.EADDRNOTAVAIL, "this machine has no address 10.9.9.9; correct DOSEWIRE_DICOM_BIND"),
        (errno.EMFILE, "cannot listen on 10.9.9.9 port 104: Too many open files"),
    ],
)
def test_why_a_node_cannot_listen_is_said_with_what_to_do(number: int, reason: str) -> None:
    error = OSError(number, os.strerror(number))
    failed = why_not_listening(error, address="10.9.9.9", port=104)
    assert failed.reason == reason
    assert (failed.cause is ListeningFailure.PORT_IN_USE) == (number == errno.EADDRINUSE)
