"""Which account a request is for, found without telling anybody else."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from screenpop.domain.frozen import frozen
from screenpop.listener.guard import host_without_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.privacy import Secret

PREFIX: Final = "/hooks/"


@frozen(kw_only=True)
class HookRoute:
    """Where one account's webhooks arrive: ``/hooks/<account>/<token>``.

    Attributes:
        digest: ``digest_of`` the unguessable part; empty for a closed door.
        methods: The HTTP methods that this vendor uses.
    """

    account_id: str
    digest: bytes
    methods: frozenset[str] = frozenset({"POST"})


def digest_of(token: Secret) -> bytes:
    """What stands for a token, URL-safe and of at least 128 random bits, at the door.

    Whoever knows it does not know the token.
    """
    revealed = token.reveal()
    return sha256(revealed.encode()).digest() if revealed else b""


@frozen
class Destination:
    """What a request's target says once its secret is taken out.

    Attributes:
        methods: The HTTP methods that the account's vendor uses.
        rest: What followed the secret, "" or "/…", exactly as sent.
        query: The raw query without "?".
    """

    account_id: str
    methods: frozenset[str]
    rest: str
    query: str


class RouteTable:
    """The routes of all accounts; never changed, only replaced."""

    def __init__(self, routes: Iterable[HookRoute] = ()) -> None:
        self._routes = tuple(
            (
                quote(route.account_id, safe="").encode(),
                route.digest,
                route,
            )
            for route in routes
            if route.digest
        )

    def find(self, target: str) -> Destination | None:
        """The account that ``target`` (path and query, as sent) belongs to.

        Nothing is decoded or tidied up: a path is right only letter by letter. Every
        route is compared in full, whatever the path looks like.
        """
        path, _, query = target.partition("?")
        is_hook = path.startswith(PREFIX)
        account, _, tail = path[len(PREFIX) :].partition("/")
        token, slash, rest = tail.partition("/")
        given_account = account.encode("utf-8", "replace")
        given_digest = sha256(token.encode("utf-8", "replace")).digest()
        found: HookRoute | None = None
        for own_account, own_digest, route in self._routes:
            is_token = hmac.compare_digest(own_digest, given_digest)
            is_account = hmac.compare_digest(own_account, given_account)
            if is_token & is_account & is_hook:
                found = route
        if found is None:
            return None
        return Destination(found.account_id, found.methods, slash + rest, query)


class FrontDoor:
    """What the listener lets in; replaced from any thread while it runs.

    Each attribute is swapped whole, so that a request sees the old or the new one.
    """

    def __init__(self, bound_host: str) -> None:
        self._bound_host = bound_host
        self.routes = RouteTable()
        self.hosts: frozenset[str] = frozenset()
        self.allow_hosts(())

    def allow_hosts(self, hosts: Iterable[str]) -> None:
        """Names, with or without a port, that a ``Host`` header may carry."""
        bound = f"[{self._bound_host}]" if ":" in self._bound_host else self._bound_host
        named = (host_without_port(host) for host in (*hosts, bound))
        self.hosts = frozenset(name for name in named if name)


def host_of_url(url: str) -> str:
    """The host that callers of ``url`` put into their ``Host`` header; "" if none."""
    return urlsplit(url).netloc.rpartition("@")[2]
