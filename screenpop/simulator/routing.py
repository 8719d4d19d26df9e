"""Which request does what, and the strictness that goes for all of them."""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from screenpop.simulator.http_server import Answer, JsonObject, Request


class Refusal(Exception):
    """The request is refused with `status`.

    Attributes:
        headers: What the answer says besides, such as ``Allow``.
    """

    def __init__(
        self, status: int, reason: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


@frozen
class Question:
    """A request that found its route and passed the checks.

    Attributes:
        names: What stands for the ``{...}`` of the route's path.
        query: Decoded; each name at most once.
        content: The JSON body; empty where the route takes none.
        accepts: The media type to answer with.
    """

    request: Request
    names: Mapping[str, str]
    query: Mapping[str, str]
    content: JsonObject
    accepts: str


@frozen(kw_only=True)
class Route:
    """One documented endpoint.

    Attributes:
        path: With ``{name}`` for the parts that vary.
        query: Names that may stand in the query.
        takes_body: Wants a JSON object; without it a body is refused.
        offers: Media types that it can answer with; the first is the default.
    """

    method: str
    path: str
    respond: Callable[[Question], Answer]
    query: frozenset[str] = field(default=frozenset())
    takes_body: bool = False
    offers: Sequence[str] = ("application/json",)

    def match(self, path: str) -> dict[str, str] | None:
        """The varying parts of `path`; None when it is another."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(pattern, path)
        return None if found is None else found.groupdict()


class Router:
    """Finds the route of a request and checks what every route demands."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)

    def answer(self, request: Request) -> Answer:
        """Carry `request` out.

        Raises:
            Refusal: 404 no such path; 405 not with this method; 406 no acceptable
                format; 400 a query or body that the document does not allow.
        """
        route, names = self._find(request)
        accepts = _negotiate(request.headers.get("accept", "*/*"), route.offers)
        query = _read_query(request.query, route.query)
        content = _read_content(request) if route.takes_body else _no_content(request)
        return route.respond(Question(request, names, query, content, accepts))

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        allowed = []
        for route in self._routes:
            names = route.match(request.path)
            if names is None:
                continue
            if route.method == request.method:
                return route, names
            allowed.append(route.method)
        if allowed:
            allow = {"Allow": ", ".join(sorted(set(allowed)))}
            raise Refusal(405, f"Not with {request.method}", allow)
        raise Refusal(404, "No such resource")


def _negotiate(accept: str, offers: Sequence[str]) -> str:
    for entry in accept.split(","):
        wanted, _, parameters = entry.partition(";")
        if re.search(r"\bq=0(\.0*)?\s*$", parameters):
            continue
        for offer in offers:
            if wanted.strip().lower() in ("*/*", f"{offer.split('/')[0]}/*", offer):
                return offer
    raise Refusal(406, f"Only {' or '.join(offers)} is offered")


def _read_query(text: str, known: frozenset[str]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise Refusal(400, f"Unknown parameter {name!r}")
        if name in query:
            raise Refusal(400, f"Parameter {name!r} given twice")
        query[name] = value
    return query


def _read_content(request: Request) -> JsonObject:
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON") from None
    if not isinstance(content, dict):
        raise Refusal(400, "The body is not a JSON object")
    return content


def _no_content(request: Request) -> JsonObject:
    # Some HTTP libraries send an empty object with every request.
    if request.body.strip() not in (b"", b"{}"):
        raise Refusal(400, "This request takes no body")
    return {}
