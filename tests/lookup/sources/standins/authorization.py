"""A stand-in for an authorization server; it is no service anybody runs.

Written from RFC 6749 (sections 4.1, 5, 6), RFC 7636 (sections 4.3 to 4.6) and RFC 8252
(section 7.3), and strict: whatever a server may refuse, this one refuses with the error
that the RFC names.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.net.loopback import Connection, Request

CLIENT_ID = "made-up-client-id"
CLIENT_SECRET = "SEKRET-of-the-client"
BROWSER = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


@dataclass
class AuthorizationServer:
    """Give ``handle`` every request; it says whether it was one of its own.

    Attributes:
        says: Sent back to the browser in place of a code, such as "access_denied".
        lifetime: Of access tokens, in seconds; None to leave it out.
        rotates: Every refresh gives a new refresh token and spends the old one.
        token_length: Of each token, as some services' are very long.
        extra: Further fields of every token answer.
        failing: Status, body and headers of the next answers of the token endpoint.
        refreshes: How many times tokens were renewed.
        is_deaf: No access token counts, also none that is given from now on.
        held: The token endpoint answers when this is set.
    """

    scopes: tuple[str, ...] = ("contacts",)
    client_secret: str = ""
    required: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    lifetime: int | None = 3600
    rotates: bool = True
    token_length: int = 60
    extra: Mapping[str, str] = field(default_factory=dict)
    failing: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    refreshes: int = 0
    is_deaf: bool = False
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    held: asyncio.Event | None = None
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _count: int = 0

    def expire(self) -> None:
        """No access token that was given counts any more."""
        self.access.clear()

    def revoke(self) -> None:
        """The user or an administrator took the consent back."""
        self.access.clear()
        self.refresh.clear()

    def knows(self, request: Request) -> bool:
        """Whether a request carries a good access token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and token in self.access and not self.is_deaf

    def signed_in(self) -> str:
        """What the keychain would hold after a sign-in."""
        answer = self._grant()
        return json.dumps(
            {
                "access": answer["access_token"],
                "refresh": answer["refresh_token"],
                "use_until": None,
                "extra": {"scope": answer["scope"]},
            }
        )

    async def handle(self, request: Request, connection: Connection) -> bool:
        """Answer, if the request is for this server."""
        if request.path == "/authorize":
            await self._authorize(request, connection)
        elif request.path == "/token":
            await self._token(request, connection)
        else:
            return False
        return True

    async def _authorize(self, request: Request, connection: Connection) -> None:
        asked = request.query
        pairs = parse_qsl(urlsplit(request.target).query)
        target = urlsplit(asked.get("redirect_uri", ""))
        is_right = (
            request.method == "GET"
            and len(pairs) == len(asked)
            and asked.get("response_type") == "code"
            and asked.get("client_id") == CLIENT_ID
            and set(asked.get("scope", "").split()) == set(self.scopes)
            and len(asked.get("state", "")) >= 22
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and target.scheme == "http"
            and target.hostname in ("127.0.0.1", "localhost")
            and self.required.items() <= asked.items()
        )
        if not is_right:
            # RFC 6749 section 4.1.2.1: to the person, not to the redirect address.
            await connection.reply(400, b"<h1>Bad request</h1>", "text/html")
            return
        if self.says:
            back = {"error": self.says, "error_description": "<b>no</b>"}
        else:
            back = {"code": self._new("code")}
            self._codes[back["code"]] = asked
        query = urlencode({**back, "state": asked["state"]})
        location = f"{asked['redirect_uri']}?{query}"
        await connection.reply(302, b"", Location=location)

    async def _token(self, request: Request, connection: Connection) -> None:
        if self.held is not None:
            await self.held.wait()
        if self.failing:
            status, body, headers = self.failing.pop(0)
            await connection.reply(status, json.dumps(body).encode(), **headers)
            return
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        error = self._why_not(request, form)
        if error:
            said = {"error": error, "error_description": f"No: {form}"}
            await connection.reply(400, json.dumps(said).encode())
            return
        if form["grant_type"] == "refresh_token":
            self.refreshes += 1
            answer = self._grant(form["refresh_token"])
        else:
            answer = self._grant()
        await connection.reply(200, json.dumps(answer).encode())

    def _why_not(self, request: Request, form: dict[str, str]) -> str:
        kind = request.headers.get("content-type", "")
        if request.method != "POST" or kind != "application/x-www-form-urlencoded":
            return "invalid_request"
        if form.get("client_id") != CLIENT_ID:
            return "invalid_client"
        if form.get("client_secret", "") != self.client_secret:
            return "invalid_client"
        if form.get("grant_type") == "refresh_token":
            known = form.get("refresh_token", "") in self.refresh
            return "" if known else "invalid_grant"
        if form.get("grant_type") != "authorization_code":
            return "unsupported_grant_type"
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return "invalid_grant"
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return "" if challenge == asked["code_challenge"] else "invalid_grant"

    def _grant(self, spent: str = "") -> dict[str, object]:
        access = self._new("access")
        self.access.add(access)
        answer: dict[str, object] = {
            "access_token": access,
            "token_type": "Bearer",
            "scope": " ".join(self.scopes),
            **self.extra,
        }
        if self.lifetime is not None:
            answer["expires_in"] = self.lifetime
        if not spent or self.rotates:
            self.refresh.discard(spent)
            answer["refresh_token"] = self._new("refresh")
            self.refresh.add(str(answer["refresh_token"]))
        return answer

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"SEKRET-{kind}-{self._count}-".ljust(self.token_length, "x")


async def visit(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Go to an address of this computer as a browser's tab does; status and answer."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "Connection": "close", **(headers or BROWSER)}
    lines = [f"GET {target} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ")[1])
        if status == 302:
            answer = head.partition("Location: ")[2].partition("\r\n")[0]
        else:
            length = int(head.partition("Content-Length: ")[2].partition("\r\n")[0])
            answer = head + (await reader.readexactly(length)).decode()
    finally:
        writer.close()
    return status, answer


class Browser:
    """Opens a sign-in page and follows it back, as a user who says yes does."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.answers: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, url: str) -> None:
        """Show a page; returns at once, as the real thing does."""
        self.pages.append(url)
        self._tasks.append(asyncio.get_running_loop().create_task(self._follow(url)))

    async def _follow(self, url: str) -> None:
        status, answer = await visit(url)
        if status == 302:
            status, answer = await visit(answer)
        self.answers.append(answer)
