import socket
import threading

from services.config_api.status.service_health import ask_service, ask_services
from shared.health import Health, HealthServer

HOST = "127.0.0.1"


def test_a_service_that_is_ready_and_one_that_is_not() -> None:
    well, ill = Health(), Health(parts=("broker", "worker"))
    ill.report("worker", ready=True)
    ill.report("broker", ready=False, detail="connection refused")
    with HealthServer(health=well, host=HOST, port=0) as one, HealthServer(health=ill, host=HOST, port=0) as other:
        urls = {"qr": f"http://{HOST}:{one.port}", "importer": f"http://{HOST}:{other.port}"}
        qr, importer = ask_services(urls)
    assert (qr.name, qr.ready, qr.detail) == ("qr", True, "")
    assert (importer.name, importer.ready, importer.detail) == ("importer", False, "broker: connection refused")


def test_a_main_loop_that_hangs() -> None:
    health = Health(beat_within=0)
    with HealthServer(health=health, host=HOST, port=0) as server:
        answer = ask_service("qr", f"http://{HOST}:{server.port}", timeout=2)
    assert not answer.ready
    assert "main loop" in answer.detail


def test_nobody_answers(free_port: int) -> None:
    answer = ask_service("qr", f"http://{HOST}:{free_port}", timeout=2)
    assert not answer.ready
    assert f"{HOST}:{free_port} does not answer" in answer.detail


def test_somebody_else_answers() -> None:
    with socket.create_server((HOST, 0)) as server:

        def answer_nonsense() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

        thread = threading.Thread(target=answer_nonsense)
        thread.start()
        answer = ask_service("qr", f"http://{HOST}:{server.getsockname()[1]}", timeout=2)
        thread.join()
    assert answer.detail == "its answer cannot be understood"
    assert not answer.ready


def test_no_services_to_ask() -> None:
    assert ask_services({}) == []
