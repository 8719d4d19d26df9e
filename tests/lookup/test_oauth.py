"""Signing in to a source in the browser, and staying signed in."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    KeychainLocked,
    PayloadError,
    ProviderThrottled,
    ProviderUnavailable,
    UsageError,
)
from screenpop.domain.privacy import Secret
from screenpop.lookup.manifest import SignIn
from screenpop.lookup.oauth import OAuthAuthority, sign_in
from screenpop.lookup.redirect_listener import RedirectListener
from screenpop.lookup.sign_in_terms import SignInTerms
from screenpop.lookup.source_http import SourceHttp
from tests.lookup.sources.conftest import Keys, a_context
from tests.lookup.sources.standins.authorization import (
    BROWSER,
    CLIENT_ID,
    CLIENT_SECRET,
    AuthorizationServer,
    Browser,
    visit,
)
from tests.net.loopback import LoopbackServer
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from screenpop.lookup.manifest import SourceContext
    from tests.net.loopback import Connection, Request


class Desk:
    """One source whose service is a stand-in."""

    def __init__(self, url: str, server: AuthorizationServer) -> None:
        self.url = url
        self.server = server
        self.keys = Keys()
        self.browser = Browser()
        self.now = 1_000_000.0
        self.sign_in = SignIn(
            authorize_url="{base_url}/authorize",
            token_url="{base_url}/token",
            scopes=server.scopes,
            needs_client_secret=bool(server.client_secret),
        )

    def context(self, **options: str) -> SourceContext:
        return a_context(self.url, self.keys, client_id=CLIENT_ID, **options)

    def terms(self, **options: str) -> SignInTerms:
        return SignInTerms.of(self.sign_in, self.context(**options))

    async def signs_in(
        self, open_url: Callable[[str], None] | None = None, seconds: float = 20
    ) -> None:
        tokens = await sign_in(
            self.terms(),
            open_url or self.browser.open,
            Secret(CLIENT_SECRET) if self.server.client_secret else None,
            seconds,
        )
        self.keys.secrets["tokens"] = tokens.as_secret().reveal()

    def authority(self) -> OAuthAuthority:
        return OAuthAuthority(self.context(), self.sign_in, now=lambda: self.now)

    @asynccontextmanager
    async def http(self) -> AsyncIterator[tuple[SourceHttp, OAuthAuthority]]:
        authority = self.authority()
        http = SourceHttp(self.context(), service="The CRM", authority=authority)
        try:
            yield http, authority
        finally:
            await authority.aclose()
            await http.aclose()


@asynccontextmanager
async def a_desk(server: AuthorizationServer | None = None) -> AsyncIterator[Desk]:
    server = server or AuthorizationServer()

    async def handler(request: Request, connection: Connection) -> None:
        if await server.handle(request, connection):
            return
        status = 200 if server.knows(request) else 401
        await connection.reply(status, json.dumps({"message": "hello"}).encode())

    async with LoopbackServer(handler) as service:
        yield Desk(service.url, server)


# --- signing in -----------------------------------------------------------------------


@pytest.mark.parametrize("client_secret", ["", CLIENT_SECRET])
async def test_who_signs_in_is_known_to_the_service(client_secret: str) -> None:
    server = AuthorizationServer(client_secret=client_secret)
    async with a_desk(server) as desk:
        desk.keys.secrets["client_secret"] = client_secret
        await desk.signs_in()
        async with desk.http() as (http, _):
            assert (await http.request("GET", "/hello")).status == 200
        (page,) = desk.browser.pages
        assert "SEKRET" not in page
        assert "code_verifier" not in page


async def test_the_page_at_the_end_is_plain_and_keeps_the_code_to_itself() -> None:
    async with a_desk() as desk:
        await desk.signs_in()
        await eventually(lambda: desk.browser.answers, "the last page")
        (page,) = desk.browser.answers
        assert "You can close this page" in page
        assert "SEKRET" not in page
        for header in ("no-store", "no-referrer", "default-src 'none'", "nosniff"):
            assert header in page


async def test_a_user_who_says_no_is_told_without_foreign_words() -> None:
    async with a_desk(AuthorizationServer(says="access_denied")) as desk:
        with pytest.raises(AuthenticationFailed, match="cancelled or not allowed"):
            await desk.signs_in()
        await eventually(lambda: desk.browser.answers, "the last page")
        assert "<b>" not in desk.browser.answers[0]


async def test_an_odd_error_is_not_quoted() -> None:
    async with a_desk(AuthorizationServer(says="<b>pwn</b>")) as desk:
        with pytest.raises(AuthenticationFailed) as caught:
            await desk.signs_in()
        assert "pwn" not in str(caught.value)


async def test_a_user_who_never_comes_back_is_waited_for_only_so_long() -> None:
    async with a_desk() as desk:
        pages: list[str] = []
        with pytest.raises(AuthenticationFailed, match="Nobody signed in"):
            await desk.signs_in(pages.append, seconds=0.01)
        back = parse_qs(urlsplit(pages[0]).query)["redirect_uri"][0]
        with pytest.raises(ConnectionRefusedError):
            await visit(back)


async def test_a_cancelled_sign_in_closes_its_door() -> None:
    async with a_desk() as desk:
        pages: list[str] = []
        waiting = asyncio.ensure_future(desk.signs_in(pages.append))
        await eventually(lambda: pages, "the sign-in page")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        back = parse_qs(urlsplit(pages[0]).query)["redirect_uri"][0]
        with pytest.raises(ConnectionRefusedError):
            await visit(back)


async def test_a_client_that_the_service_does_not_know_is_told() -> None:
    async with a_desk() as desk:
        desk.server.client_secret = "another"
        with pytest.raises(AuthenticationFailed) as caught:
            await desk.signs_in()
        assert "client id" in caught.value.title
        assert "SEKRET" not in str(caught.value)


async def test_a_refusal_with_status_200_is_a_refusal() -> None:
    async with a_desk() as desk:
        desk.server.failing.append((200, {"error": "invalid_code"}, {}))
        with pytest.raises(AuthenticationFailed, match="Sign in again"):
            await desk.signs_in()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"access_token": ""},
        {"access_token": "a\r\nX: y"},
        {"access_token": "good", "token_type": "mac"},
        {"access_token": "x" * 20_000},
    ],
)
async def test_an_answer_without_a_usable_token_is_refused(answer: object) -> None:
    async with a_desk() as desk:
        desk.server.failing.append((200, answer, {}))
        with pytest.raises(PayloadError):
            await desk.signs_in()


async def test_a_fixed_port_that_is_taken_is_told() -> None:
    async with RedirectListener(service="The CRM") as other:
        port = urlsplit(other.redirect_uri).port or 0
        taken = RedirectListener(service="The CRM", port=port)
        with pytest.raises(UsageError, match=str(port)):
            await taken.__aenter__()


# --- who knocks at the door -----------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/?state={state}&code=c&code=d", {}, 400),
        ("/?state=wrong&code=c", {}, 400),
        ("/?code=c", {}, 400),
        ("/favicon.ico", {}, 404),
        ("/back/../?state={state}&code=c", {}, 404),
        ("/?state={state}&code=c", {"Host": "evil.example:1"}, 404),
        ("/?state={state}&code=c", {"Sec-Fetch-Mode": "no-cors"}, 404),
        ("/?state={state}&code=c", {"Sec-Fetch-Dest": "iframe"}, 404),
        ("/?state={state}&code=c", {"Sec-Purpose": "prefetch"}, 404),
        ("/?state={state}&code=c", {"Origin": "https://evil.example"}, 404),
        ("/?state={state}&code=" + "x" * 9_000, {}, 400),
        ("/?state={state}&code=%00%ff", {}, 400),
    ],
)
async def test_what_is_not_the_answer_ends_nothing(
    target: str, headers: dict[str, str], status: int
) -> None:
    async with RedirectListener(service="The CRM") as listener:
        url = listener.redirect_uri
        asked = url + target.format(state=listener.state)
        assert (await visit(asked, {**BROWSER, **headers}))[0] == status
        assert (await visit(f"{url}/?state={listener.state}&code=right"))[0] == 200
        assert await listener.code(5) == "right"
        assert (await visit(f"{url}/?state={listener.state}&code=late"))[0] == 400


async def test_noise_and_posts_end_nothing() -> None:
    async with RedirectListener(service="The CRM", path="/back") as listener:
        port = urlsplit(listener.redirect_uri).port
        for noise in (
            b"\x16\x03\x01\r\n\r\n",
            b"POST /back HTTP/1.1\r\n\r\n",
            b"GET /back HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n",
            b"x" * 20_000,
        ):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(noise)
            writer.close()
        back = f"{listener.redirect_uri}?state={listener.state}&code=right"
        await visit(back)
        assert await listener.code(5) == "right"


# --- staying signed in ----------------------------------------------------------------


async def test_a_token_is_renewed_before_it_expires_and_kept_before_it_is_used() -> (
    None
):
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        await http.request("GET", "/hello")
        assert desk.server.refreshes == 0  # it was not said when it expires
        desk.server.expire()
        await http.request("GET", "/hello")
        desk.now += 3600 - 100
        first = desk.keys.secrets["tokens"]
        await http.request("GET", "/hello")
        assert desk.server.refreshes == 2
        assert desk.keys.secrets["tokens"] != first
        async with desk.http() as (another, _):
            await another.request("GET", "/hello")
        assert desk.server.refreshes == 2


async def test_a_refused_token_is_renewed_once_for_all_who_wait() -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.expire()
        await asyncio.gather(*(http.request("GET", "/hello") for _ in range(8)))
        assert desk.server.refreshes == 1


async def test_a_service_that_refuses_every_token_is_not_asked_for_ever() -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.is_deaf = True
        for _ in range(3):
            with pytest.raises(AuthenticationFailed):
                await http.request("GET", "/hello")
        assert desk.server.refreshes == 1


async def test_a_consent_that_was_taken_back_asks_to_sign_in_again() -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.revoke()
        with pytest.raises(AuthenticationFailed) as caught:
            await http.request("GET", "/hello")
        assert caught.value.advice.startswith("Sign in again.")
        assert "SEKRET" not in str(caught.value)
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        assert (await http.request("GET", "/hello")).status == 200


async def test_nobody_signed_in_is_told_how_to() -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        with pytest.raises(AuthenticationFailed, match="source sign-in"):
            await http.request("GET", "/hello")


@pytest.mark.parametrize("kept", ["no json", "[]", "{}", '{"access": 3.5e400}'])
async def test_what_was_kept_and_cannot_be_read_asks_to_sign_in(kept: str) -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = kept
        with pytest.raises(AuthenticationFailed, match="Sign in again"):
            await http.request("GET", "/hello")


async def test_tokens_that_another_program_renewed_are_taken_over() -> None:
    async with a_desk() as desk, desk.http() as (app, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        await app.request("GET", "/hello")
        desk.server.expire()
        async with desk.http() as (command, _):
            await command.request("GET", "/hello")
        assert (await app.request("GET", "/hello")).status == 200
        assert desk.server.refreshes == 1


async def test_a_request_that_is_given_up_does_not_lose_the_new_token() -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.expire()
        desk.server.held = asyncio.Event()
        before = desk.keys.secrets["tokens"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await http.request("GET", "/hello")
        desk.server.held.set()
        await eventually(lambda: desk.keys.secrets["tokens"] != before, "new tokens")
        assert (await http.request("GET", "/hello")).status == 200
        assert desk.server.refreshes == 1


async def test_tokens_that_the_keychain_does_not_take_are_kept_at_the_next_try() -> (
    None
):
    async with a_desk() as desk:
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.expire()
        keep, is_locked = desk.keys.write, True

        async def write(name: str, secret: Secret) -> None:
            if is_locked:
                raise KeychainLocked("The keychain is locked")
            await keep(name, secret)

        desk.keys.write = write  # type: ignore[method-assign]
        async with desk.http() as (http, _):
            with pytest.raises(KeychainLocked):
                await http.request("GET", "/hello")
            is_locked = False
            assert (await http.request("GET", "/hello")).status == 200
        assert desk.server.refreshes == 1
        assert "SEKRET-refresh" in desk.keys.secrets["tokens"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, {"error": "slow_down"}, ProviderThrottled),
        (503, {}, ProviderUnavailable),
        (400, {"error": "temporarily_unavailable"}, ProviderUnavailable),
    ],
)
async def test_a_token_endpoint_in_trouble_does_not_sign_the_user_out(
    status: int, body: object, error: type[Exception]
) -> None:
    async with a_desk() as desk, desk.http() as (http, _):
        desk.keys.secrets["tokens"] = desk.server.signed_in()
        desk.server.expire()
        desk.server.failing.append((status, body, {}))
        with pytest.raises(error):
            await http.request("GET", "/hello")
        assert (await http.request("GET", "/hello")).status == 200


async def test_what_else_the_service_says_of_the_account_is_kept() -> None:
    server = AuthorizationServer(extra={"instance_url": "https://eu7.example.com"})
    async with a_desk(server) as desk:
        await desk.signs_in()
        async with desk.http() as (http, authority):
            assert (await authority.extra())["instance_url"] == (
                "https://eu7.example.com"
            )
            server.extra = {}
            server.expire()
            await http.request("GET", "/hello")
            assert set(await authority.extra()) == {"instance_url", "scope"}


# --- settings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"client_id": ""},
        {"client_id": "a\nb"},
        {"tenant": "evil.example/x"},
        {"tenant": ""},
        {"token_url": "http://login.example.com/token"},
        {"redirect_port": "70000"},
        {"redirect_port": "many"},
    ],
)
def test_settings_that_no_sign_in_can_use_are_refused(options: dict[str, str]) -> None:
    asked = SignIn(
        authorize_url="https://login.example.com/{tenant}/authorize",
        token_url="https://login.example.com/{tenant}/token",
        scopes=("contacts",),
    )
    given = {"client_id": CLIENT_ID, "tenant": "common", **options}
    with pytest.raises(ConfigurationError):
        SignInTerms.of(asked, a_context("", None, **given))


def test_a_scope_is_asked_for_only_where_a_setting_says_so() -> None:
    asked = SignIn(
        authorize_url="https://login.{dc}/authorize",
        token_url="https://login.{dc}/token",
        scopes=("contacts",),
        optional_scopes=(("people", "directory"),),
    )
    context = a_context("", client_id="id", dc="example.com.au", people="yes")
    terms = SignInTerms.of(asked, context)
    assert terms.scopes == ("contacts", "directory")
    assert terms.token_url == "https://login.example.com.au/token"
    context = a_context("", client_id="id", dc="example.com")
    assert SignInTerms.of(asked, context).scopes == ("contacts",)
