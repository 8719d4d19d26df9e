"""Requests that the simulated Mango Voice makes to a callback URL."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.simulator.mango_voice.options import Encoding
from screenpop.simulator.mango_voice.spelling import FORM, JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.mango_voice.options import MangoVoiceOptions

# "1.5 seconds to connect and 1.5 seconds to answer".
TIMEOUT_SECONDS = 1.5


@frozen
class Reply:
    """What a subscriber answered; status 0 when it did not."""

    status: int
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        """Whether it was a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """The body as JSON; None when it is none."""
        try:
            found: object = json.loads(self.body)
        except ValueError:
            return None
        return found


class Endpoint:
    """A callback URL and its health.

    After a number of failures in a row nothing is tried for a while; then one event
    is, and the pause renews until that gets a 2xx. What happens meanwhile is lost.
    """

    def __init__(self, clock: Clock, options: MangoVoiceOptions) -> None:
        self._clock = clock
        self._options = options
        self._failures = 0
        self._paused_until = 0.0
        self.lost = 0

    def is_open(self) -> bool:
        """Whether an event may be tried now; counts those that are lost."""
        if self._clock.monotonic() < self._paused_until:
            self.lost += 1
            return False
        return True

    def report(self, error: str) -> None:
        """Count an attempt; `error` is "" for a 2xx."""
        if not error:
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= self._options.failures_to_pause:
            pause = self._options.pause_seconds
            self._paused_until = self._clock.monotonic() + pause


def written(
    url: str, parameters: JsonObject, encoding: Encoding
) -> tuple[str, JsonObject]:
    """Where a request goes and what is left for its body."""
    if encoding is not Encoding.QUERY:
        return url, parameters
    return f"{url}?{urlencode(parameters)}", {}


def ask(method: str, url: str, parameters: JsonObject, encoding: Encoding) -> Reply:
    """Make one request to a subscriber and wait for its answer."""
    url, rest = written(url, parameters, encoding)
    body, headers = b"", {"User-Agent": "screenpop-simulator"}
    if rest and encoding is Encoding.JSON:
        body, headers["Content-Type"] = json.dumps(rest).encode(), JSON
    elif rest:
        body, headers["Content-Type"] = urlencode(rest).encode(), FORM
    return _exchange(method, url, body, headers)


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """A Switchboard's URL with its placeholders replaced."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    if "{" in template:
        raise UsageError("The Switchboard's URL has a placeholder that is none")
    return template


def _exchange(method: str, url: str, body: bytes, headers: dict[str, str]) -> Reply:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS
    )
    try:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read())
    except (OSError, http.client.HTTPException):
        return Reply(0)
    finally:
        connection.close()
