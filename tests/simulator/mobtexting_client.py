"""A client of the simulated MobTexting that sends what a test wants, right or wrong."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.simulator.loopback import KEEP, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.simulator.mobtexting.cloud import MobTextingCloud


class Client:
    """Sends requests to a cloud, right ones unless told otherwise."""

    def __init__(self, cloud: MobTextingCloud) -> None:
        self._cloud = cloud

    def send(
        self,
        method: str,
        path: str,
        content: object = KEEP,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self._cloud.credentials['api_token']}"}
        body = None
        if content is not KEEP:
            body = json.dumps(content).encode()
            sent["Content-Type"] = "application/json"
        if headers is not None:
            sent = {**sent, **headers}
        used = {name: value for name, value in sent.items() if value}
        parts = urlsplit(self._cloud.base_url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=5
        )
        try:
            connection.request(method, f"/api/v2{path}", body, used)
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

    def webhook(self, name: str, uri: str, **more: object) -> str:
        """A new webhook's id."""
        reply = self.post("/developer/webhooks", {"name": name, "uri": uri, **more})
        return str(reply.json["data"]["id"])

    def subscription(self, event: str, webhook_id: str) -> int:
        """A new subscription's id."""
        content = {"event": event, "identity": "all", "webhook_id": webhook_id}
        return int(self.post("/developer/subscriptions", content).json["data"]["id"])
