"""Which employee is ours, and how that is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.providers.tele2.staff import EMPLOYEE_NAME
from tests.providers.contract import delivery
from tests.providers.tele2.conftest import AMELIA, paths

if TYPE_CHECKING:
    from screenpop.simulator.tele2.cloud import Tele2Cloud
    from tests.providers.tele2.conftest import Keychain, Open

NUMBER = "020 7946 0111"
FIXTURES = Path(__file__).parent / "fixtures"


def user_of_a_ring(account: Any) -> str:
    """Whose call it is when a group's number rings at Amelia's."""
    payload = json.loads((FIXTURES / "call_started.json").read_text("utf-8"))
    payload["data"]["contactID"] = int(AMELIA)
    (event,) = account.parse(delivery(json.dumps(payload).encode())).events
    return str(event.user.extension)


async def test_the_id_behind_a_number_outlives_a_restart(
    open_account: Open, keychain: Keychain, cloud: Tele2Cloud
) -> None:
    first = await open_account(extension=NUMBER)
    assert user_of_a_ring(first) == AMELIA
    await first._staff.learn()
    await first._staff.learn()
    assert user_of_a_ring(first) == NUMBER
    assert paths(cloud).count("GET /trigger/contacts") == 1
    second = await open_account(extension=NUMBER)
    await second.prepare()
    assert user_of_a_ring(second) == NUMBER
    await second._staff.learn()
    assert paths(cloud).count("GET /trigger/contacts") == 1


async def test_trying_an_account_out_keeps_nothing(
    open_account: Open, keychain: Keychain
) -> None:
    account = await open_account("stream", extension=NUMBER)
    await account.check()
    await account.list_users()
    assert list(keychain.secrets) == ["api_key"]
    assert user_of_a_ring(account) == NUMBER
    await account._staff.learn()
    assert EMPLOYEE_NAME in keychain.secrets


async def test_what_was_kept_for_another_number_is_forgotten(
    open_account: Open, keychain: Keychain
) -> None:
    keychain.secrets[EMPLOYEE_NAME] = '{"extension": "020 7946 0112"}'
    account = await open_account(extension=NUMBER)
    await account.prepare()
    assert user_of_a_ring(account) == AMELIA


@pytest.mark.parametrize("kept", ["rubbish", "[]", '{"extension": 3}'])
async def test_rubbish_in_the_keychain_is_nothing(
    open_account: Open, keychain: Keychain, kept: str
) -> None:
    keychain.secrets[EMPLOYEE_NAME] = kept
    account = await open_account(extension=NUMBER)
    await account.prepare()
    assert user_of_a_ring(account) == AMELIA


@pytest.mark.parametrize("extension", ["", AMELIA])
async def test_nobody_and_an_id_need_no_looking_up(
    open_account: Open, cloud: Tele2Cloud, extension: str
) -> None:
    account = await open_account(extension=extension)
    await account._staff.learn()
    assert cloud.requests == ()


@pytest.mark.parametrize("extension", ["+442079460999", NUMBER])
async def test_what_cannot_be_looked_up_is_not_asked_for_at_every_poll(
    open_account: Open, cloud: Tele2Cloud, extension: str
) -> None:
    if extension == NUMBER:
        cloud.forbidden_paths = frozenset({"/api/v2/trigger/contacts"})
    account = await open_account(extension=extension)
    await account._staff.learn()
    await account._staff.learn()
    assert paths(cloud).count("GET /trigger/contacts") == 1


async def test_a_keychain_that_takes_nothing_does_not_stop_calls(
    open_account: Open, keychain: Keychain
) -> None:
    keychain.is_read_only = True
    account = await open_account(extension=NUMBER)
    await account._staff.learn()
    assert user_of_a_ring(account) == NUMBER
