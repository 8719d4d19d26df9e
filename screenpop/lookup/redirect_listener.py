"""Takes the browser back from a sign-in page: a door on this computer, open once.

RFC 8252 section 7.3: the sign-in page sends the browser to a port of this computer,
with the code in the query. Whoever else knocks, such as a web page that guesses ports,
gets nothing and ends nothing: only the request with our ``state`` counts.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from screenpop.domain.errors import AuthenticationFailed, UsageError
from screenpop.wording import (
    Marked,
    is_right_to_left,
    language,
    marked,
    tr,
    tr_count,
    tr_marked,
)

if TYPE_CHECKING:
    from types import TracebackType

_HOST: Final = "127.0.0.1"
_HEAD_BYTES: Final = 16 * 1024
_HEAD_SECONDS: Final = 5.0
_MOST_CONNECTIONS: Final = 16
_MOST_PARAMETERS: Final = 30
_LONGEST_CODE: Final = 8_000
_STATE_BYTES: Final = 32
_ERROR_CODE: Final = re.compile(r"[a-z][a-z_]{0,39}")
_AGAIN: Final = marked("Start the sign-in again.")

# What a browser says of itself when a person's tab follows a redirect. Anything else,
# such as an image, a frame or a script of some page, is not a person coming back.
_EXPECTED: Final = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))
_NEVER: Final = ("origin", "sec-purpose", "purpose", "transfer-encoding")

_PAGE: Final = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><title>screenpop</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_DONE: Final = (
    "200 OK",
    marked("Back to screenpop"),
    marked("screenpop has the answer. You can close this page."),
)
_REFUSED: Final = (
    "200 OK",
    marked("Not signed in"),
    marked(
        "The sign-in page said no. You can close this page and go back to screenpop."
    ),
)
_UNKNOWN: Final = (
    "404 Not Found",
    marked("Nothing here"),
    marked("This is not the page that screenpop waits for."),
)
_WRONG: Final = (
    "400 Bad Request",
    marked("Not understood"),
    marked(
        "This does not belong to the sign-in that screenpop waits for. Start it again."
    ),
)


class RedirectListener:
    """``async with RedirectListener(…) as listener: code = await listener.code(300)``.

    Attributes:
        state: What the sign-in page must send back (RFC 6749 section 10.12).
    """

    def __init__(
        self, *, host: str = _HOST, path: str = "", port: int = 0, service: str
    ) -> None:
        """Nothing is opened yet.

        Args:
            host: How this computer is called in the address, 127.0.0.1 or localhost.
            path: What stands after the port; "" or begins with a slash.
            port: 0 for any free one.
            service: Where the user signs in, for error texts.
        """
        self.state = secrets.token_urlsafe(_STATE_BYTES)
        self._host = host
        self._path = path
        self._port = port
        self._service = service
        self._server: asyncio.Server | None = None
        self._answer: asyncio.Future[str] | None = None
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def redirect_uri(self) -> str:
        """Where the sign-in page sends the browser; known once it is open."""
        return f"http://{self._host}:{self._port}{self._path}"

    async def __aenter__(self) -> RedirectListener:
        """Open the door.

        Raises:
            UsageError: The port is taken.
        """
        self._answer = asyncio.get_running_loop().create_future()
        try:
            self._server = await asyncio.start_server(
                self._welcome, _HOST, self._port, limit=_HEAD_BYTES
            )
        except OSError:
            raise UsageError(
                tr(
                    "The sign-in needs port {port}, which another program uses",
                    port=self._port,
                ),
                tr("End that program, or another sign-in that is still open."),
            ) from None
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the door; the visitor who brought the answer gets the page whole."""
        if self._server is not None:
            self._server.close()
        if self._visits:
            await asyncio.wait(self._visits, timeout=_HEAD_SECONDS)
        for visit in self._visits:
            visit.cancel()
        answer = self._answer
        if answer is not None and not answer.cancel() and not answer.cancelled():
            answer.exception()  # seen, even if nobody waited for it any more

    async def code(self, seconds: float) -> str:
        """The code that the sign-in page gave.

        Args:
            seconds: How long the user may take.

        Raises:
            AuthenticationFailed: The page said no, or nobody came in time.
        """
        assert self._answer is not None  # noqa: S101 - it is open
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise AuthenticationFailed(
                tr_count(
                    "Nobody signed in to {service} within {count} minute",
                    "Nobody signed in to {service} within {count} minutes",
                    round(seconds / 60),
                    service=self._service,
                ),
                tr_marked(_AGAIN),
            ) from None

    async def _welcome(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None and len(self._visits) < _MOST_CONNECTIONS:
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)
            try:
                async with asyncio.timeout(_HEAD_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(_page(*self._judged(head)))
                    await writer.drain()
            except (
                TimeoutError,
                OSError,
                asyncio.IncompleteReadError,
                asyncio.LimitOverrunError,
            ):
                pass  # nobody who brings an answer
        writer.close()

    def _judged(self, head: bytes) -> tuple[str, Marked, Marked]:
        """What to answer; the answer that is waited for is noted on the way."""
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        target, _, version = rest.rpartition(" ")
        headers = _headers(lines[1:])
        if headers is None or not version.startswith("HTTP/1."):
            return _WRONG
        if method != "GET" or not self._is_ours(headers):
            return _UNKNOWN
        path, _, query = target.partition("?")
        if not _is_same(unquote(path), self._path or "/"):
            return _UNKNOWN
        return self._read(query)

    def _is_ours(self, headers: dict[str, str]) -> bool:
        """Whether a person's browser may have sent it, and to this very address."""
        own = {f"{name}:{self._port}" for name in (_HOST, "localhost")}
        return (
            headers.get("host", "").casefold() in own
            and not any(name in headers for name in _NEVER)
            and all(headers.get(name, wanted) == wanted for name, wanted in _EXPECTED)
        )

    def _read(self, query: str) -> tuple[str, Marked, Marked]:
        try:
            pairs = parse_qsl(
                query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
            )
        except ValueError:
            return _WRONG
        found = dict(pairs)
        # RFC 6749 section 3.1: none may come twice.
        if len(found) != len(pairs) or not _is_same(found.get("state", ""), self.state):
            return _WRONG
        answer = self._answer
        if answer is None or answer.done():
            return _WRONG
        code = found.get("code", "")
        if "error" in found or not code:
            answer.set_exception(self._refusal(found.get("error", "")))
            return _REFUSED
        if len(code) > _LONGEST_CODE or not (code.isascii() and code.isprintable()):
            return _WRONG
        answer.set_result(code)
        return _DONE

    def _refusal(self, error: str) -> AuthenticationFailed:
        if error == "access_denied":
            return AuthenticationFailed(
                tr(
                    "The sign-in to {service} was cancelled or not allowed",
                    service=self._service,
                ),
                tr(
                    "Sign in again. An administrator may have to allow screenpop first."
                ),
            )
        title = tr("{service} did not let you sign in", service=self._service)
        if _ERROR_CODE.fullmatch(error):
            title = tr(
                "{service} did not let you sign in ({code})",
                service=self._service,
                code=error,
            )
        return AuthenticationFailed(
            title,
            tr(
                "Check the client id and what was registered for it, then sign in "
                "again."
            ),
        )


def _headers(lines: list[str]) -> dict[str, str] | None:
    """The headers by lower-case name; None when one is odd or comes twice."""
    found: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        name = name.casefold()
        if not colon or not name or name != name.strip() or name in found:
            return None
        found[name] = value.strip()
    return found


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _page(status: str, title: Marked, text: Marked) -> bytes:
    body = _PAGE.format(
        language=language(),
        direction="rtl" if is_right_to_left() else "ltr",
        title=tr_marked(title),
        text=tr_marked(text),
    ).encode()
    head = (
        f"HTTP/1.1 {status}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n"
        "Cache-Control: no-store\r\n"
        # The address of this page holds the code: no other site is to learn it.
        "Referrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
