"""One connection to a directory; the only module that knows the LDAP library.

It blocks, so it is used in threads only (see ``directory``). The library (ldap3 2.9.1)
was found wanting in some ways that matter here: its time-out is per read, an answer may
be as long as the server likes, certificates are not those of the system, and a referral
is followed with the password to whatever server it names. A socket that counts, a TLS
set-up of our own and ``auto_referrals=False`` see to that.
"""

from __future__ import annotations

import math
import socket
import time
from typing import TYPE_CHECKING, Any, Final

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPInvalidFilterError,
    LDAPStartTLSError,
)

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PayloadError,
    PermissionDenied,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.lookup.sources.ldap.entries import Entry, Page
from screenpop.net import tls_context
from screenpop.net_faults import network_fault
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.domain.errors import ScreenpopError
    from screenpop.lookup.sources.ldap.address import DirectoryAddress
    from screenpop.lookup.sources.ldap.entries import Login

_MOST_BYTES: Final = 4 * 1024 * 1024
_LEAST_SECONDS: Final = 0.01
_PAGED_RESULTS: Final = "1.2.840.113556.1.4.319"
# RFC 4511 section 4.1.9 and appendix A. Some entries are better than none, so a limit
# that was reached on the way (3, 4, 11) is no failure.
_OK: Final = frozenset({0, 3, 4, 11})
_BAD_PASSWORD: Final = frozenset({48, 49})
_WANTS_ENCRYPTION: Final = frozenset({8, 13})
_NO_SUCH_PLACE: Final = frozenset({10, 32, 34})
_BUSY: Final = frozenset({51, 52, 80})
_MAY_NOT: Final = frozenset({1, 50})
# What decoding rubbish ends in.
_UNREADABLE: Final = (
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


class Lost(Exception):
    """The connection broke; a new one may work.

    Attributes:
        error: What to tell the user.
    """

    def __init__(self, error: ScreenpopError) -> None:
        super().__init__(error.title)
        self.error = error


class _SystemTls(ldap3.Tls):  # type: ignore[misc]
    """The system's certificates, checked as for every other connection of ours."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._host = host
        self.fault: BaseException | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Encrypt the connection's socket; the fault is kept, the library loses it."""
        try:
            connection.socket = tls_context().wrap_socket(
                connection.socket, server_hostname=self._host
            )
        except BaseException as error:
            self.fault = error
            raise


class _BoundedSocket:
    """Gives each question its whole time and an allowance of bytes."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._deadline = 0.0
        self._left = 0

    def allow(self, deadline: float) -> None:
        self._deadline = deadline
        self._left = _MOST_BYTES

    def recv(self, size: int) -> bytes:
        seconds = self._deadline - time.monotonic()
        self.inner.settimeout(max(seconds, _LEAST_SECONDS))
        data: bytes = self.inner.recv(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("the answer is too long")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Wire:
    """A connection, opened at its first use and gone after its first fault."""

    def __init__(self, address: DirectoryAddress, label: str) -> None:
        """Nothing is opened yet.

        Args:
            address: Where to.
            label: What the user calls the source, for error texts.
        """
        self._address = address
        self._label = label
        self._tls = _SystemTls(address.host)
        self._connection: Any = None
        self._deadline = 0.0
        self._is_cut = False

    def open(self, login: Login, deadline: float) -> None:
        """Connect, encrypt and sign in.

        Args:
            login: Who asks.
            deadline: Until when, by ``time.monotonic``.

        Raises:
            Lost: There is no way to the server.
            ProviderError: It refuses us.
        """
        self._deadline = deadline
        try:
            self._connect(login)
            self._sign_in(login)
        except (LDAPException, OSError, *_UNREADABLE) as error:
            raise self._fault(error) from None

    def _connect(self, login: Login) -> None:
        seconds = max(1, math.ceil(self._deadline - time.monotonic()))
        server = ldap3.Server(
            self._address.host,
            port=self._address.port,
            use_ssl=self._address.is_tls,
            tls=self._tls,
            get_info=ldap3.NONE,
            connect_timeout=seconds,
        )
        is_somebody = bool(login.name)
        self._connection = ldap3.Connection(
            server,
            user=login.name or None,
            password=login.password if is_somebody else None,
            authentication=ldap3.SIMPLE if is_somebody else ldap3.ANONYMOUS,
            auto_referrals=False,
            auto_range=False,
            auto_escape=False,
            auto_encode=False,
            check_names=False,
            receive_timeout=seconds,
        )
        self._connection.open(read_server_info=False)
        self._bind_socket()
        if self._address.is_start_tls:
            self._start_tls()

    def _bind_socket(self) -> None:
        self._connection.socket = _BoundedSocket(self._connection.socket)
        self._connection.socket.allow(self._deadline)
        if self._is_cut:
            raise OSError("nobody waits any longer")

    def _start_tls(self) -> None:
        # Encryption wraps the real socket, so the counting one steps aside.
        inner = self._connection.socket.inner
        inner.settimeout(max(self._deadline - time.monotonic(), _LEAST_SECONDS))
        self._connection.socket = inner
        if not self._connection.start_tls(read_server_info=False):
            raise LDAPStartTLSError("refused")
        self._bind_socket()

    def _sign_in(self, login: Login) -> None:
        self._connection.bind(read_server_info=False)
        self._check_result(self._connection.result, login)

    def search(
        self,
        base: str,
        search_filter: str,
        attributes: Sequence[str],
        *,
        limit: int,
        page_size: int,
        cookie: bytes = b"",
    ) -> Page:
        """The next entries at or below ``base`` that fit the filter.

        Args:
            base: Where to begin.
            search_filter: By RFC 4515.
            attributes: What to read of each.
            limit: The most entries the server may find.
            page_size: The most at a time, where the server can (RFC 2696).
            cookie: The last page's.

        Raises:
            Lost: The connection broke.
            ProviderError: The server does not answer the question.
        """
        try:
            self._connection.search(
                base,
                search_filter,
                attributes=list(attributes),
                size_limit=limit,
                time_limit=max(1, math.ceil(self._deadline - time.monotonic())),
                paged_size=page_size,
                paged_cookie=cookie or None,
            )
            result, found = self._connection.result, self._connection.response or []
            self._check_result(result, None)
            return Page(_entries(found)[:limit], _cookie(result))
        except LDAPInvalidFilterError:
            raise ConfigurationError(
                tr("The search filter of {label} cannot be read", label=self._label),
                tr("It should look like (objectClass=person)."),
            ) from None
        except (LDAPException, OSError, *_UNREADABLE) as error:
            raise self._fault(error) from None

    def renew(self, deadline: float) -> None:
        """Give an open connection the time of another question."""
        self._deadline = deadline
        self._connection.socket.allow(deadline)

    def cut(self) -> None:
        """End whatever is going on; from another thread, at any time."""
        self._is_cut = True
        outer = getattr(self._connection, "socket", None)
        inner = getattr(outer, "inner", outer)
        if isinstance(inner, socket.socket):
            try:
                # Not the encrypted socket's own method, which is for its thread only.
                socket.socket.shutdown(inner, socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already, which is what is wanted

    def close(self) -> None:
        """Say goodbye where there is somebody to say it to."""
        if self._connection is None:
            return
        try:
            self._connection.unbind()
        except (LDAPException, OSError, *_UNREADABLE):
            self._drop()

    def _drop(self) -> None:
        """Close the socket; the library leaves one that never connected open."""
        inner = getattr(self._connection, "socket", None)
        if self._connection is not None:
            self._connection.strategy.close()
        if inner is not None:
            inner.close()

    # --- what went wrong --------------------------------------------------------------

    def _fault(self, error: BaseException) -> Exception:
        """The error as ours; the library's own texts hold names and are not shown."""
        self._drop()
        host = self._address.host
        known = network_fault(self._tls.fault or _first_cause(error), host)
        if known is not None:
            return Lost(ProviderUnavailable(*known))
        if isinstance(error, LDAPStartTLSError):
            return ProviderUnavailable(
                tr("{host} does not offer an encrypted connection", host=host),
                tr("Use ldaps://, or have StartTLS switched on there."),
            )
        if isinstance(error, OSError | LDAPCommunicationError):
            if time.monotonic() >= self._deadline or isinstance(error, TimeoutError):
                return ProviderUnavailable(
                    tr("{label} took too long to answer", label=self._label)
                )
            return Lost(
                ProviderUnavailable(
                    tr("{label} broke off the connection", label=self._label)
                )
            )
        return PayloadError(
            tr("{label} gave an answer that cannot be read", label=self._label)
        )

    def _check_result(
        self, result: Mapping[str, Any] | None, login: Login | None
    ) -> None:
        code = (result or {}).get("result")
        if code in _OK:
            return
        self._drop()
        raise _refusal(code, self._label, login)


def _refusal(code: object, label: str, login: Login | None) -> ScreenpopError:
    if code in _BAD_PASSWORD:
        return AuthenticationFailed(
            tr("{label} does not accept the name and password", label=label),
            tr("Check the setting bind_dn and enter the password again."),
        )
    if code in _WANTS_ENCRYPTION:
        return ProviderUnavailable(
            tr("{label} wants an encrypted connection", label=label),
            tr("Use ldaps://, or the setting encryption with “starttls”."),
        )
    if code in _NO_SUCH_PLACE:
        return ConfigurationError(
            tr("{label} knows no such place", label=label),
            tr("Check the settings base_dn and bind_dn.")
            if login and login.name
            else tr("Check the setting base_dn."),
        )
    if code in _MAY_NOT:
        return PermissionDenied(
            tr("{label} does not let us search", label=label),
            tr(
                "It may want a name and a password (bind_dn), or other rights for them."
            ),
        )
    if code in _BUSY:
        return ProviderUnavailable(tr("{label} is too busy at the moment", label=label))
    return RequestRejected(
        tr(
            "{label} did not accept the question (result {code})",
            label=label,
            code=code,
        )
    )


def _first_cause(error: BaseException) -> BaseException:
    """The error itself, or the first of those that a host's several addresses gave."""
    for argument in error.args[1:2]:
        if isinstance(argument, list) and argument and isinstance(argument[0], tuple):
            first = argument[0][0]
            if isinstance(first, BaseException):
                return first
    if "invalid server address" in str(error):
        return socket.gaierror()
    return error


def _entries(found: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            str(each.get("dn", "")),
            {
                str(name).partition(";")[0].casefold(): tuple(map(bytes, values))
                for name, values in each.get("raw_attributes", {}).items()
            },
        )
        for each in found
        if each.get("type") == "searchResEntry"
    )


def _cookie(result: Mapping[str, Any]) -> bytes:
    control = result.get("controls", {}).get(_PAGED_RESULTS, {})
    cookie = control.get("value", {}).get("cookie", b"")
    return cookie if isinstance(cookie, bytes) else b""
