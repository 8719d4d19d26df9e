"""Calls to a Tryton server as a signed-in user: JSON-RPC with a session header.

There is no API document beyond the server itself: paths, session header and errors are
as in ``trytond/protocols`` of trytond 8.2.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.lookup.source_http import Nobody, SourceHttp
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.json_fields import JsonValue
    from screenpop.lookup.manifest import SourceContext

_log = logging.getLogger(__name__)

_GOODBYE_SECONDS: Final = 2.0


class Session:
    """A signed-in user: the session is made when needed and again when it ended."""

    def __init__(self, context: SourceContext, database: str, user: str) -> None:
        self.path = f"/{quote(database, safe='')}/rpc/"
        self._context = context
        self._database = database
        self._user = user
        self._header = ""
        self._signing_in = asyncio.Lock()
        self._is_closed = False
        self._http = SourceHttp(context, service=context.label, authority=Nobody())

    async def headers(self) -> Mapping[str, str]:
        """The session, after signing in if there is none.

        Raises:
            AuthenticationFailed: Name or password is wrong, or more is wanted.
            ConfigurationError: There is no such database.
        """
        async with self._signing_in:
            if not self._header:
                self._header = await self._sign_in()
            return {"Authorization": self._header}

    async def refused(self) -> bool:
        """The session has ended; signing in again may help."""
        self._header = ""
        return not self._is_closed

    async def _sign_in(self) -> str:
        password = (await self._context.read_secret("password")).reveal()
        answer = await self._log_in({"password": password})
        items = answer if isinstance(answer, list) else []
        user_id, token = (*items[:2], None, None)[:2]
        if not isinstance(user_id, int) or not isinstance(token, str) or not token:
            raise PayloadError(tr("{label} gave no session", label=self._context.label))
        session = f"{self._user}:{user_id}:{token}".encode()
        return f"Session {base64.b64encode(session).decode('ascii')}"

    async def _log_in(self, parameters: dict[str, JsonValue]) -> JsonValue:
        arguments: list[JsonValue] = [self._user, parameters]
        # Before Tryton 7.8 the path had no "rpc".
        older = f"/{quote(self._database, safe='')}/"
        for path in dict.fromkeys((self.path, older)):
            try:
                answer = await call(self._http, path, "common.db.login", arguments)
            except (NotFound, RequestRejected):
                continue
            except AuthenticationFailed:
                raise AuthenticationFailed(
                    tr(
                        "{label} does not accept the name and password",
                        label=self._context.label,
                    ),
                    tr("Check the setting user and enter the password again."),
                ) from None
            self.path = path
            return answer
        raise ConfigurationError(
            tr("{label} has no such database", label=self._context.label),
            tr("Check the settings base_url and database."),
        )

    async def sign_out(self, http: SourceHttp) -> None:
        """Give the session back, as far as that works; ``http`` is what carries it."""
        self._is_closed = True
        if self._header:
            try:
                await call(
                    http,
                    self.path,
                    "common.db.logout",
                    [],
                    timeout_seconds=_GOODBYE_SECONDS,
                )
            except (ProviderError, PayloadError) as error:
                # It ends by itself, too, after the time that the server sets.
                _log.debug(
                    "no sign-out at %s: %s", self._context.source_id, error.title
                )
        await self._http.aclose()


async def call(
    http: SourceHttp,
    path: str,
    method: str,
    arguments: list[JsonValue],
    *,
    timeout_seconds: float | None = None,
) -> JsonValue:
    """What a method of the server returns.

    Raises:
        ProviderError: By kind; Tryton tells most faults in an answer of status 200.
        PayloadError: The answer is not one of JSON-RPC.
    """
    body: JsonValue = {"id": 1, "method": method, "params": arguments}
    reply = await http.request("POST", path, json=body, timeout_seconds=timeout_seconds)
    answer = reply.json()
    if not isinstance(answer, dict):
        raise PayloadError(
            tr("{service} gave an answer that cannot be read", service=reply.service)
        )
    if "error" in answer:
        raise _fault(answer["error"], reply.service)
    return answer.get("result")


def _fault(error: JsonValue, service: str) -> ProviderError:
    """The error that a Tryton exception stands for; its text may name anybody."""
    kind = error[0] if isinstance(error, list) and error else error
    if kind == "LoginException":
        return AuthenticationFailed(
            tr("{service} wants more than a password to sign in", service=service),
            tr("Use a user of its own who signs in by password alone."),
        )
    if kind in ("UserError", "UserWarning"):
        return PermissionDenied(
            tr("{service} does not allow the question", service=service),
            tr("The user needs the right to read parties and contact mechanisms."),
        )
    if isinstance(kind, str) and "party." in kind:
        return RequestRejected(
            tr("{service} has no parties", service=service),
            tr("Activate Tryton's module “party”."),
        )
    return ProviderUnavailable(
        tr("{service} reports a fault of its own", service=service)
    )
