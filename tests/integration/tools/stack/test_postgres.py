"""The private PostgreSQL: its data outlives the server process."""

import os
from pathlib import Path

import psycopg2
import pytest

from tools.stack.errors import StackError
from tools.stack.ports import is_free
from tools.stack.postgres import PrivatePostgres, drop_database, find_programs

pytestmark = pytest.mark.integration


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_data_survives_stop_kill_and_another_process(postgres_server: PrivatePostgres, server_folder: Path) -> None:
    url = postgres_server.create_database("kept")
    query(url, "CREATE TABLE t AS SELECT 42 AS answer")
    port = postgres_server.port
    postgres_server.restart()
    assert query(url, "SELECT answer FROM t") == [(42,)]
    postgres_server.kill()
    assert is_free(port)
    postgres_server.start()
    assert query(url, "SELECT answer FROM t") == [(42,)]
    postgres_server.stop()
    again = PrivatePostgres(folder=server_folder / "postgres")
    again.start()
    try:
        assert again.port == port
        assert again.has_database("kept")
        assert not again.has_database("never made")
        drop_database(again.url("postgres"), "kept")
        assert not again.has_database("kept")
    finally:
        again.kill()


def test_it_listens_on_loopback_only_and_asks_for_the_password(postgres_server: PrivatePostgres) -> None:
    url = postgres_server.url("postgres")
    assert query(url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert query(url, "SHOW unix_socket_directories") == [("",)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(url.replace("://dosewire:", "://dosewire:x"), "SELECT 1")


def test_only_tests_do_without_fsync(server_folder: Path) -> None:
    server = PrivatePostgres(folder=server_folder / "durable")
    server.start()
    try:
        assert query(server.url("postgres"), "SHOW fsync") == [("on",)]
    finally:
        server.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that nobody else may pass through")
def test_root_may_have_it_below_a_folder_of_roots_own(server_folder: Path) -> None:
    server_folder.chmod(0o700)
    server = PrivatePostgres(folder=server_folder / "postgres", durable=False)
    server.start()
    try:
        assert query(server.url("postgres"), "SELECT 1") == [(1,)]
    finally:
        server.kill()


def test_a_server_that_cannot_start_says_why(postgres_server: PrivatePostgres, server_folder: Path) -> None:
    postgres_server.stop()
    (server_folder / "postgres" / "data" / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(StackError, match=r'(?s)PostgreSQL ended.*invalid value for parameter "shared_buffers"'):
        postgres_server.start()


def test_the_newest_version_is_taken() -> None:
    assert (find_programs() / "postgres").exists()
