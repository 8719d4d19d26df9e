"""Where a directory server lives, checked before anything is sent there."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.service_address import is_loopback
from screenpop.wording import marked, tr, tr_marked

ENCRYPTIONS: Final = ("auto", "starttls", "none")
_PORTS: Final = {"ldap": 389, "ldaps": 636}
_ADVICE: Final = marked("It should look like ldaps://dc1.example.com.")


@frozen(kw_only=True)
class DirectoryAddress:
    """A server that may be talked to.

    Attributes:
        host: Its name or address.
        is_tls: Encrypted from the first byte (``ldaps``).
        is_start_tls: Encrypted before anything is said (RFC 4511 section 4.14).
    """

    host: str
    port: int
    is_tls: bool
    is_start_tls: bool

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.is_tls or self.is_start_tls

    @classmethod
    def checked(cls, text: str, encryption: str = "auto") -> DirectoryAddress:
        """The address in ``text``; without a scheme it counts as ``ldaps``.

        Args:
            text: As the user typed it.
            encryption: What to do with ``ldap://``. "auto": encrypt by StartTLS, but
                for a server on this machine; "starttls": everywhere; "none": nowhere,
                as the owner accepts that the password and all else can be read by
                anyone on the way.

        Raises:
            ConfigurationError: It cannot be used; the text never quotes it whole.
        """
        text = text.strip()
        scheme, host, port, rest = _parts(text if "://" in text else f"ldaps://{text}")
        if scheme not in _PORTS or not host:
            raise ConfigurationError(
                tr("That is no address of a directory"), tr_marked(_ADVICE)
            )
        if rest or "@" in text or not text.isprintable():
            raise ConfigurationError(
                tr("The directory's address holds more than an address"),
                tr(
                    "Leave out user names, passwords and search bases; they have "
                    "settings "
                    "of their own."
                ),
            )
        if encryption not in ENCRYPTIONS:
            raise ConfigurationError(
                tr("The setting encryption is none of its choices"),
                tr("Choose one of: {encryptions}.", encryptions=", ".join(ENCRYPTIONS)),
            )
        is_tls = scheme == "ldaps"
        asks = encryption == "starttls" or (
            encryption == "auto" and not is_loopback(host)
        )
        return cls(
            host=host,
            port=port or _PORTS[scheme],
            is_tls=is_tls,
            is_start_tls=asks and not is_tls,
        )


def _parts(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and all that should not be there; empty for what is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", None, ""
    rest = parts.path.strip("/") + parts.query + parts.fragment
    return parts.scheme, parts.hostname or "", port, rest
