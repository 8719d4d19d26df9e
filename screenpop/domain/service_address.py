"""Where a service lives on the web, checked before anything is sent there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr


@frozen
class ServiceAddress:
    """A base URL that may be used.

    Attributes:
        url: Without a trailing slash.
        host: The host's name or address.
        is_local: It is this machine.
    """

    url: str
    host: str
    is_encrypted: bool
    is_local: bool

    @classmethod
    def checked(cls, text: str, *, allow_plain_http: bool = False) -> ServiceAddress:
        """The address in ``text``: https, or plain http on this machine.

        Args:
            text: As the user typed it.
            allow_plain_http: The account's owner accepts that keys and calls can be
                read by anyone on the way.

        Raises:
            ConfigurationError: It cannot be used; the text never quotes it whole.
        """
        text = text.strip().rstrip("/")
        scheme, host, _port = _origin(text)
        if scheme not in ("http", "https") or not host:
            raise ConfigurationError(
                tr("The account's address is not a web address"),
                tr("It should look like https://api.example.com."),
            )
        if any(mark in text for mark in "@?#\\ ") or not text.isprintable():
            raise ConfigurationError(
                tr("The account's address holds more than an address"),
                tr(
                    "Leave out user names, passwords, “?” and “#”; keys go to the "
                    "keychain."
                ),
            )
        is_local = is_loopback(host)
        if scheme == "http" and not (is_local or allow_plain_http):
            raise ConfigurationError(
                tr("The account's address at {host} is not encrypted", host=host),
                tr(
                    "Use https:// so that nobody on the way can read the key and the "
                    "calls."
                ),
            )
        return cls(text, host, is_encrypted=scheme == "https", is_local=is_local)

    def has_same_origin(self, url: str) -> bool:
        """Whether ``url`` has the same scheme, host and port."""
        return _origin(url) == _origin(self.url)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; empty for what is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port
