"""The real keychain of a desktop session: gnome-keyring over D-Bus."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

import pytest

from screenpop.config.secrets import KeychainSecretStore
from screenpop.config.secrets_child import ChildSecretStore
from screenpop.domain.errors import KeychainMissing
from tests.config.secret_contract import ACCOUNT, SecretStoreContract

pytestmark = pytest.mark.keyring


@pytest.fixture
async def store() -> AsyncIterator[KeychainSecretStore]:
    async with contextlib.AsyncExitStack() as stack:
        store = KeychainSecretStore(timeout_seconds=30)
        for name in ("api_key", "hook_token"):
            await store.delete(ACCOUNT, name)
            stack.push_async_callback(store.delete, ACCOUNT, name)
        yield store


class TestKeychainSecretStore(SecretStoreContract):
    pass


class TestKeychainThroughItsWorker(SecretStoreContract):
    @pytest.fixture
    def store(self, store: KeychainSecretStore) -> ChildSecretStore:
        """Of its own; the other one tidies up."""
        worker = (sys.executable, "-m", "screenpop", "keychain-worker")
        return ChildSecretStore(worker, timeout_seconds=30)


async def test_the_app_and_the_command_line_share_their_secrets(
    store: KeychainSecretStore,
) -> None:
    from screenpop.domain.privacy import Secret

    worker = (sys.executable, "-m", "screenpop", "keychain-worker")
    app = ChildSecretStore(worker, timeout_seconds=30)
    await store.set(ACCOUNT, "api_key", Secret("typed"))
    assert await app.get(ACCOUNT, "api_key") == Secret("typed")
    await app.set(ACCOUNT, "hook_token", Secret("made"))
    assert await store.get(ACCOUNT, "hook_token") == Secret("made")


async def test_another_start_of_the_program_finds_the_secret(
    store: KeychainSecretStore,
) -> None:
    from screenpop.domain.privacy import Secret

    await store.set(ACCOUNT, "api_key", Secret("kept"))
    later = KeychainSecretStore(timeout_seconds=30)
    assert await later.get(ACCOUNT, "api_key") == Secret("kept")


async def test_the_doctor_learns_which_keychain_it_is(
    store: KeychainSecretStore,
) -> None:
    assert await store.check() == "SecretService"


async def test_a_plain_text_store_is_refused_though_a_keychain_runs(
    store: KeychainSecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(KeychainMissing):
        await KeychainSecretStore().get(ACCOUNT, "api_key")
    assert await store.check() == "SecretService"
