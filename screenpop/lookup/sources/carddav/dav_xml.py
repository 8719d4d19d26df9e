"""What is asked of a WebDAV server, and what it answers, in XML.

RFC 4918 (PROPFIND, multistatus), RFC 6352 (address books), RFC 6578 (sync-collection),
and the ctag that servers took over from Apple's. Answers are read with defusedxml and
bounded: no entities, no document types, no more members than an address book can have.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

_DAV: Final = "{DAV:}"
_CARD: Final = "{urn:ietf:params:xml:ns:carddav}"
_SERVER: Final = "{http://calendarserver.org/ns/}"
_NAMESPACES: Final = (
    'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
    ' xmlns:S="http://calendarserver.org/ns/"'
)
_MOST_MEMBERS: Final = 200_000
_LONGEST_NAME: Final = 200
_STATUS: Final = re.compile(r"HTTP/\S+\s+(\d{3})")
# Some servers send what users typed as it is; XML has no place for it.
_CONTROLS: Final = bytes(c for c in range(32) if c not in b"\t\n\r")
_WITHOUT_CONTROLS: Final = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))

FIND: Final = (
    f"<propfind {_NAMESPACES}><prop><resourcetype/><displayname/>"
    "<current-user-principal/><C:addressbook-home-set/><S:getctag/><sync-token/>"
    "<supported-report-set/></prop></propfind>"
).encode()
"""Everything that leads to address books and tells what they can do."""

LIST: Final = (
    f"<propfind {_NAMESPACES}><prop><resourcetype/><getetag/></prop></propfind>"
).encode()
"""The members of an address book."""


@frozen
class DavResource:
    """What an answer says of one resource.

    Attributes:
        href: As the server wrote it.
        status: Of the resource as a whole, 404 for one that is gone; 0 when only its
            properties have one.
        name: Its display name, unchecked text of theirs.
        principal: Where the signed-in user lives.
        home_sets: Where the user's address books are.
        reports: The names of the reports it can give.
        address_data: The vCard.
    """

    href: str
    status: int = 0
    name: str = ""
    is_collection: bool = False
    is_address_book: bool = False
    principal: str = ""
    home_sets: tuple[str, ...] = ()
    reports: frozenset[str] = frozenset()
    ctag: str = ""
    etag: str = ""
    sync_token: str = ""
    address_data: str = ""


@frozen
class Multistatus:
    """An answer about several resources (207).

    Attributes:
        sync_token: What to ask with the next time; "" for none.
    """

    resources: tuple[DavResource, ...]
    sync_token: str = ""


def sync_request(token: str) -> bytes:
    """What has changed since ``token``; "" for all members."""
    return (
        f"<sync-collection {_NAMESPACES}><sync-token>{escape(token)}</sync-token>"
        "<sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
    ).encode()


def multiget_request(hrefs: Iterable[str]) -> bytes:
    """The vCards of these members."""
    listed = "".join(f"<href>{escape(href)}</href>" for href in hrefs)
    return (
        f"<C:addressbook-multiget {_NAMESPACES}><prop><getetag/><C:address-data/>"
        f"</prop>{listed}</C:addressbook-multiget>"
    ).encode()


def read_multistatus(body: bytes, service: str) -> Multistatus:
    """The answer in ``body``; takes a while when it is long.

    Raises:
        PayloadError: It is something else, or says more than can be.
    """
    resources: list[DavResource] = []
    token = ""
    seen_root = False
    for event, element in _elements(body, service):
        if event == "start":
            if not seen_root and element.tag != f"{_DAV}multistatus":
                raise PayloadError(
                    tr("{service} gave an answer that is no WebDAV", service=service)
                )
            seen_root = True
        elif element.tag == f"{_DAV}response":
            resources.append(_resource(element))
            element.clear()
            if len(resources) > _MOST_MEMBERS:
                raise PayloadError(
                    tr("{service} lists more contacts than can be", service=service)
                )
        elif element.tag == f"{_DAV}sync-token":
            # Also met within a response, which reads its own before it ends.
            token = _text(element)
    return Multistatus(tuple(resources), token)


def has_error(body: bytes, name: str) -> bool:
    """Whether a refusal says that the condition ``name`` of DAV: was not met."""
    try:
        return any(
            element.tag == _DAV + name
            for event, element in _elements(body[:65536], "")
            if event == "end"
        )
    except PayloadError:
        return False


def _elements(body: bytes, service: str) -> Iterator[tuple[str, Element]]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    clean = body if body[:2] in (b"\xff\xfe", b"\xfe\xff") else _cleaned(body)
    try:
        events = iterparse(io.BytesIO(clean), ("start", "end"), forbid_dtd=True)
        yield from events
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise PayloadError(
            tr("{service} gave an answer that cannot be read", service=service),
            tr(
                "It may have been cut short, or the address is not that of a CardDAV "
                "server."
            ),
        ) from None


def _cleaned(body: bytes) -> bytes:
    return body.translate(_WITHOUT_CONTROLS)


def _resource(response: Element) -> DavResource:
    href = _text(response.find(f"{_DAV}href"))
    status = _status(response.find(f"{_DAV}status"))
    found: dict[str, Element] = {}
    for propstat in response.findall(f"{_DAV}propstat"):
        prop = propstat.find(f"{_DAV}prop")
        if prop is not None and _status(propstat.find(f"{_DAV}status")) in (0, 200):
            found.update((str(each.tag), each) for each in prop)
    kinds = {str(kind.tag) for kind in found.get(f"{_DAV}resourcetype", ())}
    return DavResource(
        href=href,
        status=status,
        name=_text(found.get(f"{_DAV}displayname"))[:_LONGEST_NAME],
        is_collection=f"{_DAV}collection" in kinds,
        is_address_book=f"{_CARD}addressbook" in kinds,
        principal=next(iter(_hrefs(found.get(f"{_DAV}current-user-principal"))), ""),
        home_sets=tuple(_hrefs(found.get(f"{_CARD}addressbook-home-set"))),
        reports=frozenset(_reports(found.get(f"{_DAV}supported-report-set"))),
        ctag=_text(found.get(f"{_SERVER}getctag")),
        etag=_text(found.get(f"{_DAV}getetag")),
        sync_token=_text(found.get(f"{_DAV}sync-token")),
        address_data=_text(found.get(f"{_CARD}address-data")),
    )


def _text(element: Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _status(element: Element | None) -> int:
    found = _STATUS.match(_text(element))
    return int(found.group(1)) if found else 0


def _hrefs(element: Element | None) -> Iterator[str]:
    if element is not None:
        for href in element.findall(f"{_DAV}href"):
            if _text(href):
                yield _text(href)


def _reports(element: Element | None) -> Iterator[str]:
    if element is not None:
        for report in element.iter(f"{_DAV}report"):
            yield from (str(each.tag).rpartition("}")[2] for each in report)
