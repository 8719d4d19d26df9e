"""HTTP for contact sources: one client each, its key read late and read again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.errors import AuthenticationFailed, ProviderThrottled
from screenpop.net import DEFAULT_MAX_BYTES, HttpClient
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.lookup.manifest import SourceContext

# Not a question of the form: whoever wants it writes it into config.toml.
ALLOW_PLAIN_HTTP_OPTION: Final = "allow_plain_http"


class Authority(Protocol):
    """Makes requests count as the user's."""

    async def headers(self) -> Mapping[str, str]:
        """What every request carries.

        Raises:
            ScreenpopError: There is no key, or it cannot be used.
        """
        ...

    async def refused(self) -> bool:
        """A request was refused (401); whether it is worth trying once more."""
        ...


class Nobody:
    """A source that is open to everybody."""

    async def headers(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    async def refused(self) -> bool:
        """There is nothing to try."""
        return False


class KeyHeader:
    """A key from the keychain in a header of every request."""

    def __init__(
        self,
        context: SourceContext,
        *,
        secret_name: str,
        header: str = "Authorization",
        prefix: str = "",
    ) -> None:
        """The key is not read yet.

        Args:
            context: Whose keychain.
            secret_name: Which secret.
            header: The header that carries it.
            prefix: What stands before it, with a blank at its end: "Bearer ".
        """
        self._context = context
        self._secret_name = secret_name
        self._header = header
        self._prefix = prefix
        self._key = ""

    async def headers(self) -> Mapping[str, str]:
        """The header with the key."""
        if not self._key:
            secret = await self._context.read_secret(self._secret_name)
            self._key = sendable(secret.reveal(), self._context.label)
        return {self._header: f"{self._prefix}{self._key}"}

    async def refused(self) -> bool:
        """Read the key anew next time, as another may have been entered meanwhile."""
        self._key = ""
        return False


class PasswordHeader:
    """User name and password in every request (HTTP Basic, RFC 7617)."""

    def __init__(self, context: SourceContext, *, user: str, secret_name: str) -> None:
        """The password is not read yet."""
        self._context = context
        self._user = user
        self._secret_name = secret_name
        self._value = ""

    async def headers(self) -> Mapping[str, str]:
        """The header with both."""
        if not self._value:
            secret = await self._context.read_secret(self._secret_name)
            both = f"{self._user}:{secret.reveal()}".encode()
            self._value = base64.b64encode(both).decode("ascii")
        return {"Authorization": f"Basic {self._value}"}

    async def refused(self) -> bool:
        """Read the password anew next time."""
        self._value = ""
        return False


def sendable(key: str, label: str) -> str:
    """A key as a header can carry it.

    Raises:
        AuthenticationFailed: It is empty or holds what no key has.
    """
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise AuthenticationFailed(
            tr(
                "The key for {label} is empty or holds characters that no key has",
                label=label,
            )
        )
    return key


def asks_to_wait(reply: HttpReply) -> ProviderThrottled | None:
    """For ``read_refusal``: an answer that says after how long to try again."""
    if reply.status not in (429, 503, 504) or reply.retry_after_seconds is None:
        return None
    return ProviderThrottled(
        tr("{service} asks for fewer requests", service=reply.service),
        retry_after_seconds=reply.retry_after_seconds,
    )


class SourceHttp:
    """Requests of one source."""

    def __init__(
        self,
        context: SourceContext,
        *,
        service: str,
        authority: Authority,
        base_url: str = "",
    ) -> None:
        """Check the address; nothing is opened yet.

        Args:
            context: The source's.
            service: The product's name, for error texts.
            authority: Makes requests count as the user's.
            base_url: Another address than the context's.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        allowed = context.options.get(ALLOW_PLAIN_HTTP_OPTION, "")
        self._http = HttpClient(
            base_url or context.base_url,
            service=service,
            allow_plain_http=allowed.casefold() == "true",
            timeout_seconds=max(context.deadline_seconds, 1.0),
        )
        self._authority = authority

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "application/json",
        timeout_seconds: float | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> HttpReply:
        """Send one request, again once where a fresh sign-in may help.

        The rest as ``HttpClient.request``.

        Raises:
            SecretError: The keychain gives no key.
            ProviderError: By kind, see ``screenpop.domain.errors``.
        """
        for is_last in (False, True):
            own = await self._authority.headers()
            try:
                return await self._http.request(
                    method,
                    path,
                    params=params,
                    json=json,
                    data=data,
                    content=content,
                    headers={**(headers or {}), **own},
                    accept=accept,
                    timeout_seconds=timeout_seconds,
                    max_bytes=max_bytes,
                    read_refusal=read_refusal,
                )
            except AuthenticationFailed:
                if not await self._authority.refused() or is_last:
                    raise
        raise AssertionError("the last try returns or raises")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
