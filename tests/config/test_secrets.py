from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer
from keyring.errors import InitError, KeyringLocked

from screenpop.config import secrets as module
from screenpop.config.secrets import (
    KeychainSecretStore,
    MemorySecretStore,
    environment_name,
    new_hook_token,
)
from screenpop.domain.errors import (
    KeychainLocked,
    KeychainMissing,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from tests.config.secret_contract import SecretStoreContract
from tests.desktop_session import SESSION_MARK
from tests.requirements import require_program

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Path(__file__).with_name("own_keychain.sh")


class TestMemorySecretStore(SecretStoreContract):
    @pytest.fixture
    def store(self) -> MemorySecretStore:
        return MemorySecretStore()


class ScriptedKeyring(KeyringBackend):
    """A keychain that fails, or waits, as the test wants."""

    # Never chosen by itself: keyring registers every subclass for the whole process.
    priority = -1.0

    def __init__(
        self,
        failure: Exception | None = None,
        may_answer: threading.Event | None = None,
    ) -> None:
        self.failure = failure
        self.may_answer = may_answer

    def get_password(self, service: str, username: str) -> str | None:
        if self.may_answer is not None:
            self.may_answer.wait(30)
        if self.failure is not None:
            raise self.failure
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing is kept."""


class PromptDismissedException(Exception):
    """As SecretStorage raises it."""


def scripted_store(
    failure: Exception | None = None,
    may_answer: threading.Event | None = None,
    timeout_seconds: float = 10.0,
) -> KeychainSecretStore:
    store = KeychainSecretStore(timeout_seconds=timeout_seconds)
    store._backend = ScriptedKeyring(failure, may_answer)
    return store


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (KeyringLocked("x"), KeychainLocked),
        (InitError("x"), KeychainLocked),
        (PromptDismissedException("x"), KeychainLocked),
        (OSError("some D-Bus trouble"), SecretError),
    ],
)
async def test_trouble_of_the_keychain_is_a_typed_error_with_advice(
    failure: Exception, expected: type[SecretError]
) -> None:
    with pytest.raises(expected) as caught:
        await scripted_store(failure).get("acme", "api_key")
    assert caught.value.advice


async def test_a_prompt_nobody_answers_ends_in_a_clear_error() -> None:
    answered = threading.Event()
    store = scripted_store(may_answer=answered, timeout_seconds=0.05)
    with pytest.raises(KeychainLocked, match="prompt"):
        await store.get("acme", "api_key")
    # The late answer finds nobody waiting, and that is fine.
    answered.set()


async def test_the_loop_runs_on_while_a_prompt_is_open() -> None:
    answered = threading.Event()
    store = scripted_store(may_answer=answered)
    waiting = asyncio.create_task(store.get("acme", "api_key"))
    await asyncio.sleep(0)
    assert not waiting.done()
    answered.set()
    with pytest.raises(SecretMissing):
        await waiting


def test_a_prompt_left_open_does_not_keep_the_program_from_ending() -> None:
    script = """
import asyncio, threading
from screenpop.config.secrets import KeychainSecretStore
from screenpop.domain.errors import KeychainLocked
class Open:
    def get_password(self, service, username):
        threading.Event().wait()
async def main():
    store = KeychainSecretStore(timeout_seconds=0.05)
    store._backend = Open()
    try:
        await store.get("acme", "api_key")
    except KeychainLocked:
        print("told")
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "told\n"


async def test_without_any_keychain_the_error_says_what_to_install() -> None:
    """The environment of the tests names keyring's refusing backend."""
    with pytest.raises(KeychainMissing) as caught:
        await KeychainSecretStore().get("acme", "api_key")
    assert "GNOME Keyring" in caught.value.advice


@pytest.mark.parametrize(
    "name",
    ["keyring.backends.null.Keyring", "json.JSONDecoder", "no.such.Module", "nodots"],
)
async def test_a_keychain_that_keeps_nothing_safe_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(KeychainMissing):
        await KeychainSecretStore().get("acme", "api_key")


@pytest.fixture
def unsafe_chain() -> Iterator[None]:
    """keyring's chain with a part that is none of ours.

    Not by monkeypatch: reading the old value would open every keychain there is.
    """
    before = vars(chainer.ChainerBackend)["backends"]
    type.__setattr__(chainer.ChainerBackend, "backends", [ScriptedKeyring()])
    yield
    type.__setattr__(chainer.ChainerBackend, "backends", before)


@pytest.mark.usefixtures("unsafe_chain")
async def test_a_chain_with_one_unsafe_part_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "PYTHON_KEYRING_BACKEND", "keyring.backends.chainer.ChainerBackend"
    )
    with pytest.raises(KeychainMissing, match="does not keep secrets safe"):
        await KeychainSecretStore().get("acme", "api_key")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no D-Bus")
async def test_a_machine_without_a_bus_has_no_keychain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(KeychainMissing):
        await KeychainSecretStore().get("acme", "api_key")


async def test_a_server_reads_its_secrets_from_the_environment() -> None:
    environment = {"SCREENPOP_SECRET_MY_OFFICE_API_KEY": "from-env"}
    store = KeychainSecretStore(environment=environment)
    assert await store.get("my-office", "api_key") == Secret("from-env")
    assert "from-env" in store.known_values()


async def test_the_environment_is_not_read_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(environment_name("acme", "api_key"), "from-env")
    with pytest.raises(KeychainMissing):
        await KeychainSecretStore().get("acme", "api_key")


def test_a_hook_token_has_256_bits_and_fits_into_a_path() -> None:
    tokens = {new_hook_token().reveal() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_importing_the_module_loads_no_keyring() -> None:
    script = f"import sys, {module.__name__}; print('keyring' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "False\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no D-Bus")
def test_the_real_keychain_keeps_the_contract(tmp_path: Path) -> None:
    """Runs test_keychain.py on gnome-keyring in a D-Bus session of its own."""
    require_program("gnome-keyring-daemon")
    require_program("dbus-run-session")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "LANG", "TMPDIR") or name.startswith("COVERAGE_")
    }
    environment |= {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": os.environ["XDG_RUNTIME_DIR"],
        SESSION_MARK: "1",
    }
    pytest_call = [sys.executable, "-m", "pytest", "-q", "-m", "keyring"]
    test_file = str(Path(__file__).with_name("test_keychain.py"))
    shell = shutil.which("sh") or "sh"
    done = subprocess.run(
        ["dbus-run-session", "--", shell, str(RECIPE), *pytest_call, test_file],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
