"""Requests to a CardDAV server, all of it on hosts that may have the password."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotFound,
    PayloadError,
    ProviderError,
    ProviderUnavailable,
)
from screenpop.domain.service_address import ServiceAddress
from screenpop.lookup.source_http import (
    ALLOW_PLAIN_HTTP_OPTION,
    PasswordHeader,
    SourceHttp,
    asks_to_wait,
)
from screenpop.lookup.sources.carddav import dav_xml
from screenpop.lookup.sources.carddav.hosts import (
    checked_target,
    origin_of,
    path_of,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from screenpop.domain.http_replies import HttpReply
    from screenpop.lookup.manifest import SourceContext
    from screenpop.lookup.sources.carddav.dav_xml import DavResource, Multistatus

    _ReadRefusal: TypeAlias = Callable[[HttpReply], ProviderError | None]

_SECONDS: Final = 120.0
# 200,000 members of 300 bytes each; vCards come fifty at a time.
_LONGEST_ANSWER: Final = 64 * 1024 * 1024
_LONGEST_LOCATION: Final = 2000
_MOST_HOPS: Final = 5
CUT_SHORT: Final = 507
"""The status of a collection in an answer that leaves something out."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# RFC 6578 names 403 and 409; servers were seen to answer otherwise.
_TOKEN_REFUSALS: Final = frozenset({400, 403, 405, 409, 410, 412, 501, 507})
_REPORT_REFUSALS: Final = frozenset({400, 403, 405, 409, 415, 422, 500, 501})


class Moved(ProviderUnavailable):
    """The server says that it is elsewhere.

    Attributes:
        location: Where, unchecked.
    """

    def __init__(self, title: str, location: str) -> None:
        super().__init__(title, tr("Enter the address that it sends us to."))
        self.location = location


class TokenRefused(ProviderError):
    """The server no longer knows what it told us last time: ask for everything."""


class NoSuchReport(ProviderError):
    """The server cannot tell what has changed."""


class DavServer:
    """The server that the user named, and its further hosts."""

    def __init__(self, context: SourceContext) -> None:
        """Check the address; nothing is opened yet.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        allowed = context.options.get(ALLOW_PLAIN_HTTP_OPTION, "")
        self.base = ServiceAddress.checked(
            context.base_url, allow_plain_http=allowed.casefold() == "true"
        )
        self.label = context.label
        self._context = context
        self._authority = PasswordHeader(
            context,
            user=context.options.get("user", ""),
            secret_name="password",  # noqa: S106 - the name of a secret, not one
        )
        self._clients: dict[str, SourceHttp] = {}

    async def find(self, url: str) -> tuple[str, DavResource]:
        """What the resource at ``url`` says of itself, and where it really is.

        Raises:
            ProviderError: By kind; NotFound when there is nothing.
            ConfigurationError: It is on a host that gets no password.
        """
        for _ in range(_MOST_HOPS):
            try:
                answer = await self._ask("PROPFIND", url, dav_xml.FIND, depth="0")
            except Moved as moved:
                url = checked_target(self.base, url, moved.location)
                continue
            if not answer.resources:
                raise NotFound(tr("{label} has nothing there", label=self.label))
            return url, answer.resources[0]
        raise ProviderUnavailable(
            tr("{label} sends us around in circles", label=self.label)
        )

    async def members(self, url: str, body: bytes) -> tuple[DavResource, ...]:
        """What is in the collection at ``url``, without the collection itself."""
        answer = await self._ask("PROPFIND", url, body, depth="1")

        def others() -> tuple[DavResource, ...]:
            own = path_of(url).rstrip("/")
            found = []
            for each in answer.resources:
                if path_of(each.href).rstrip("/") != own:
                    found.append(each)
                elif each.status == CUT_SHORT:
                    raise PayloadError(
                        tr("{label} lists only some of its contacts", label=self.label)
                    )
            return tuple(found)

        return await asyncio.to_thread(others)

    async def changed_since(self, url: str, token: str) -> Multistatus:
        """The members of an address book that changed since ``token``.

        Raises:
            TokenRefused: The server no longer knows the token.
            NoSuchReport: It cannot tell.
        """

        def read(reply: HttpReply) -> ProviderError | None:
            is_invalid = dav_xml.has_error(reply.body, "valid-sync-token")
            if token and (is_invalid or reply.status in _TOKEN_REFUSALS):
                return TokenRefused(
                    tr("{label} has forgotten the last sync", label=self.label)
                )
            if not token and reply.status in _REPORT_REFUSALS:
                return NoSuchReport(
                    tr("{label} cannot tell what has changed", label=self.label)
                )
            return None

        body = dav_xml.sync_request(token)
        # RFC 6578 section 3.2 asks for 0, servers before it went by 1 for the level.
        return await self._ask("REPORT", url, body, depth="0", read=read)

    async def cards(self, url: str, hrefs: Sequence[str]) -> tuple[DavResource, ...]:
        """These members of an address book with their vCards."""
        body = dav_xml.multiget_request(hrefs)
        return (await self._ask("REPORT", url, body, depth="1")).resources

    async def aclose(self) -> None:
        """Close all connections."""
        clients, self._clients = tuple(self._clients.values()), {}
        for each in clients:
            await each.aclose()

    async def _ask(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        depth: str,
        read: _ReadRefusal | None = None,
    ) -> Multistatus:
        def refused(reply: HttpReply) -> ProviderError | None:
            location = reply.headers.get("location", "")[:_LONGEST_LOCATION]
            if reply.status in _REDIRECTS and location:
                return Moved(
                    tr("{label} sends us to another address", label=self.label),
                    location,
                )
            better = read(reply) if read else None
            return better or asks_to_wait(reply)

        reply = await self._client(url).request(
            method,
            url,
            content=b'<?xml version="1.0" encoding="utf-8"?>' + body,
            headers={"Depth": depth, "Content-Type": "application/xml; charset=utf-8"},
            accept="application/xml, text/xml",
            timeout_seconds=_SECONDS,
            max_bytes=_LONGEST_ANSWER,
            read_refusal=refused,
        )
        if reply.status != 207:
            raise PayloadError(
                tr("{label} does not answer like a CardDAV server", label=self.label),
                tr("Check the address of this source."),
            )
        return await asyncio.to_thread(dav_xml.read_multistatus, reply.body, self.label)

    def _client(self, url: str) -> SourceHttp:
        origin = origin_of(url)
        if origin not in self._clients:
            self._clients[origin] = SourceHttp(
                self._context,
                service=self.label,
                authority=self._authority,
                base_url=origin,
            )
        return self._clients[origin]
