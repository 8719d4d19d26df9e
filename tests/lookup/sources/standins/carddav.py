"""A stand-in for CardDAV servers that differ from Radicale; it is none of them.

Written from RFC 4918 sections 9.1 and 13 (PROPFIND, multistatus), RFC 6352 sections 7
and 8.7 (home sets, multiget), RFC 6578 sections 3 and 6 (sync-collection, its errors
and its truncation), RFC 6764 section 6 (well-known); the oddities from public trackers:
home sets on another host (emersion/go-webdav#61), the collection itself among the
changes and truncation by 507 (Net::DAVTalk 0.26), ctags (caldav-ctag-02). Strict: a
request with another method, Depth, Content-Type, body or password is refused.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

USER = "agent"
PASSWORD = "SEKRET-dav"
_D = "{DAV:}"
_C = "{urn:ietf:params:xml:ns:carddav}"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><multistatus xmlns="DAV:"'
    ' xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:S="http://calendarserver.org/ns/">'
)
PRINCIPAL = "/principals/agent/"
HOME = "/books/agent/"
BOOK = "/books/agent/card/"


@dataclass
class DavBook:
    """One address book behind several addresses.

    Attributes:
        has_sync: Whether it knows sync-collection, and says so.
        refuses_sync: The status of every sync-collection all the same; 0 for none.
        has_ctag: Whether it tells a ctag.
        page: How many changes it tells at once; the rest after a 507.
        token_refusal: Status and body for a token that it does not know.
        home: The home set; another host's address as a whole.
        redirect: Where the well-known address sends to; "" for a 404.
        broken: File names that spoil any answer they are in.
        failing: Statuses, with Retry-After: 0, given in place of the next answers.
    """

    has_sync: bool = True
    refuses_sync: int = 0
    has_ctag: bool = True
    page: int = 1_000
    token_refusal: tuple[int, bytes] = (
        403,
        b'<error xmlns="DAV:"><valid-sync-token/></error>',
    )
    home: str = HOME
    redirect: str = PRINCIPAL
    broken: set[str] = field(default_factory=set)
    failing: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _cards: dict[str, tuple[int, str]] = field(default_factory=dict)
    _gone: dict[str, int] = field(default_factory=dict)
    _clock: int = 0
    _forgotten: int = -1

    def put(self, name: str, text: str) -> None:
        """Make or change a card."""
        self._clock += 1
        self._cards[name] = (self._clock, text)
        self._gone.pop(name, None)

    def delete(self, name: str) -> None:
        """Remove a card."""
        self._clock += 1
        del self._cards[name]
        self._gone[name] = self._clock

    def forget(self) -> None:
        """Know no token from before any more."""
        self._clock += 1
        self._forgotten = self._clock - 1

    async def answer(self, request: Request, connection: Connection) -> None:
        """Serve one request."""
        self.asked.append(f"{request.method} {request.path}")
        if self.failing:
            await connection.reply(self.failing.pop(0), Retry_After="0")
            return
        status, body, headers = self._answered(request)
        await connection.reply(status, body, "application/xml", **headers)

    def _answered(self, request: Request) -> tuple[int, bytes, dict[str, str]]:
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return 401, b"", {"WWW_Authenticate": 'Basic realm="dav"'}
        if request.path == "/.well-known/carddav":
            if not self.redirect:
                return 404, b"", {}
            return 301, b"", {"Location": self.redirect}
        if request.headers.get("content-type") != "application/xml; charset=utf-8":
            return 415, b"", {}
        root = ElementTree.fromstring(request.body)  # noqa: S314 - our own request
        depth = request.headers.get("depth", "")
        if request.method == "PROPFIND" and root.tag == f"{_D}propfind":
            return self._propfind(request.path, depth)
        if request.method != "REPORT" or request.path != BOOK:
            return 405, b"", {}
        if root.tag == f"{_D}sync-collection" and depth == "0":
            return self._sync(root)
        if root.tag == f"{_C}addressbook-multiget" and depth == "1":
            return self._multiget(root)
        return 400, b"", {}

    def _propfind(self, path: str, depth: str) -> tuple[int, bytes, dict[str, str]]:
        if depth not in ("0", "1"):
            return 400, b"", {}
        own = {
            "/": "<resourcetype><collection/></resourcetype><current-user-principal>"
            f"<href>{PRINCIPAL}</href></current-user-principal>",
            PRINCIPAL: "<resourcetype><principal/></resourcetype>"
            f"<C:addressbook-home-set><href>{escape(self.home)}</href>"
            "</C:addressbook-home-set>",
            HOME: "<resourcetype><collection/></resourcetype>",
            BOOK: self._book_properties(),
        }
        if path not in own:
            return 404, b"", {}
        listed = [_response(path, own[path])]
        if depth == "1" and path == HOME:
            listed.append(_response(BOOK, self._book_properties()))
        if depth == "1" and path == BOOK:
            listed += [
                _response(BOOK + name, f"<resourcetype/><getetag>{etag}</getetag>")
                for name, (etag, _) in self._cards.items()
            ]
        return _multistatus(listed)

    def _book_properties(self) -> str:
        kinds = "<resourcetype><collection/><C:addressbook/></resourcetype>"
        told = f"{kinds}<displayname>All &lt;b&gt;people</displayname>"
        if self.has_ctag:
            told += f"<S:getctag>{self._clock}</S:getctag>"
        if self.has_sync:
            told += (
                "<supported-report-set><supported-report><report><sync-collection/>"
                "</report></supported-report></supported-report-set>"
            )
        return told

    def _sync(self, root: ElementTree.Element) -> tuple[int, bytes, dict[str, str]]:
        level, token = root.find(f"{_D}sync-level"), root.find(f"{_D}sync-token")
        if level is None or level.text != "1" or token is None:
            return 400, b"", {}
        if self.refuses_sync or not self.has_sync:
            return self.refuses_sync or 501, b"", {}
        since = int(token.text.removeprefix("t:")) if token.text else 0
        if token.text and since <= self._forgotten:
            return *self.token_refusal, {}
        changes = [(at, name, True) for name, (at, _) in self._cards.items()]
        changes += [(at, name, False) for name, at in self._gone.items()]
        later = sorted(each for each in changes if each[0] > since)
        told = [
            _response(BOOK + name, f"<getetag>{at}</getetag>")
            if is_there
            else _status(BOOK + name, 404)
            for at, name, is_there in later[: self.page]
        ]
        # The collection itself among its members, as iCloud has it.
        told.append(_response(BOOK, "<getetag>1</getetag>"))
        until = self._clock
        if len(later) > self.page:
            told.append(_status(BOOK, 507))
            until = later[self.page - 1][0]
        return _multistatus(told, f"<sync-token>t:{until}</sync-token>")

    def _multiget(self, root: ElementTree.Element) -> tuple[int, bytes, dict[str, str]]:
        told = []
        for href in root.findall(f"{_D}href"):
            path = href.text or ""
            name = path.rpartition("/")[2]
            found = next((n for n in self._cards if quote(n) == name), "")
            if not found:
                told.append(_status(path, 404))
            elif found in self.broken:
                return 207, (_HEAD + "<response>").encode(), {}
            else:
                data = escape(self._cards[found][1])
                told.append(
                    _response(BOOK + found, f"<C:address-data>{data}</C:address-data>")
                )
        return _multistatus(told)


def _response(path: str, properties: str) -> str:
    return (
        f"<response><href>{escape(quote(path))}</href><propstat><prop>{properties}"
        "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def _status(path: str, status: int) -> str:
    return (
        f"<response><href>{escape(path)}</href>"
        f"<status>HTTP/1.1 {status} X</status></response>"
    )


def _multistatus(
    responses: list[str], more: str = ""
) -> tuple[int, bytes, dict[str, str]]:
    return 207, f"{_HEAD}{''.join(responses)}{more}</multistatus>".encode(), {}
