"""A webhook receiver on loopback that repeats challenges."""

from __future__ import annotations

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class _Hooks(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        owner = self.server.owner
        value = json.loads(body)
        owner.requests.append((self.path, dict(self.headers.items()), value))
        is_challenge = "challenge" in value
        answer = b""
        if is_challenge and owner.repeats:
            answer = json.dumps({"challenge": value["challenge"]}).encode()
        self.send_response(200 if is_challenge else owner.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(HTTPServer):
    def __init__(self, owner: EchoReceiver) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Hooks)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)


class EchoReceiver:
    """Keeps path, headers and body of what it got."""

    def __init__(self) -> None:
        self.repeats = True
        self.status = 200
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> EchoReceiver:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/acme/token"

    @property
    def payloads(self) -> list[Any]:
        """What came but for challenges."""
        return [value for _, _, value in self.requests if "challenge" not in value]
