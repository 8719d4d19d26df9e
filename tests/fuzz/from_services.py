"""What services say that we ask: address books, a browser, news of updates."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.domain.update_manifest import canonical, read_manifest, split
from screenpop.lookup.redirect_listener import RedirectListener
from screenpop.lookup.sources.carddav.dav_xml import has_error, read_multistatus
from tests.fuzz.target import JsonPlace, Target, assert_storable

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATE: Final = "made-up-state-0123456789abcdefghijklmnopqrstu"
_PORT: Final = 49152


def take_multistatus(data: bytes) -> None:
    """Read what a CardDAV server answers."""
    has_error(data, "valid-sync-token")
    try:
        answer = read_multistatus(data, "Contacts")
    except ScreenpopError as error:
        assert_storable(error.title)
        return
    assert_storable(answer)


def take_redirect(data: bytes) -> None:
    """Judge a request to where a sign-in comes back; only the right one counts."""
    listener = RedirectListener(service="The CRM")
    listener.state, listener._port = _STATE, _PORT
    loop = asyncio.new_event_loop()
    try:
        listener._answer = loop.create_future()
        listener._judged(data)
        if listener._answer.done():
            assert _STATE.encode() in data
            if listener._answer.exception() is None:
                code = listener._answer.result()
                assert code.isascii()
                assert code.isprintable()
    finally:
        loop.close()


def take_manifest(data: bytes) -> None:
    """Take a file of news apart, and read it as if its signature were good."""
    try:
        # In its canonical form as well: little else is looked into.
        data = canonical(json.loads(data))
    except (ValueError, RecursionError):
        pass
    try:
        table, _signatures = split(data)
        manifest = read_manifest(table)
    except ScreenpopError as error:
        assert_storable(error.title)
        return
    manifest.artefact("linux-x86_64", "portable")
    manifest.is_for("stable", 0)


def _answers() -> Iterator[bytes]:
    spaces = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"'
    head = f'<?xml version="1.0"?><d:multistatus {spaces}>'
    ok = "<d:status>HTTP/1.1 200 OK</d:status>"
    card = "<c:address-data>BEGIN:VCARD&#13;\nEND:VCARD</c:address-data>"
    yield (
        f"{head}<d:response><d:href>/a.vcf</d:href><d:propstat><d:prop>"
        f"<d:getetag>1</d:getetag>{card}</d:prop>{ok}</d:propstat></d:response>"
        "<d:sync-token>t</d:sync-token></d:multistatus>"
    ).encode()
    yield (
        f"{head}<d:response><d:href>/b/</d:href><d:status>HTTP/1.1 404 x</d:status>"
        "</d:response></d:multistatus>"
    ).encode()
    yield b'<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>'


def _redirects() -> Iterator[bytes]:
    host = f"Host: 127.0.0.1:{_PORT}\r\nSec-Fetch-Mode: navigate\r\n\r\n"
    for query in (f"code=abc&state={_STATE}", f"error=access_denied&state={_STATE}"):
        yield f"GET /?{query} HTTP/1.1\r\n{host}".encode()
    yield b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"


def _manifests() -> Iterator[bytes]:
    artefact = {
        "kind": "portable",
        "name": "screenpop-2.0.0.tar.gz",
        "platform": "linux-x86_64",
        "sha256": "0" * 64,
        "size": 1,
        "url": "https://updates.example.com/screenpop-2.0.0.tar.gz",
    }
    manifest = {
        "artefacts": [artefact],
        "channel": "stable",
        "expires": "2026-04-02T09:00:00Z",
        "format": 1,
        "issued": "2026-03-02T09:00:00Z",
        "minimum_version": "1.0.0",
        "notes": "",
        "rollout": {"stable": 100},
        "serial": 1,
        "version": "2.0.0",
    }
    signature = {"key": "0" * 16, "value": "A" * 86 + "=="}
    yield canonical({"manifest": manifest, "signatures": [signature]})


TARGETS: Final = (
    Target(
        "webdav",
        take_multistatus,
        (
            "<d:response>", "</d:response>", "<d:href>", "<d:status>HTTP/1.1 ", "<!--",
            "<![CDATA[", "]]>", "<!DOCTYPE", "<!ENTITY", "&#0;", "&#xD800;", "&x;",
            'encoding="UTF-16"', 'encoding="punycode"', 'xmlns:d="DAV:"', "\xff\xfe",
        ),
        _answers,
    ),
    Target(
        "sign-in",
        take_redirect,
        (
            f"state={_STATE}", "code=", "error=", "&", "%00", "%ED%A0%80", "+", "=",
            "\r\n", "Origin: null\r\n", "Sec-Fetch-Site: ", f"Host: localhost:{_PORT}",
        ),
        _redirects,
    ),
    Target(
        "update",
        take_manifest,
        ('"', ": ", ",\n", "{", "}", "[", "]", "1" * 30, "\\ud800", "9999-12-31T"),
        _manifests,
        JsonPlace.ALL,
    ),
)  # fmt: skip
