"""What each account's phone system is to call, for whoever enters it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.config.settings import ListenerSettings, Settings
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import (
    SupportsEventStream,
    SupportsLiveSetup,
    SupportsPreparation,
)
from screenpop.providers.protocol import SupportsWebhook, SupportsWebhookSubscription
from screenpop.relay.setup.keys import SEALING_KEY, TeamSecrets
from screenpop.services.callback_url import callback_url
from screenpop.services.connections import HOOK_TOKEN, Connections
from screenpop.services.relay.secrets import Seal, given_secret, given_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.config.relay_settings import RelaySettings
    from screenpop.providers.abilities import SetupStep
    from screenpop.services.connections import Connection


@frozen
class HookAddress:
    """The callback address of an account.

    Attributes:
        url: It holds a secret.
        is_registered: Whether the relay tells the phone system by itself.
        steps: What somebody has to enter there by hand.
    """

    account_id: str
    url: str
    is_registered: bool
    steps: tuple[SetupStep, ...]


async def hook_addresses(
    settings: RelaySettings, given: Mapping[str, str]
) -> tuple[HookAddress, ...]:
    """The address of each account whose phone system has to call us.

    Args:
        settings: Those of the relay.
        given: The variables of secrets.env and of the environment.

    Raises:
        ConfigurationError: The keys of the team are not there.
    """
    if not given.get(SEALING_KEY):
        raise ConfigurationError(
            "The keys of the relay are not at hand",
            "Run this as a user who may read secrets.env, such as root.",
        )
    seal = Seal(TeamSecrets(given).sealing_key())
    listener = ListenerSettings(
        host=settings.host, port=settings.port, public_url=settings.public_url
    )
    connections = Connections(given_store(settings, given))
    connections.adopt(Settings(region=settings.region, accounts=settings.accounts))
    found = []
    for each in connections.all():
        is_streamed = each.able(SupportsEventStream) is not None
        if is_streamed or each.able(SupportsWebhook) is None:
            continue
        preparing = each.able(SupportsPreparation)
        if preparing is not None:
            # So that what is to be entered shows the account's own secret.
            await preparing.prepare()
        each.hook_token = given_secret(given, seal, each.account_id, HOOK_TOKEN)
        found.append(_address(each, callback_url(each, listener, settings.port)))
    await connections.aclose()
    return tuple(found)


def _address(connection: Connection, url: str) -> HookAddress:
    setup = connection.able(SupportsLiveSetup)
    return HookAddress(
        account_id=connection.account_id,
        url=url,
        is_registered=connection.able(SupportsWebhookSubscription) is not None,
        steps=setup.live_setup(url) if setup is not None else (),
    )
