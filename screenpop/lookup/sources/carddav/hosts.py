"""To which addresses the user's password may go."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urljoin, urlsplit

from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.service_address import ServiceAddress

# iCloud names a user's own host, p42-contacts.icloud.com, in its answers.
_FAMILIES: Final = {"contacts.icloud.com": "icloud.com"}
_KEPT_IN_PATHS: Final = "/@:!$&'()*+,;=~-._"


def checked_target(base: ServiceAddress, address: str, place: str) -> str:
    """Where ``place`` lies, as an answer of ``address`` names it.

    Args:
        base: The address that the user entered.
        address: Whose answer it is.
        place: A path, or a whole address.

    Raises:
        ConfigurationError: It is on a host that the user did not mean.
    """
    target = urljoin(address, place)
    if not may_have_password(base, target):
        host = _host(target)[:100] or tr("an address that cannot be used")
        raise ConfigurationError(
            tr(
                "{host} sends us to {other}, which gets no password of yours",
                host=base.host,
                other=host,
            ),
            tr("If that is your provider's server, enter its address for this source."),
        )
    return target


def may_have_password(base: ServiceAddress, target: str) -> bool:
    """Whether ``target`` is on the user's host or below it, and as well encrypted."""
    try:
        scheme = urlsplit(target).scheme
    except ValueError:
        return False
    is_safe = scheme == "https" or (scheme == "http" and not base.is_encrypted)
    if not is_safe or "@" in urlsplit(target).netloc:
        return False
    host = _host(target)
    if host == base.host:
        return True
    family = _FAMILIES.get(base.host, base.host)
    return not _is_number(family) and host.endswith(f".{family}")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def path_of(url: str) -> str:
    """The path of an address or path, the same however its letters are encoded."""
    return quote(unquote(urlsplit(url).path), safe=_KEPT_IN_PATHS)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
