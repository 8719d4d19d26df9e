"""The guards of tests/conftest.py do what the other tests rely on."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from typing import TYPE_CHECKING

import keyring
import keyring.errors
import pytest

from tests.guards import NETWORK_GUARD, LogGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def guard() -> Iterator[LogGuard]:
    guard = LogGuard()
    guard.start(expected=[])
    yield guard
    guard.stop()


@pytest.mark.expects_log("WARNING a: strange")
def test_an_unannounced_warning_is_a_complaint(guard: LogGuard) -> None:
    logging.getLogger("a").warning("strange")
    assert guard.stop() == ["unexpected log line: WARNING a: strange"]


@pytest.mark.expects_log("strange")
def test_an_announced_warning_is_not(guard: LogGuard) -> None:
    guard.expect("str.nge")
    logging.getLogger("a").warning("strange")
    assert guard.stop() == []


def test_an_announced_warning_has_to_come(guard: LogGuard) -> None:
    guard.expect("strange")
    assert guard.stop() == ["expected log line did not come: strange"]


async def test_the_exception_of_a_lost_task_is_a_complaint(
    guard: LogGuard, expects_log: Callable[[str], None]
) -> None:
    expects_log("Task exception was never retrieved")

    async def fail() -> None:
        raise LookupError("lost")

    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert "LookupError('lost')" in guard.stop()[0]


def test_no_connection_leaves_this_machine() -> None:
    with socket.socket() as sock, pytest.raises(OSError, match="unreachable"):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="unreachable"):
        socket.getaddrinfo("example.com", 80)
    assert NETWORK_GUARD.attempts == ["192.0.2.1", "example.com"]
    NETWORK_GUARD.attempts.clear()


def test_invalid_names_just_fail() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("pbx.invalid", 80)


async def test_loopback_is_open(loop: asyncio.AbstractEventLoop) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "localhost")
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    assert loop is asyncio.get_running_loop()


def test_home_and_environment_are_the_tests_own(tmp_path: Path) -> None:
    home = tmp_path / ".home"
    assert os.environ["HOME"] == str(home)
    assert os.environ["SCREENPOP_HOME"] == str(home / "screenpop")
    assert len(os.environ["XDG_RUNTIME_DIR"]) < 60
    foreign = {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "SSL_CERT_FILE", "HTTPS_PROXY"}
    assert not foreign & set(os.environ)


def test_there_is_no_keychain_unless_a_test_asks_for_it() -> None:
    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("screenpop", "acme/key")
