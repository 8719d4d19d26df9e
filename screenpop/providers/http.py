"""HTTP for adapters: one client per account, its key read late and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import AuthenticationFailed
from screenpop.net import DEFAULT_MAX_BYTES, HttpClient
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.domain.privacy import Secret
    from screenpop.providers.protocol import ProviderContext

# Not a question of the form: whoever wants it writes it into config.toml.
ALLOW_PLAIN_HTTP_OPTION = "allow_plain_http"


class KeyedHttp:
    """Requests of one account that carry its key in a header.

    The key is read from the keychain at the first request and kept until the service
    refuses it; the next request then reads it anew, so that a key entered meanwhile
    works without a restart.
    """

    def __init__(
        self,
        context: ProviderContext,
        *,
        base_url: str,
        service: str,
        header: str,
        secret_name: str,
    ) -> None:
        """Check the address; the key is not read yet.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        allowed = context.options.get(ALLOW_PLAIN_HTTP_OPTION, "")
        self._http = HttpClient(
            base_url,
            service=service,
            allow_plain_http=allowed.casefold() == "true",
            note_clock=context.note_clock,
        )
        self._read_secret = context.read_secret
        self._service = service
        self._header = header
        self._secret_name = secret_name
        self._key: Secret | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        accept: str = "application/json",
        max_bytes: int = DEFAULT_MAX_BYTES,
        send_once: bool = False,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> HttpReply:
        """Send one request with the key; the rest as ``HttpClient.request``.

        Raises:
            SecretError: The keychain gives no key.
            ProviderError: By kind, see ``screenpop.domain.errors``.
            PayloadError: The answer is too long or broken off.
        """
        key = await self._sendable_key()
        try:
            return await self._http.request(
                method,
                path,
                params=params,
                json=json,
                headers={self._header: key},
                accept=accept,
                max_bytes=max_bytes,
                send_once=send_once,
                read_refusal=read_refusal,
            )
        except AuthenticationFailed:
            self._key = None
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _sendable_key(self) -> str:
        if self._key is None:
            self._key = await self._read_secret(self._secret_name)
        key = self._key.reveal().strip()
        if not key or not key.isascii() or not key.isprintable():
            self._key = None
            raise AuthenticationFailed(
                tr(
                    "The key for {service} is empty or holds characters that no key "
                    "has",
                    service=self._service,
                )
            )
        return key
