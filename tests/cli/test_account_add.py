"""``screenpop account add``: tried out first, keys in the keychain only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from screenpop.config.secrets import KeychainSecretStore
from screenpop.simulator import parse_faults

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from tests.cli.conftest import Home, Run

ACCOUNT = "added-by-a-test"
PATIENCE = 20


@pytest.fixture
def keychain() -> Iterator[KeychainSecretStore]:
    """The real keychain, without what an earlier run may have left."""
    store = KeychainSecretStore(timeout_seconds=30)

    async def clear() -> None:
        for name in ("api_key", "hook_token"):
            await store.delete(ACCOUNT, name)

    asyncio.run(clear())
    yield store
    asyncio.run(clear())


def _stored(store: KeychainSecretStore, name: str) -> str:
    return asyncio.run(store.get(ACCOUNT, name)).reveal()


@pytest.mark.keyring
def test_an_account_is_added_checked_and_removed_with_its_keys(
    run: Run, empty_home: Home, cloud: VendorCloud, keychain: KeychainSecretStore
) -> None:
    key = cloud.credentials["api_key"]
    ran = run(
        "account", "add", "voxloud", "--id", ACCOUNT, "--base-url", cloud.base_url,
        "--extension", "102", "--label", "Harbour Bikes", "--region", "GB",
        "--dial-first", "contact", "--secret-stdin", "api_key",
        stdin=f"{key}\n",
    )  # fmt: skip
    assert (ran.status, ran.err) == (0, "")
    assert "Harbour Bikes Ltd" in ran.out
    assert key not in ran.out + empty_home.config
    assert 'dial_first = "contact"' in empty_home.config
    assert _stored(keychain, "api_key") == key
    assert len(_stored(keychain, "hook_token")) >= 43
    assert run("account", "check", ACCOUNT).status == 0
    replaced = run("account", "set-secret", ACCOUNT, "api_key", stdin="other-key\n")
    assert replaced.status == 0
    assert _stored(keychain, "api_key") == "other-key"
    assert run("account", "check", ACCOUNT).status == 1
    run("account", "set-secret", ACCOUNT, "api_key", stdin=key)
    again = run(
        "account", "add", "voxloud", "--id", ACCOUNT, "--base-url", cloud.base_url,
        "--extension", "101", stdin=key,
    )  # fmt: skip
    assert again.status == 2
    assert "already" in again.err
    removed = run("account", "remove", ACCOUNT, "--yes")
    assert (removed.status, removed.err) == (0, "")
    assert ACCOUNT not in empty_home.config
    for name in ("api_key", "hook_token"):
        with pytest.raises(Exception, match=r"No .* is stored"):
            _stored(keychain, name)


def _add(run: Run, cloud: VendorCloud, *more: str, key: str = "") -> tuple[int, str]:
    ran = run(
        "account", "add", "voxloud", "--base-url", cloud.base_url, *more,
        stdin=f"{key or cloud.credentials['api_key']}\n",
    )  # fmt: skip
    return ran.status, ran.err


def test_the_users_are_offered_when_no_extension_is_given(
    run: Run, empty_home: Home, cloud: VendorCloud
) -> None:
    status, said = _add(run, cloud)
    assert status == 2
    assert "101 Amelia Hart, 102 Rui Costa" in said


def test_an_extension_nobody_has_is_not_saved(
    run: Run, empty_home: Home, cloud: VendorCloud
) -> None:
    status, said = _add(run, cloud, "--extension", "999")
    assert status == 2
    assert "Nobody there has the extension 999" in said


def test_a_wrong_key_is_found_out_before_anything_is_saved(
    run: Run, empty_home: Home, cloud: VendorCloud
) -> None:
    status, said = _add(run, cloud, "--extension", "101", key="wrong-key-4711")
    assert status == 1
    assert "does not accept the key" in said
    assert "wrong-key-4711" not in said
    assert not (empty_home.folder / "config.toml").exists()


def test_without_a_keychain_nothing_is_saved(
    run: Run, empty_home: Home, cloud: VendorCloud
) -> None:
    status, said = _add(run, cloud, "--extension", "101")
    assert status == 1
    assert "keyring" in said
    assert not (empty_home.folder / "config.toml").exists()


def test_a_vendor_out_of_order_can_be_passed_over(
    run: Run, empty_home: Home, cloud: VendorCloud
) -> None:
    cloud.set_faults(parse_faults(["server-error=503"]))
    status, said = _add(run, cloud, "--extension", "101")
    assert (status, "out of order" in said) == (1, True)
    _, said = _add(run, cloud, "--extension", "101", "--no-check")
    assert "out of order" not in said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nobody",),
        ("voxloud", "--no-such-option"),
        ("voxloud", "--dial-first", "nobody"),
        ("voxloud", "--secret-stdin", "no_such_key"),
        ("voxloud", "--api-key", "never-as-an-argument"),
        ("voxloud", "--extension", "101"),
    ],
)
def test_wrong_usage_ends_with_two(
    run: Run, empty_home: Home, words: tuple[str, ...]
) -> None:
    ran = run("account", "add", *words)
    assert (ran.status, ran.out) == (2, "")
    assert "never-as-an-argument" not in ran.err


@pytest.mark.keyring
def test_at_a_terminal_what_is_missing_is_asked_for(
    empty_home: Home, cloud: VendorCloud, keychain: KeychainSecretStore
) -> None:
    key = cloud.credentials["api_key"]
    with _at_a_terminal("add", "voxloud", "--base-url", cloud.base_url) as terminal:
        terminal.type_at("Short name", ACCOUNT)
        terminal.type_at("API key", key)
        terminal.type_at("Whose calls", "7")
        terminal.type_at("Whose calls", "2")
        assert terminal.process.wait(PATIENCE) == 0
        shown = terminal.rest()
    assert "102  Rui Costa" in shown
    assert "is added" in shown
    assert key not in shown
    assert 'extension = "102"' in empty_home.config
    assert _stored(keychain, "api_key") == key


def test_at_a_terminal_removing_is_asked_about(home: Home) -> None:
    with _at_a_terminal("remove", "acme") as terminal:
        terminal.type_at("[y/N]", "")
        assert terminal.process.wait(PATIENCE) == 0
        assert "Nothing was removed" in terminal.rest()
    assert "acme" in home.config


class Terminal:
    """A real terminal with a command in it."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self._screen = screen
        self._shown = ""
        self._read_up_to = 0

    def type_at(self, prompt: str, text: str) -> None:
        """Wait for a prompt, then type a line."""
        while prompt not in self._shown[self._read_up_to :]:
            assert self._read(), f"no prompt {prompt!r} in {self._shown!r}"
        place = self._shown.index(prompt, self._read_up_to)
        # Whatever is typed unseen is only so from when the prompt is complete.
        while ": " not in self._shown[place:]:
            assert self._read(), f"half a prompt in {self._shown!r}"
        self._read_up_to = len(self._shown)
        os.write(self._screen, f"{text}\n".encode())

    def rest(self) -> str:
        """Everything that was ever shown, once the command is over."""
        while self._read():
            pass
        return self._shown

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], PATIENCE)[0]:
            return False
        try:
            found = os.read(self._screen, 4096)
        except OSError:
            # So Linux says that nobody has the terminal open any more.
            return False
        self._shown += found.decode()
        return bool(found)


@contextlib.contextmanager
def _at_a_terminal(*words: str) -> Iterator[Terminal]:
    screen, keyboard = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "screenpop", "account", *words],
        stdin=keyboard,
        stdout=keyboard,
        stderr=keyboard,
        start_new_session=True,
    )
    os.close(keyboard)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(screen)
