"""A small HTTP server on loopback, and the ways in which its answers can fail."""

from __future__ import annotations

import contextlib
import html
import json
import logging
import socket
import socketserver
import sys
import threading
from dataclasses import field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from screenpop.domain.frozen import frozen
from screenpop.simulator.clock import StopSignal
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.protocol import ReceivedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import BufferedIOBase

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults, FaultSource
    from screenpop.simulator.logbook import Logbook

    TakesOver = Callable[[BufferedIOBase, BufferedIOBase], None]

_log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
MAXIMUM_BODY_BYTES = 20_000_000
IDLE_SECONDS = 60.0

JsonObject = dict[str, object]


@frozen(kw_only=True)
class Request:
    """A request as the server read it.

    Attributes:
        path: Decoded, without the query.
        query: Still encoded.
        headers: Names in lower case.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@frozen(kw_only=True)
class Answer:
    """What to send back.

    Attributes:
        takes_over: What the connection is given to after a 101, until it returns:
            where to read and where to write.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    takes_over: TakesOver | None = None


def json_answer(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """`value` as a JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers=headers or {})


class LoopbackServer:
    """Serves on 127.0.0.1, one thread per connection.

    Args:
        respond: Carries a request out; runs on the connection's thread.
        refuse: The vendor's error answer for a status and a reason.
        port: 0 for a free one, which is then kept over restarts.
    """

    def __init__(
        self,
        respond: Callable[[Request], Answer],
        refuse: Callable[[int, str], Answer],
        *,
        faults: FaultSource,
        log: Logbook[ReceivedRequest],
        clock: Clock,
        port: int = 0,
    ) -> None:
        self.respond = respond
        self.refuse = refuse
        self.faults = faults
        self.log = log
        self.port = port
        self.clock = clock
        self.stopping = StopSignal(clock)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        self.stopping = StopSignal(self.clock)
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.01},
            name="simulator-http",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection; wait for their threads."""
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self._server = None
        self._thread = None

    def answer(self, request: Request, faults: Faults) -> Answer:
        """Carry `request` out, unless a fault forbids."""
        if faults.answer_delay_seconds:
            self.stopping.pause(faults.answer_delay_seconds)
        if faults.unauthorized:
            return self.refuse(401, "The key is not valid")
        if faults.forbidden:
            return self.refuse(403, "The key may not do this")
        if faults.throttle:
            return self._throttled(faults)
        if faults.server_error:
            return self.refuse(faults.server_error, "Out of order")
        answer = self.respond(request)
        if faults.html_instead_of_json:
            page = f"<!doctype html><title>{html.escape('Sign in')}</title>"
            return Answer(body=page.encode(), content_type="text/html; charset=utf-8")
        return Answer(status=200) if faults.empty_answer else answer

    def _throttled(self, faults: Faults) -> Answer:
        refusal = self.refuse(429, "Too many requests")
        if faults.retry_after_seconds is None:
            return refusal
        seconds = f"{faults.retry_after_seconds:g}"
        return Answer(status=429, body=refusal.body, headers={"Retry-After": seconds})


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close() waits for them
    request_queue_size = 128

    def __init__(self, owner: LoopbackServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((LOOPBACK, owner.port), _Connection)

    def server_bind(self) -> None:
        # HTTPServer's own asks the name service for the machine's name, which may
        # take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name = LOOPBACK
        self.server_port = self.server_address[1]

    def opened(self, connection: socket.socket) -> None:
        with self._open_lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._open_lock:
            self._open.discard(connection)

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            _log.debug("A client went away: %s", type(error).__name__)
        else:
            _log.exception("The simulator failed at a request")


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # head and body leave in one packet
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.closed(self.connection)

    def version_string(self) -> str:
        return "simulator"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The ``Date`` of an answer, by the clock of the phone system."""
        now = self.server.owner.clock.now()
        return super().date_time_string(timestamp or now.timestamp())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests are in the cloud's own log."""

    def _serve(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        body = self._read_body()
        if body is None:
            faults, answer = NO_FAULTS, owner.refuse(400, "Unreadable body")
            self.close_connection = True
        else:
            request = Request(
                method=self.command,
                path=path,
                query=parts.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
            )
            faults = owner.faults.for_request(path)
            answer = owner.answer(request, faults)
        is_unanswered = faults.hang or faults.lost_answer
        owner.log.add(
            ReceivedRequest(
                method=self.command,
                path=path,
                query=parts.query,
                body=body or b"",
                status=0 if is_unanswered else answer.status,
            )
        )
        self._write(answer, faults)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _read_body(self) -> bytes | None:
        """The body; None when it has no honest length."""
        if self.headers.get("Transfer-Encoding"):
            return None
        text = self.headers.get("Content-Length", "0")
        length = int(text) if text.isascii() and text.isdigit() else -1
        if not 0 <= length <= MAXIMUM_BODY_BYTES:
            return None
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _write(self, answer: Answer, faults: Faults) -> None:
        stopping = self.server.owner.stopping
        if faults.hang:
            stopping.pause(None)
        if faults.hang or faults.lost_answer or stopping.is_set:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.body:
            self.send_header("Content-Type", answer.content_type)
        if answer.status not in (101, 204):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.status == 101 and answer.takes_over is not None:
            self._hand_over(answer.takes_over)
            return
        body = b"" if self.command == "HEAD" else answer.body
        if faults.half_answer:
            body = body[: len(body) // 2]
            self.close_connection = True
        if faults.slow_drip_seconds:
            self._drip(body, faults.slow_drip_seconds)
        else:
            self.wfile.write(body)

    def _hand_over(self, takes_over: TakesOver) -> None:
        """HTTP is over on this connection."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.settimeout(None)
        takes_over(self.rfile, self.wfile)

    def _drip(self, body: bytes, pause_seconds: float) -> None:
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            self.wfile.flush()
            if not self.server.owner.stopping.pause(pause_seconds):
                self.close_connection = True
                return
