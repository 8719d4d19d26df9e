"""The broker's configuration: nats.conf.

It holds to what nats-server 2.9 understands, the version of Debian 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from pathlib import PurePath

    from screenpop.relay.setup.keys import BrokerStatements

_HEAD: Final = """\
# The team's broker. Written by "screenpop relay init"; the statements below are signed
# and cannot be edited. Nothing in here is secret.
"""


@frozen(kw_only=True)
class BrokerPlan:
    """How the broker is run.

    Attributes:
        statements: Whom it believes.
        folder: Where it keeps its streams.
        host: Where it listens; the relays and, for ``tls://``, the desktops come here.
        web_host: Where the web server in front hands on the desktops' WebSockets.
        monitor_host: Where its health is asked for; never open to the internet.
        sync_each: Whether a message is on the disk before it is acknowledged; needs
            2.10, and without it a power cut may cost the last two minutes.
    """

    statements: BrokerStatements
    folder: PurePath
    host: str = "127.0.0.1"
    port: int = 4222
    web_host: str = "127.0.0.1"
    web_port: int = 8222
    monitor_host: str = "127.0.0.1"
    monitor_port: int = 8223
    sync_each: bool = True


def nats_conf(plan: BrokerPlan) -> str:
    """The text of nats.conf."""
    sync = "  sync_interval: always\n" if plan.sync_each else ""
    return (
        f"{_HEAD}\n"
        "server_name: screenpop\n"
        f'listen: "{plan.host}:{plan.port}"\n'
        f'http: "{plan.monitor_host}:{plan.monitor_port}"\n'
        "max_payload: 1MB\n"
        "max_connections: 20000\n"
        'write_deadline: "10s"\n'
        "\n"
        "# Desktops come by WebSocket through the web server, which does TLS.\n"
        "websocket {\n"
        f'  listen: "{plan.web_host}:{plan.web_port}"\n'
        "  no_tls: true\n"
        "}\n"
        "\n"
        "jetstream {\n"
        f'  store_dir: "{plan.folder}"\n'
        "  max_memory_store: 256MB\n"
        "  max_file_store: 20GB\n"
        f"{sync}"
        "}\n"
        "\n"
        f"{statement_lines(plan.statements, plan.folder / 'statements')}"
    )


def statement_lines(statements: BrokerStatements, folder: PurePath) -> str:
    """The part of it that says whom the broker believes.

    Args:
        statements: The operator's, and those on accounts.
        folder: Where it keeps what the operator states while it runs.
    """
    preload = "".join(
        f"  {account}: {statement}\n"
        for account, statement in statements.accounts.items()
    )
    return (
        f"operator: {statements.operator}\n"
        f"system_account: {statements.sys_account}\n"
        "resolver {\n"
        "  type: full\n"
        f'  dir: "{folder}"\n'
        "  allow_delete: false\n"
        '  interval: "2m"\n'
        "}\n"
        "resolver_preload {\n"
        f"{preload}"
        "}\n"
    )
