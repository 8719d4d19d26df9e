"""Secrets longer than a keychain entry."""

from __future__ import annotations

import json
from itertools import count
from secrets import token_urlsafe

import pytest

from screenpop.config.redaction import Redactor
from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.errors import KeychainLocked, SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.services.long_secrets import LongSecrets

LONG = Secret("".join(f"token-{number};" for number in range(600)))
LONGER = Secret(LONG.reveal()[::-1] * 2)
SHORT = Secret("a-key")


class Keychain(MemorySecretStore):
    """Gives up at a chosen step, as when the program is killed there."""

    steps_left = -1

    def entries(self) -> set[str]:
        return {name for _, name in self._secrets}

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        self._step()
        await super().set(account_id, name, secret)

    async def delete(self, account_id: str, name: str) -> None:
        self._step()
        await super().delete(account_id, name)

    def _step(self) -> None:
        if not self.steps_left:
            raise KeychainLocked("The keychain is locked")
        self.steps_left -= 1


@pytest.mark.parametrize("first", [SHORT, LONG, LONGER])
@pytest.mark.parametrize("second", [SHORT, LONG, LONGER])
async def test_any_secret_can_take_the_place_of_any_other(
    first: Secret, second: Secret
) -> None:
    keychain = Keychain()
    secrets = LongSecrets(keychain)
    await secrets.set("crm", "tokens", first)
    await secrets.set("crm", "tokens", second)
    assert await secrets.get("crm", "tokens") == second
    await secrets.delete("crm", "tokens")
    assert keychain.entries() == set()
    with pytest.raises(SecretMissing):
        await secrets.get("crm", "tokens")


async def test_who_is_killed_while_writing_leaves_the_old_or_the_new_one() -> None:
    for steps in count():
        keychain = Keychain()
        secrets = LongSecrets(keychain)
        await secrets.set("crm", "tokens", LONG)
        keychain.steps_left = steps
        try:
            await secrets.set("crm", "tokens", LONGER)
        except KeychainLocked:
            assert await secrets.get("crm", "tokens") in (LONG, LONGER)
            keychain.steps_left = -1
            await secrets.set("crm", "tokens", LONGER)
            assert await secrets.get("crm", "tokens") == LONGER
            await secrets.delete("crm", "tokens")
            assert keychain.entries() == set()
        else:
            break
    assert steps > 10


async def test_nothing_stored_is_missing_and_can_be_deleted() -> None:
    secrets = LongSecrets(MemorySecretStore())
    await secrets.delete("crm", "tokens")
    with pytest.raises(SecretMissing):
        await secrets.get("crm", "tokens")


async def test_no_token_of_a_long_secret_stays_in_a_log() -> None:
    keychain = MemorySecretStore()
    access, refresh = token_urlsafe(1_200), token_urlsafe(900)
    kept = Secret(json.dumps({"access": access, "refresh": refresh, "use_until": 1.5}))
    await LongSecrets(keychain).set("crm", "tokens", kept)
    redacted = Redactor(keychain.known_values)
    text = redacted(f"The tokens {access} and {refresh} were refused")
    assert text.replace("*", "") == "The tokens  and  were refused"
