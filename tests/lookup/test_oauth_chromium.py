"""A real browser at the end of a sign-in, and a page in it that meddles."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from screenpop.lookup.manifest import SignIn
from screenpop.lookup.oauth import sign_in
from screenpop.lookup.redirect_listener import RedirectListener
from screenpop.lookup.sign_in_terms import SignInTerms
from tests.lookup.sources.conftest import a_context
from tests.lookup.sources.standins.authorization import CLIENT_ID, AuthorizationServer
from tests.net.loopback import LoopbackServer
from tests.requirements import require_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.net.loopback import Connection, Request

PATIENCE = 60


async def browse(url: str, profile: Path) -> str:
    """What a browser shows at an address when everything is loaded."""
    process = await asyncio.create_subprocess_exec(
        require_program("chromium", "chromium-browser", "google-chrome"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        f"--user-data-dir={profile}",
        "--dump-dom",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return said.decode()


@pytest.mark.chromium
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_sign_in_in_a_real_browser_comes_back(
    tmp_path: Path, host: str
) -> None:
    server = AuthorizationServer()

    async def handler(request: Request, connection: Connection) -> None:
        if not await server.handle(request, connection):
            await connection.reply(404)

    async with LoopbackServer(handler) as service:
        asked = SignIn(
            authorize_url="{base_url}/authorize",
            token_url="{base_url}/token",
            scopes=server.scopes,
            redirect_host=host,
        )
        terms = SignInTerms.of(asked, a_context(service.url, client_id=CLIENT_ID))
        pages: list[asyncio.Task[str]] = []

        def open_url(url: str) -> None:
            pages.append(asyncio.ensure_future(browse(url, tmp_path)))

        tokens = await sign_in(terms, open_url)
        assert tokens.access in server.access
        assert "You can close this page" in await pages[0]


@pytest.mark.chromium
async def test_a_page_that_meddles_gets_nothing_in(tmp_path: Path) -> None:
    async with RedirectListener(service="The CRM") as listener:
        # Even with the state, which it cannot know.
        back = f"{listener.redirect_uri}/?state={listener.state}&code=stolen"

        async def handler(_request: Request, connection: Connection) -> None:
            page = f"<iframe src='{back}'></iframe><img src='{back}'>"
            page += f"<script>fetch('{back}', {{mode: 'no-cors'}})</script>"
            await connection.reply(200, page.encode(), "text/html")

        async with LoopbackServer(handler) as hostile:
            assert "iframe" in await browse(hostile.url, tmp_path)
        right = f"{listener.redirect_uri}/?state={listener.state}&code=right"
        assert "You can close this page" in await browse(right, tmp_path)
        assert await listener.code(5) == "right"
