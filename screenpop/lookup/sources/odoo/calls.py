"""The two ways into Odoo: JSON-2 (19 and newer) and JSON-RPC (18 and older).

Written from Odoo's public reference: "External JSON-2 API" and "External RPC API"
(https://www.odoo.com/documentation, Developer, Reference).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    NotOffered,
    PayloadError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.http_replies import said
from screenpop.domain.json_fields import FieldReader
from screenpop.lookup.crm_records import not_allowed, object_in
from screenpop.lookup.source_http import KeyHeader, Nobody, SourceHttp
from screenpop.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.errors import ProviderError, ScreenpopError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.lookup.manifest import SourceContext

SERVICE: Final = "Odoo"
_KEY: Final = "key"
_NEW_KEY: Final = marked(
    "Enter the key again. Odoo's keys last three months at most: make a new one under "
    "Preferences, Account Security."
)
_SESSION_EXPIRED: Final = 100
_NOT_FOUND: Final = 404


class OdooCalls(Protocol):
    """Calls methods of Odoo's models as the key's owner."""

    async def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] = (),
        **arguments: JsonValue,
    ) -> JsonValue:
        """What the method returns.

        Raises:
            SecretError: The keychain gives no key.
            ConfigurationError: Odoo has no such database.
            ProviderError: By kind, see ``screenpop.domain.errors``.
            PayloadError: The answer cannot be read.
        """
        ...

    async def user_id(self) -> int:
        """The id of the key's owner; raises as ``call``."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class JsonTwo:
    """Odoo's interface since version 19: the key alone says who asks."""

    def __init__(self, context: SourceContext, database: str) -> None:
        """Nothing is opened yet.

        Args:
            context: The source's.
            database: Which of several at one address; "" where there is one.
        """
        authority = KeyHeader(context, secret_name=_KEY, prefix="bearer ")
        self._http = SourceHttp(context, service=SERVICE, authority=authority)
        self._headers = {"X-Odoo-Database": database} if database else {}

    async def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] = (),
        **arguments: JsonValue,
    ) -> JsonValue:
        """As ``OdooCalls.call``."""
        body: dict[str, JsonValue] = dict(arguments)
        if ids:
            body["ids"] = list(ids)
        reply = await self._http.request(
            "POST",
            f"/json/2/{model}/{method}",
            json=body,
            headers=self._headers,
            read_refusal=_refusal,
        )
        return reply.json()

    async def user_id(self) -> int:
        """As ``OdooCalls.user_id``."""
        found = await self.call("res.users", "context_get")
        user = found.get("uid") if isinstance(found, dict) else None
        return _as_id(user)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()


class JsonRpc:
    """Odoo's interface until version 18: database, user name and key in every call."""

    def __init__(self, context: SourceContext, database: str, user: str) -> None:
        """Nothing is opened yet."""
        self._context = context
        self._database = database
        self._user = user
        self._key = ""
        self._user_id = 0
        self._http = SourceHttp(context, service=SERVICE, authority=Nobody())

    async def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] = (),
        **arguments: JsonValue,
    ) -> JsonValue:
        """As ``OdooCalls.call``."""
        user = await self.user_id()
        positional: list[JsonValue] = [list(ids)] if ids else []
        return await self._ask(
            "object",
            "execute_kw",
            [self._database, user, self._key, model, method, positional, arguments],
        )

    async def user_id(self) -> int:
        """As ``OdooCalls.user_id``."""
        if not self._user_id:
            secret = await self._context.read_secret(_KEY)
            self._key = secret.reveal().strip()
            found = await self._ask(
                "common", "authenticate", [self._database, self._user, self._key, {}]
            )
            if found is False:
                raise _refused_key()
            self._user_id = _as_id(found)
        return self._user_id

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _ask(
        self, service: str, method: str, arguments: list[JsonValue]
    ) -> JsonValue:
        body: JsonValue = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": arguments},
            "id": 1,
        }
        try:
            reply = await self._http.request(
                "POST", "/jsonrpc", json=body, read_refusal=_refusal
            )
            reply.json()
            answer = object_in(reply)
            error = answer.child("error")
            if error is not None:
                raise _fault(reply, error)
        except AuthenticationFailed:
            # Another key may have been entered meanwhile.
            self._user_id, self._key = 0, ""
            raise
        if "result" not in answer.source:
            raise PayloadError(
                tr("{service} gave an answer that cannot be read", service=SERVICE)
            )
        return answer.source["result"]


def _as_id(value: JsonValue) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise PayloadError(tr("Odoo does not say whose key it is"))


def _refused_key() -> AuthenticationFailed:
    return AuthenticationFailed(
        tr("{service} does not accept the key", service=SERVICE), tr_marked(_NEW_KEY)
    )


def _refusal(reply: HttpReply) -> ProviderError | None:
    """What a status other than 2xx means ("Response", "API Keys")."""
    is_odoos_own = bool(object_in(reply).text("name"))
    if reply.status == 401:
        return _refused_key()
    if reply.status == 403:
        return not_allowed(reply)
    if (reply.status == 404 and not is_odoos_own) or 300 <= reply.status < 400:
        return NotOffered(
            tr("At this address there is no Odoo with this interface"),
            tr(
                "Odoo 18 and older want database and user name as well; newer ones "
                "want "
                "the user name left empty."
            ),
        )
    return None


def _fault(reply: HttpReply, error: FieldReader) -> ScreenpopError:
    """The error that an answer of JSON-RPC holds; its status is always 200."""
    code = error.number("code")
    details = error.child("data") or FieldReader({})
    name = details.text("name").rpartition(".")[2]
    own_words = replace(reply, body=json.dumps(details.source).encode())
    if code == _SESSION_EXPIRED or name in ("AccessDenied", "SessionExpiredException"):
        return _refused_key()
    if name in ("AccessError", "Forbidden"):
        return not_allowed(own_words)
    if code == _NOT_FOUND or name in ("MissingError", "NotFound"):
        return NotFound(tr("{service} does not know it", service=SERVICE))
    if name in ("UserError", "ValidationError", "ValueError", "KeyError"):
        return RequestRejected(
            tr("{service} did not accept the request", service=SERVICE), said(own_words)
        )
    if name == "OperationalError":
        return ConfigurationError(
            tr("Odoo cannot open this database"), tr("Check the name of the database.")
        )
    return ProviderUnavailable(
        tr("{service} is out of order at the moment", service=SERVICE)
    )
