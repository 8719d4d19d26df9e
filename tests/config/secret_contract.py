"""What every store of secrets does, whatever it keeps them in."""

from __future__ import annotations

import pytest

from screenpop.config.secrets import SecretStore, new_hook_token
from screenpop.domain.errors import SecretError, SecretMissing
from screenpop.domain.privacy import Secret

ACCOUNT = "contract-test"


class SecretStoreContract:
    """Inherit, and give a fixture ``store`` that holds nothing of ``ACCOUNT``."""

    async def test_what_was_stored_is_given_back(self, store: SecretStore) -> None:
        await store.set(ACCOUNT, "api_key", Secret("abc-123"))
        assert await store.get(ACCOUNT, "api_key") == Secret("abc-123")

    async def test_a_second_value_replaces_the_first(self, store: SecretStore) -> None:
        await store.set(ACCOUNT, "api_key", Secret("first"))
        await store.set(ACCOUNT, "api_key", Secret("second"))
        assert await store.get(ACCOUNT, "api_key") == Secret("second")

    async def test_names_and_accounts_are_kept_apart(self, store: SecretStore) -> None:
        await store.set(ACCOUNT, "api_key", Secret("key!"))
        await store.set(ACCOUNT, "hook_token", Secret("token!"))
        assert await store.get(ACCOUNT, "api_key") == Secret("key!")
        with pytest.raises(SecretMissing):
            await store.get(f"{ACCOUNT}-2", "api_key")

    @pytest.mark.parametrize(
        "value",
        ["x", "x" * 1200, "ключ-🔑", " blanks around ", 'quote " and \\ slash', "%40"],
    )
    async def test_any_text_comes_back_unchanged(
        self, store: SecretStore, value: str
    ) -> None:
        await store.set(ACCOUNT, "api_key", Secret(value))
        assert (await store.get(ACCOUNT, "api_key")).reveal() == value

    async def test_what_was_never_stored_is_missing_with_advice(
        self, store: SecretStore
    ) -> None:
        with pytest.raises(SecretMissing) as caught:
            await store.get(ACCOUNT, "api_key")
        assert ACCOUNT in caught.value.title
        assert f"screenpop account set-secret {ACCOUNT} api_key" in caught.value.advice

    async def test_what_was_deleted_is_missing(self, store: SecretStore) -> None:
        await store.set(ACCOUNT, "api_key", Secret("abc-123"))
        await store.delete(ACCOUNT, "api_key")
        with pytest.raises(SecretMissing):
            await store.get(ACCOUNT, "api_key")

    async def test_deleting_nothing_is_fine(self, store: SecretStore) -> None:
        await store.delete(ACCOUNT, "api_key")

    @pytest.mark.parametrize("value", ["", "x" * 1201])
    async def test_no_secret_and_a_whole_document_are_refused(
        self, store: SecretStore, value: str
    ) -> None:
        with pytest.raises(SecretError) as caught:
            await store.set(ACCOUNT, "api_key", Secret(value))
        assert "x" * 20 not in str(caught.value)

    async def test_every_value_seen_is_known_to_the_redaction(
        self, store: SecretStore
    ) -> None:
        token = new_hook_token()
        await store.set(ACCOUNT, "hook_token", token)
        assert token.reveal() in store.known_values()
