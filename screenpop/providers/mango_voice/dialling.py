"""Click2Call: remember where each user's calls are started, and start them once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    OutcomeUnknown,
    PayloadError,
    RequestRejected,
    SecretMissing,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, read_json
from screenpop.domain.numbers import national_significant, read_number
from screenpop.domain.privacy import Secret
from screenpop.domain.service_address import ServiceAddress
from screenpop.net import HttpClient
from screenpop.providers.http import ALLOW_PLAIN_HTTP_OPTION
from screenpop.providers.key_names import KeyNames
from screenpop.providers.mango_voice.answers import (
    is_refused,
    param_pairs,
    read_call_control,
)
from screenpop.providers.mango_voice.client import (
    SERVICE,
    quiet_refusal,
    user_base_url,
)
from screenpop.providers.mango_voice.mapping import readable_number, to_user
from screenpop.providers.mango_voice.payloads import Endpoint, endpoint_of
from screenpop.providers.mango_voice.requests import read_parameters
from screenpop.providers.protocol import OriginateReceipt
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.http_replies import HttpReply
    from screenpop.providers.mango_voice.directory import Directory
    from screenpop.providers.protocol import OriginateRequest, ProviderContext

_log = logging.getLogger(__name__)

SECRET_NAME: Final = "click_to_call"  # noqa: S105 - the name of a secret, not one
# A keychain keeps no empty text, and cannot be told to forget: this means "none".
SWITCHED_OFF: Final = "{}"
NUMBER_PARAMETER: Final = "tonumber"
VENDOR_DOMAIN: Final = "mangovoice.com"
_PLAIN_USER: Final = re.compile(r"[a-z0-9][a-z0-9_.@+-]{0,63}")
_SHORTEST_SECRET: Final = 8


@frozen
class SetUp:
    """Where one user's calls are started, and what to send there; all of it secret."""

    url: str
    parameters: tuple[tuple[str, str], ...]


class Click2Call:
    """Keeps each user's set-up in the keychain, as Mango Voice hands it over."""

    def __init__(self, context: ProviderContext, directory: Directory) -> None:
        """Remember where to keep things; nothing is read or sent."""
        self._context = context
        self._directory = directory
        self._names = KeyNames(SERVICE)
        self._clients: dict[str, HttpClient] = {}
        self._kept: dict[str, asyncio.Task[None]] = {}

    async def take(self, delivery: Delivery) -> None:
        """Keep what a ``callcontrol`` request says; safe to repeat.

        Raises:
            SecretError: The keychain does not take it, or only the rest of a request
                is left, without its secrets, and the keychain has none either.
        """
        if endpoint_of(delivery.path) is not Endpoint.CALL_CONTROL:
            return
        is_end = delivery.method == "DELETE"
        for request in read_parameters(delivery)[0]:
            payload = read_call_control(request)
            user = to_user(payload.user, self._directory)
            name = secret_name(user.extension or user.email)
            if is_end:
                await self._keep(name, Secret(SWITCHED_OFF))
                _log.info("Click2Call was switched off for a user")
            elif not payload.url:
                await self._check_not_lost(name, delivery)
            elif not self.is_ours_to_call(payload.url):
                _log.info("a Click2Call address that is none of Mango Voice's: unused")
            else:
                pairs = [{"name": k, "value": v} for k, v in payload.parameters]
                kept = {"url": payload.url, "param": pairs}
                secret = Secret(json.dumps(kept, separators=(",", ":")))
                await self._keep(name, secret)
                _log.info("Click2Call was switched on for a user")

    async def _keep(self, name: str, secret: Secret) -> None:
        """Store a secret; the same one that is being stored already is waited for.

        The vendor's answer waits for it and so do calls: a keychain that asks its user
        must be asked once.
        """
        running = self._kept.get(name)
        if running is None or running.done() or running.get_name() != _mark(secret):
            write = self._write(name, secret, running)
            running = asyncio.get_running_loop().create_task(write, name=_mark(secret))
            self._kept[name] = running
        await asyncio.shield(running)

    async def _write(
        self, name: str, secret: Secret, before: asyncio.Task[None] | None
    ) -> None:
        if before is not None and not before.done():
            # In the order in which they were handed over: the last one stays.
            await asyncio.wait((before,))
        await self._context.write_secret(name, secret)

    async def _check_not_lost(self, name: str, delivery: Delivery) -> None:
        """A kept request lacks its secrets: they must have got where they belong."""
        if delivery.source is DeliverySource.POLL:
            return
        try:
            await self._context.read_secret(name)
        except SecretMissing:
            raise SecretMissing(
                tr(
                    "{service} switched Click2Call on for a user, and the set-up "
                    "was lost",
                    service=SERVICE,
                ),
                tr("Switch Click2Call off and on for this user in its admin portal."),
            ) from None

    async def prepare(self, request: OriginateRequest) -> None:
        """Make sure that there is a set-up and that the number can be written."""
        self._written(request.number)
        await self._set_up_of(request.extension)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Ring; the one request that does so is sent at most once.

        No call id is handed on: whether an id in the answer is the one that the call's
        events bear is not documented, and a wrong one would make our own phone's ring
        a customer's.

        Raises:
            OutcomeUnknown: It was sent and no answer came.
        """
        number = self._written(request.number)
        set_up = await self._set_up_of(request.extension)
        options = self._context.options
        parameter = options.get("number_parameter", "").strip() or NUMBER_PARAMETER
        fields = {**dict(set_up.parameters), parameter: number}
        is_json = options.get("click_to_call_format", "") == "json"
        secrets = _secrets_of(set_up)
        try:
            reply = await self._client_for(set_up.url).request(
                "POST",
                set_up.url,
                json=dict(fields) if is_json else None,
                data=None if is_json else fields,
                send_once=True,
                read_refusal=quiet_refusal(secrets, send_once=True),
            )
        except (NotFound, AuthenticationFailed):
            raise NotOffered(
                tr(
                    "{service} no longer takes calls at the address it gave us",
                    service=SERVICE,
                ),
                tr("Switch Click2Call off and on for this user in its admin portal."),
            ) from None
        self._check_answer(reply)
        return OriginateReceipt()

    def names_of(self, extension: str) -> tuple[str, ...]:
        """Under which names a user's set-up may be kept, the user's own first."""
        known = self._directory.find(extension)
        keys = [extension, known.email.casefold() if known else "", ""]
        return tuple(secret_name(key) for key in dict.fromkeys(keys))

    def is_ours_to_call(self, url: str) -> bool:
        """Whether ``url`` is one that a number and our secrets may be sent to.

        Whoever learns the hook address could hand us any: only Mango Voice's own
        domain, and what the account's owner wrote down, will do.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if parts.username or parts.password or parts.fragment:
            return False
        is_vendors = host == VENDOR_DOMAIN or host.endswith(f".{VENDOR_DOMAIN}")
        if parts.scheme == "https" and is_vendors:
            return True
        own = (self._context.base_url, user_base_url(self._context))
        return any(self._address(each).has_same_origin(url) for each in own)

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def _set_up_of(self, extension: str) -> SetUp:
        """The set-up of a user, or the one that names no user.

        Raises:
            SecretMissing: Mango Voice has not handed one over.
            NotOffered: It was switched off, or cannot be used.
        """
        for name in self.names_of(extension):
            try:
                secret = await self._context.read_secret(name)
            except SecretMissing:
                continue
            return self._read(secret)
        raise SecretMissing(
            tr(
                "{service} has not handed over Click2Call for extension {extension}",
                service=SERVICE,
                extension=extension,
            ),
            tr(
                "Switch it on for this user in the Mango Voice admin portal; the "
                "request "
                "has to reach screenpop."
            ),
        )

    def _read(self, secret: Secret) -> SetUp:
        """A kept set-up, or a bare address that the user stored by hand."""
        text = secret.reveal().strip()
        if text == SWITCHED_OFF:
            raise NotOffered(
                tr(
                    "{service} has switched Click2Call off for this user",
                    service=SERVICE,
                ),
                tr("Switch it on in the Mango Voice admin portal."),
            )
        found = SetUp(text, ())
        if text.startswith("{"):
            try:
                value = read_json(text.encode()).value
            except PayloadError:
                value = None
            kept = FieldReader(value if isinstance(value, dict) else {})
            found = SetUp(kept.text("url"), param_pairs(kept.source.get("param")))
        if not self.is_ours_to_call(found.url):
            raise NotOffered(
                tr("The stored Click2Call address is none of Mango Voice's"),
                tr("Switch Click2Call off and on for this user in its admin portal."),
            )
        return found

    def _written(self, text: str) -> str:
        """The number as the account's options want it.

        Raises:
            RequestRejected: It is no full number; the text does not repeat it.
        """
        e164 = read_number(readable_number(text), self._context.region).e164
        if not e164:
            raise RequestRejected(
                tr("This cannot be called through Click2Call"),
                tr("screenpop asks for full phone numbers only, no extensions."),
            )
        style = self._context.options.get("number_format", "")
        if style == "national":
            return national_significant(e164)
        return e164.removeprefix("+") if style == "digits" else e164

    def _check_answer(self, reply: HttpReply) -> None:
        """Believe a refusal that comes with a 2xx; anything else is a yes."""
        if not reply.body.strip():
            return
        try:
            value = reply.json()
        except PayloadError as error:
            if reply.body.lstrip().startswith(b"<"):
                raise OutcomeUnknown(
                    tr(
                        "{title}, so it is not known whether the call was started",
                        title=error.title,
                    )
                ) from None
            return
        self._names.note("Click2Call answer", value if isinstance(value, dict) else ())
        if is_refused(value):
            raise RequestRejected(
                tr("{service} did not start the call", service=SERVICE)
            )

    def _client_for(self, url: str) -> HttpClient:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._clients:
            self._clients[origin] = HttpClient(
                origin, service=SERVICE, allow_plain_http=self._allows_plain_http
            )
        return self._clients[origin]

    def _address(self, url: str) -> ServiceAddress:
        return ServiceAddress.checked(url, allow_plain_http=self._allows_plain_http)

    @property
    def _allows_plain_http(self) -> bool:
        allowed = self._context.options.get(ALLOW_PLAIN_HTTP_OPTION, "")
        return allowed.casefold() == "true"


def _mark(secret: Secret) -> str:
    """Tells one secret from another and nothing of it."""
    return hashlib.blake2b(secret.reveal().encode(), key=_MARK_KEY).hexdigest()


_MARK_KEY: Final = os.urandom(32)


def secret_name(user: str) -> str:
    """The keychain's name for a user's set-up, ``click_to_call_101``.

    One that names no user is for everybody who has none of their own.
    """
    if not user:
        return SECRET_NAME
    key = user.casefold()
    if not _PLAIN_USER.fullmatch(key):
        key = hashlib.sha256(key.encode()).hexdigest()[:20]
    return f"{SECRET_NAME}_{key}"


def _secrets_of(set_up: SetUp) -> tuple[str, ...]:
    """Every part of the set-up that a server might repeat to us."""
    parts = urlsplit(set_up.url)
    texts = [*parts.path.split("/"), *(value for _, value in set_up.parameters)]
    long = [text for text in texts if len(text) >= _SHORTEST_SECRET]
    return (set_up.url, *long)
