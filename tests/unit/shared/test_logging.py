import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from shared.logging import configure, get_logger


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    yield
    logging.captureWarnings(capture=False)
    threading.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_service_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="importer")
    get_logger("x").info("imported", trace_id="0" * 32)
    (line,) = lines(capsys)
    assert line["service"] == "importer"
    assert line["event"] == "imported"
    assert line["trace_id"] == "0" * 32
    assert str(line["timestamp"]).endswith("Z")


def test_other_threads_name_the_service_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="importer")
    thread = threading.Thread(target=lambda: get_logger("x").info("here"))
    thread.start()
    thread.join()
    assert lines(capsys)[0]["service"] == "importer"


def test_libraries_log_in_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="qr")
    logging.getLogger("a.library").warning("careful with %s", "that")
    (line,) = lines(capsys)
    assert line["event"] == "careful with that"
    assert line["level"] == "warning"


@pytest.mark.parametrize("library", ["pynetdicom.events", "pika.adapters", "pydicom"])
def test_libraries_never_log_data_sets(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="store_scp", level="debug")
    logging.getLogger(library).debug("Doe^Jane")
    logging.getLogger(library).info("Doe^Jane")
    assert capsys.readouterr().err == ""


def test_console_format_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="importer", log_format="console")
    get_logger("x").info("imported")
    printed = capsys.readouterr().err
    assert "imported" in printed
    assert not printed.startswith("{")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_field_writes_neither_lines_nor_colours_of_its_own(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(service="store_scp", log_format=log_format)
    get_logger("x").info("association rejected", calling_ae_title="\x1b[2J\x1b[31mRED\r\nforged")
    printed = capsys.readouterr().err
    assert printed.removesuffix("\n").isprintable()
    assert "forged" in printed


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_variables(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="importer", log_format=log_format)

    def fails(patient_name: str) -> None:
        raise RuntimeError(f"{len(patient_name)} characters")

    try:
        fails("".join(("Doe", "^", "Jane")))
    except RuntimeError as error:
        get_logger("x").error("failed", exc_info=error)
    printed = capsys.readouterr().err
    assert "8 characters" in printed
    assert "test_logging.py" in printed
    assert "Doe^Jane" not in printed


def test_errors_of_the_dicom_library_do_not_quote_the_peer(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="store_scp")
    try:
        int("Doe^Jane")
    except ValueError:
        logging.getLogger("pynetdicom.assoc").exception("bad value %s", "Doe^Jane")
    printed = capsys.readouterr().err
    assert "Doe" not in printed
    assert "test_errors_of_the_dicom_library_do_not_quote_the_peer" in printed
    assert "ValueError" in printed


def test_warnings_do_not_quote_the_object() -> None:
    program = """
import logging, warnings
from shared.logging import configure
configure(service="importer")
logging.getLogger("pydicom").warning("invalid value %r", "Doe^Jane")
warnings.warn("invalid value: 'Doe^Jane'")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    by_logger, by_warning = map(json.loads, run.stderr.splitlines())
    assert "Doe" not in run.stderr
    assert by_logger["event"] == "<string>.<module>, line 5"
    assert by_warning["event"] == "<string>:6: UserWarning"


def test_a_thread_that_dies_is_a_line_without_quotations(capsys: pytest.CaptureFixture[str]) -> None:
    configure(service="qr")

    def fail() -> None:
        raise ValueError("Doe^Jane")

    thread = threading.Thread(target=fail, name="reader")
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert line["event"] == "a thread has died"
    assert (line["thread"], line["error"]) == ("reader", "ValueError")
    assert "test_logging.py:" in str(line["where"])
    assert "Doe" not in json.dumps(line)
