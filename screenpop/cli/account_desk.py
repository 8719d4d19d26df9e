"""The accounts as commands work with them, with or without a running app."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from screenpop.cli.desk import ask_app, load_settings, settings_file, tell_app
from screenpop.domain.errors import (
    ConfigurationError,
    InstanceError,
    ScreenpopError,
    UsageError,
)
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from screenpop.config.paths import Paths
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.config.settings import Settings
    from screenpop.services.accounts import Accounts
    from screenpop.services.connections import Connection, Connections


@frozen
class AccountDesk:
    """Everything a command needs to talk to vendors.

    Attributes:
        app: What the running app says of itself; empty when it does not run.
    """

    paths: Paths
    settings: Settings
    secrets: KeychainSecretStore
    connections: Connections
    accounts: Accounts
    app: Mapping[str, Any]

    async def hook_url(self, account_id: str) -> str:
        """The account's callback URL, which holds a secret.

        Raises:
            ConfigurationError: The vendor has no way to reach us.
            UsageError: It calls the team's relay.
        """
        if self.connections.get(account_id).is_relayed:
            raise UsageError(
                "The calls of this account come by the team's relay",
                "Whoever runs it sees its addresses with “screenpop relay hooks”.",
            )
        await self.connections.hook_token(account_id)
        url = self.accounts.hook_url(account_id)
        if url:
            return url
        if not self.settings.listener.port and not self.app:
            raise ConfigurationError(
                "The port that vendors call is not known while the app is not running",
                "Start screenpop, or set listener.port in the settings.",
            )
        raise ConfigurationError(
            "The phone system has no way to reach this computer",
            "Set listener.public_url in the settings to an address that leads here.",
        )

    def tell_app(self) -> None:
        """Have the running app, if there is one, read the settings again."""
        tell_app(self.paths, "reload")


@asynccontextmanager
async def open_accounts(paths: Paths) -> AsyncIterator[AccountDesk]:
    """All configured accounts, opened beside the running app if there is one."""
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.services.accounts import Accounts
    from screenpop.services.callback_url import callback_url
    from screenpop.services.connections import Connections

    settings = load_settings(paths).settings
    file = settings_file(paths)
    secrets = KeychainSecretStore(environment=os.environ)
    connections = Connections(secrets)
    connections.adopt(settings)
    app = app_facts(paths)
    port = listener_port(app) or settings.listener.port

    def url_of(connection: Connection) -> str:
        return callback_url(connection, settings.listener, port)

    accounts = Accounts(
        file=file,
        secrets=secrets,
        connections=connections,
        states=tuple,
        callback_url=url_of,
        reload=lambda: file.load().settings,
    )
    try:
        yield AccountDesk(paths, settings, secrets, connections, accounts, app)
    finally:
        await connections.aclose()


def app_facts(paths: Paths) -> Mapping[str, Any]:
    """What the running app says of itself; empty when it does not run or answer."""
    try:
        return ask_app(paths, "status", {})
    except InstanceError:
        return {}
    except ScreenpopError as error:
        from screenpop.cli.output import warn

        warn(f"screenpop: the running app did not say how it is: {error.title}")
        return {}


def listener_port(app: Mapping[str, Any]) -> int:
    """Where the running app takes webhooks; 0 when it does not."""
    listener = app.get("listener", {})
    return int(listener.get("port", 0)) if listener.get("is_running") else 0
