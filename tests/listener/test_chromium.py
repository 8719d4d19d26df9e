"""A hostile page in a real browser on the same machine gets nothing in."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from screenpop.domain.privacy import Secret
from screenpop.listener import HookRoute, digest_of
from screenpop.listener.guard import METHODS
from tests.listener.senders import PATH, TOKEN, exchange, request
from tests.requirements import require_program
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screenpop.listener import ListenerThread
    from tests.listener.senders import RecordingIntake

PAGE = Path(__file__).with_name("hostile_page.html").read_bytes()

# What a server without a guard gets: the last two ask first and go no further.
UNASKED = {
    ("POST", "beacon"),
    ("POST", "fetch-text"),
    ("GET", "fetch-get"),
    ("POST", "fetch-keepalive"),
    ("GET", "img"),
    ("GET", "iframe"),
    ("POST", "form"),
    ("GET", "websocket"),
}
ASKED = {("OPTIONS", "fetch-json"), ("OPTIONS", "fetch-put")}
# The public name of a page whose address was turned to this machine.
REBOUND = "rebound.example"


class Handler(BaseHTTPRequestHandler):
    """Serves the page, and takes down what is sent to it as if it were a listener."""

    targets: ClassVar[list[str]] = []
    seen: ClassVar[list[tuple[str, str, str]]] = []
    done: ClassVar[threading.Event] = threading.Event()

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        path, _, query = self.path.partition("?")
        if path == "/":
            body = PAGE
        elif path == "/targets":
            body = json.dumps(self.targets).encode()
        elif path == "/done":
            self.done.set()
        else:
            host = self.headers["Host"].partition(":")[0]
            self.seen.append((host, self.command, query))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks for do_GET, do_POST and so on.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass


class PageServer(ThreadingHTTPServer):
    """Says nothing about a browser that goes away in the middle."""

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[int]:
    with PageServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def showing(url: str, profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        require_program("chromium", "chromium-browser", "google-chrome"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--remote-debugging-port=0",
        f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, "
        "EXCLUDE 127.0.0.1, EXCLUDE localhost",
        f"--user-data-dir={profile}",
        url,
    ]
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield browser
    finally:
        browser.terminate()
        try:
            browser.wait(10)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait(10)


@pytest.mark.chromium
@pytest.mark.parametrize("page_host", ["127.0.0.1", REBOUND])
def test_a_hostile_page_gets_nothing_in(
    listener: ListenerThread, intake: RecordingIntake, tmp_path: Path, page_host: str
) -> None:
    """Not even with the right token, and whatever method the vendor uses.

    A second server without a guard gets the same treatment, and proves by what it
    sees that the browser did send everything.
    """
    listener.set_routes(
        [HookRoute(account_id="acme", digest=digest_of(Secret(TOKEN)), methods=METHODS)]
    )
    hosts = ["127.0.0.1", "localhost", REBOUND]
    Handler.seen.clear()
    Handler.done.clear()
    with ExitStack() as stack:
        page_port = stack.enter_context(serving())
        unguarded_port = stack.enter_context(serving())
        Handler.targets = [
            f"http://{host}:{port}{path}"
            for host in hosts
            for port, path in (
                (unguarded_port, PATH),
                (listener.port, PATH),
                (listener.port, "/hooks/acme/wrong"),
            )
        ]
        url = f"http://{page_host}:{page_port}/"
        stack.enter_context(showing(url, tmp_path / "profile"))
        until(Handler.done.is_set, "the page has tried everything", seconds=90)
        expected = {
            (host, method, way) for host in hosts for method, way in UNASKED | ASKED
        }
        until(
            lambda: expected <= set(Handler.seen),
            "the unguarded server has seen everything",
        )
        # Nothing is under way any more when the listener is done with all of it.
        attempts = len(hosts) * 2 * len(UNASKED | ASKED)
        until(
            lambda: sum(listener.stats().refused.values()) >= attempts,
            "the listener has refused everything",
        )
    stats = listener.stats()
    assert intake.deliveries == []
    assert (stats.accepted, stats.ignored) == (0, 0)
    assert set(stats.refused) == {"browser", "foreign_host"}
    assert exchange(listener.port, request(listener.port)).status == 200
    assert len(intake.deliveries) == 1
