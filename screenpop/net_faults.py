"""What keeps a connection from coming about, in words for the user."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

from screenpop.wording import tr

_LONGEST_CHAIN: Final = 12


def network_fault(error: BaseException, place: str) -> tuple[str, str] | None:
    """What keeps us from ``place``, as title and advice; None for nothing known."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return (
                tr("Cannot find {place} on the network", place=place),
                tr("Check the internet connection and the account's address."),
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                tr("The certificate of {place} is not trusted", place=place),
                tr(
                    "Check this computer's date. If your company inspects encrypted "
                    "traffic, have its certificate installed on this computer."
                ),
            )
        if isinstance(cause, ssl.SSLError):
            return (
                tr("No encrypted connection to {place} could be made", place=place),
                tr("Check that the account's address is right and really uses https."),
            )
        if isinstance(cause, ConnectionRefusedError):
            return (
                tr("Nothing takes connections at {place}", place=place),
                tr("Check the account's address; the service may be down."),
            )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, through chains and groups."""
    waiting = [error]
    for _ in range(_LONGEST_CHAIN):
        if not waiting:
            return
        current = waiting.pop(0)
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        cause = current.__cause__ or current.__context__
        if cause is not None:
            waiting.append(cause)
