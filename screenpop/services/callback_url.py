"""What a vendor is told to call: one rule for the app and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    if connection.hook_token is None or not port:
        return ""
    public = listener.public_url.rstrip("/")
    if not public and connection.is_on_this_machine:
        public = f"http://{listener.host}:{port}"
    if not public:
        return ""
    return f"{public}/hooks/{connection.account_id}/{connection.hook_token.reveal()}"
