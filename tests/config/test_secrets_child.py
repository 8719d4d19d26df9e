"""Secrets through the worker process: a real child, whatever becomes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from screenpop.config.secrets import environment_name
from screenpop.config.secrets_child import ChildSecretStore
from screenpop.domain.errors import (
    KeychainLocked,
    KeychainMissing,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from tests.config.secret_contract import SecretStoreContract
from tests.waiting import until

WORKER = (sys.executable, "-m", "screenpop", "keychain-worker")
# The worker as it is, with a keychain that does as the test wants.
_SCRIPTED = """
import os, sys, threading
from keyring import errors
from screenpop.config import secrets_worker
kept = {{}}
class Keychain:
    def get_password(self, service, entry):
        {get}
        return kept.get(entry)
    def set_password(self, service, entry, value):
        kept[entry] = value
    def delete_password(self, service, entry):
        kept.pop(entry, None)
secrets_worker.open_backend = Keychain
sys.exit(secrets_worker.serve(sys.stdin.buffer, sys.stdout.buffer))
"""


def scripted(get: str = "pass") -> tuple[str, ...]:
    return (sys.executable, "-c", _SCRIPTED.format(get=get))


class TestChildSecretStore(SecretStoreContract):
    @pytest.fixture
    def store(self) -> ChildSecretStore:
        return ChildSecretStore(scripted())


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("raise errors.KeyringLocked('x')", KeychainLocked),
        ("raise errors.InitError('x')", KeychainLocked),
        ("raise errors.NoKeyringError('x')", KeychainMissing),
        ("raise OSError('some D-Bus trouble')", SecretError),
    ],
)
async def test_trouble_of_the_keychain_is_a_typed_error_with_advice(
    failure: str, expected: type[SecretError]
) -> None:
    with pytest.raises(SecretError) as caught:
        await ChildSecretStore(scripted(failure)).get("acme", "api_key")
    assert type(caught.value) is expected
    assert caught.value.advice


async def test_the_hidden_command_says_that_there_is_no_keychain() -> None:
    """The environment of the tests names keyring's refusing backend."""
    with pytest.raises(KeychainMissing) as caught:
        await ChildSecretStore(WORKER).get("acme", "api_key")
    assert "GNOME Keyring" in caught.value.advice


async def test_a_prompt_nobody_answers_ends_with_its_process(tmp_path: Path) -> None:
    told = tmp_path / "id"
    hanging = (
        f"open({str(told)!r}, 'w').write(str(os.getpid())); threading.Event().wait()"
    )
    store = ChildSecretStore(scripted(hanging), timeout_seconds=5)
    with pytest.raises(KeychainLocked, match="prompt"):
        await store.get("acme", "api_key")
    process = int(told.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.parametrize(
    "code", ["pass", "print('nonsense')", "print('[1]')", "print('{}')"]
)
async def test_a_worker_that_fails_is_a_clear_error(code: str) -> None:
    store = ChildSecretStore((sys.executable, "-c", code))
    with pytest.raises(SecretError, match="ended unexpectedly"):
        await store.set("acme", "api_key", Secret("abc-123"))


async def test_a_worker_that_cannot_be_started_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="could not be started"):
        await ChildSecretStore((str(tmp_path / "none"),)).get("acme", "api_key")


async def test_after_a_worker_died_the_next_question_gets_another() -> None:
    store = ChildSecretStore(scripted("os._exit(1)"))
    for _ in range(2):
        with pytest.raises(SecretError, match="ended unexpectedly"):
            await store.get("acme", "api_key")
    await store.set("acme", "api_key", Secret("abc-123"))


async def test_the_worker_ends_when_nobody_asks_any_more(tmp_path: Path) -> None:
    told = tmp_path / "id"
    noting = f"open({str(told)!r}, 'w').write(str(os.getpid()))"
    store = ChildSecretStore(scripted(noting))
    with pytest.raises(SecretMissing):
        await store.get("acme", "api_key")
    process = int(told.read_text())
    until(lambda: not _runs(process), "the worker to end", seconds=30)


def test_a_worker_with_an_open_prompt_ends_with_the_app() -> None:
    process = subprocess.Popen(
        scripted("print('open', flush=True); threading.Event().wait()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"do": "get", "account": "acme", "name": "api_key"}\n')
        process.stdin.flush()
        assert process.stdout.readline() == b"open\n"
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
async def test_neither_arguments_nor_environment_hold_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment_name("other", "api_key"), "of-the-server")
    seen = tmp_path / "seen"
    noting = (
        "own = open('/proc/self/environ').read() + open('/proc/self/cmdline').read(); "
        f"open({str(seen)!r}, 'w').write(own)"
    )
    store = ChildSecretStore(scripted(noting))
    await store.set("acme", "api_key", Secret("abc-123"))
    assert await store.get("acme", "api_key") == Secret("abc-123")
    assert "abc-123" not in seen.read_text()
    assert "of-the-server" not in seen.read_text()
    assert "SCREENPOP_SECRET" not in seen.read_text()


async def test_a_server_reads_its_secrets_from_the_environment() -> None:
    environment = {"SCREENPOP_SECRET_MY_OFFICE_API_KEY": "from-env"}
    store = ChildSecretStore(("no-such-program",), environment=environment)
    assert await store.get("my-office", "api_key") == Secret("from-env")
    assert "from-env" in store.known_values()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
