"""What a vendor handed over goes with its account, whatever it was called."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from screenpop.config.secrets import KeychainSecretStore, MemorySecretStore
from screenpop.domain.errors import SecretError, SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.services.handed_secrets import HandedSecrets

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore

ACCOUNT, OTHER = "handed-test", "handed-test-2"
MANY = [f"click_to_call_{number}" for number in range(100, 220)]


class HandedSecretsContract:
    """Inherit, and give a fixture ``store`` that holds nothing of both accounts."""

    async def test_all_of_one_account_goes_and_nothing_of_another(
        self, store: SecretStore
    ) -> None:
        handed = HandedSecrets(store)
        await handed.keep(ACCOUNT, "click_to_call_101", Secret("first"))
        await handed.keep(ACCOUNT, "click_to_call_101", Secret("second"))
        await handed.keep(ACCOUNT, "webhook_ids", Secret("{}"))
        await handed.keep(OTHER, "click_to_call_101", Secret("theirs"))
        assert await store.get(ACCOUNT, "click_to_call_101") == Secret("second")
        # As after a restart, and from the command line.
        later = HandedSecrets(store)
        assert await later.names(ACCOUNT) == ("click_to_call_101", "webhook_ids")
        await later.forget(ACCOUNT)
        for name in ("click_to_call_101", "webhook_ids", "handed_names"):
            with pytest.raises(SecretMissing):
                await store.get(ACCOUNT, name)
        assert await store.get(OTHER, "click_to_call_101") == Secret("theirs")
        await later.forget(OTHER)
        assert await later.names(OTHER) == ()


class TestInMemory(HandedSecretsContract):
    @pytest.fixture
    def store(self) -> MemorySecretStore:
        return MemorySecretStore()

    async def test_the_names_of_a_whole_company_find_room(
        self, store: MemorySecretStore
    ) -> None:
        handed = HandedSecrets(store)
        for name in MANY:
            await handed.keep(ACCOUNT, name, Secret("set-up"))
        later = HandedSecrets(store)
        assert list(await later.names(ACCOUNT)) == MANY
        await later.forget(ACCOUNT)
        assert store._secrets == {}

    async def test_two_programs_forget_nothing_of_each_other(
        self, store: MemorySecretStore
    ) -> None:
        app, command = HandedSecrets(store), HandedSecrets(store)
        await app.keep(ACCOUNT, "one", Secret("1"))
        await command.keep(ACCOUNT, "two", Secret("2"))
        await app.keep(ACCOUNT, "three", Secret("3"))
        assert set(await app.names(ACCOUNT)) == {"one", "two", "three"}

    async def test_what_could_not_be_deleted_is_still_known(self) -> None:
        store = Stubborn()
        handed = HandedSecrets(store)
        await handed.keep(ACCOUNT, "one", Secret("1"))
        with pytest.raises(SecretError):
            await handed.forget(ACCOUNT)
        store.is_stubborn = False
        await HandedSecrets(store).forget(ACCOUNT)
        assert store._secrets == {}


class Stubborn(MemorySecretStore):
    """Deletes nothing until it is told to."""

    is_stubborn = True

    async def delete(self, account_id: str, name: str) -> None:
        if self.is_stubborn:
            raise SecretError("The keychain failed")
        await super().delete(account_id, name)


@pytest.mark.keyring
class TestInTheKeychain(HandedSecretsContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[KeychainSecretStore]:
        async with contextlib.AsyncExitStack() as stack:
            store = KeychainSecretStore(timeout_seconds=30)
            for account in (ACCOUNT, OTHER):
                for name in ("click_to_call_101", "webhook_ids", "handed_names"):
                    await store.delete(account, name)
                    stack.push_async_callback(store.delete, account, name)
            yield store
