"""The two ends a simulated cloud talks to: a client of its API, and a receiver."""

from __future__ import annotations

import http.client
import json
import socketserver
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from screenpop.simulator.voxloud.cloud import VoxloudCloud

KEEP = object()


@dataclass(frozen=True)
class Reply:
    """What came back; `json` fails for a body that is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests to a cloud, right ones unless told otherwise."""

    def __init__(self, cloud: VoxloudCloud) -> None:
        self._cloud = cloud

    def send(
        self,
        method: str,
        path: str,
        content: object = KEEP,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        timeout: float = 5.0,
    ) -> Reply:
        sent: dict[str, str | None] = {
            "Voverc-Auth": self._cloud.credentials["api_key"]
        }
        if content is not KEEP:
            body = json.dumps(content).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        parts = urlsplit(self._cloud.base_url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=timeout
        )
        try:
            used = {name: value for name, value in sent.items() if value is not None}
            connection.request(method, path, body, used)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        return self.send("GET", path)

    def post(self, path: str, content: object) -> Reply:
        return self.send("POST", path, content)

    def put(self, path: str, content: object) -> Reply:
        return self.send("PUT", path, content)

    def delete(self, path: str) -> Reply:
        return self.send("DELETE", path)

    def subscribe(self, url: str, *event_types: str) -> list[str]:
        """The new subscriptions' ids."""
        return [
            self.post(
                "/api/v1/webhook-subscriptions",
                {"callback_url": url, "event_type": event_type},
            ).json["id"]
            for event_type in event_types
        ]


class _Hooks(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append((self.headers["Content-Type"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(HTTPServer):
    def __init__(self) -> None:
        self.status = 204
        self.bodies: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Hooks)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)


class Receiver:
    """A real webhook receiver on loopback."""

    def __init__(self) -> None:
        self._server = _Server()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self) -> Receiver:
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

    def answer_with(self, status: int) -> None:
        self._server.status = status

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self._server.bodies]

    @property
    def content_types(self) -> set[str]:
        return {kind for kind, _ in self._server.bodies}

    @property
    def payloads(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    @property
    def types(self) -> list[str]:
        return [payload["type"] for payload in self.payloads]
