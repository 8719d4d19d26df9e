"""What a vendor is told to call: one rule for the app and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from screenpop.config.settings import ListenerSettings
    from screenpop.services.connections import Connection


def callback_url(connection: Connection, listener: ListenerSettings, port: int) -> str:
    """The callback URL of an account; it holds a secret.

    Args:
        connection: Whose; its hook token must have been read.
        listener: What the user set.
        port: Where the listener really listens; 0 when it does not.

    Returns:
        "" when the vendor has no way to reach us.
    """
    if connection.hook_token is None or not port or connection.is_relayed:
        return ""
    public = listener.public_url.rstrip("/")
    if not public and connection.is_on_this_machine:
        public = f"http://{listener.host}:{port}"
    if not public:
        return ""
    return f"{public}{_hook_path(connection)}"


def is_callback_url(url: str, connection: Connection) -> bool:
    """Whether a vendor's registration is this account's, on this or an earlier address.

    What stays the same whatever address and port were is the path with its secret,
    which nobody else can have.
    """
    if connection.hook_token is None:
        return False
    try:
        path = urlsplit(url.strip()).path
    except ValueError:
        return False
    return path.rstrip("/").endswith(_hook_path(connection))


def _hook_path(connection: Connection) -> str:
    token = connection.hook_token
    return f"/hooks/{connection.account_id}/{token.reveal() if token else ''}"
