"""``screenpop simulate``: a cloud of its own that runs until told to end."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

PATIENCE = 20


@contextmanager
def _simulating(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "screenpop", "simulate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def _read_until(process: subprocess.Popen[str], wanted: str) -> str:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if wanted in line:
            return text
    pytest.fail(f"it ended without {wanted!r}: {text}")


def _ask(port: int, key: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        path = "/api/v1/validate-auth"
        connection.request("POST", path, headers={"Voverc-Auth": key})
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_how_to_reach_it_and_ends_when_asked(number: signal.Signals) -> None:
    with _simulating("voxloud") as process:
        text = _read_until(process, "Ctrl-C")
        port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", text)[0])
        key = re.findall(r"api_key = (\S+)", text)[0]
        assert b"Harbour Bikes" in _ask(port, key)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0


def test_it_plays_calls_when_asked_to() -> None:
    with _simulating("voxloud", "--ring-every", "0.1") as process:
        text = _read_until(process, "Ctrl-C")
        assert process.stdout is not None
        assert process.stdout.readline().strip()
        assert "api_key" in text


def test_the_faults_are_listed(run: Run) -> None:
    ran = run("simulate", "--list-faults")
    assert ran.status == 0
    assert "throttle=SECONDS" in ran.out


def test_a_port_in_use_is_said_in_one_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("simulate", "voxloud", "--port", str(port))
    assert ran.status == 1
    assert f"port {port}" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nobody",),
        ("voxloud", "--fault", "no-such-fault"),
        ("voxloud", "--fault", "delay=soon"),
        ("voxloud", "--port", "70000"),
        ("voxloud", "--port", "-1"),
        ("voxloud", "--ring-every", "nan"),
    ],
)
def test_wrong_usage_ends_with_two(run: Run, words: tuple[str, ...]) -> None:
    ran = run("simulate", *words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err
