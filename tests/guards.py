"""Watchers that tests/conftest.py puts around every test."""

from __future__ import annotations

import errno
import ipaddress
import logging
import re
import socket
from typing import Any


class LogGuard:
    """Sees every log record as it is made, whatever handlers and filters do to it."""

    def __init__(self) -> None:
        self._factory = logging.getLogRecordFactory()
        self._expected: list[str] = []
        self._records: list[logging.LogRecord] = []

    def start(self, *, expected: list[str]) -> None:
        """Watch from now on; each regex must match a record, and each record one."""
        self._expected = list(expected)
        self._records = []
        self._factory = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._make)

    def expect(self, regex: str) -> None:
        """Add to what is expected."""
        self._expected.append(regex)

    def stop(self) -> list[str]:
        """Stop watching and return one complaint for each surprise."""
        logging.setLogRecordFactory(self._factory)
        lines = [
            f"{record.levelname} {record.name}: {record.getMessage()}"
            + (f" ({record.exc_info[1]!r})" if record.exc_info else "")
            for record in self._records
        ]
        complaints = [
            f"unexpected log line: {line}"
            for line in lines
            if not any(re.search(regex, line) for regex in self._expected)
        ]
        complaints += [
            f"expected log line did not come: {regex}"
            for regex in self._expected
            if not any(re.search(regex, line) for line in lines)
        ]
        return complaints

    def _make(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._factory(*args, **kwargs)
        if record.levelno >= logging.WARNING:
            self._records.append(record)
        return record


class NetworkGuard:
    """Lets sockets reach this machine only, and notes each attempt to go further.

    To the program an attempt looks like a machine without a network. A name that ends
    in `.invalid` fails the same way and is not held against the test: use such names
    where being offline is the point.
    """

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._real_methods = {
            name: getattr(socket.socket, name)
            for name in ("connect", "connect_ex", "sendto")
        }
        self._real_getaddrinfo = socket.getaddrinfo

    def install(self) -> None:
        """Put the guard between programs and sockets."""
        for name, method in self._real_methods.items():
            setattr(socket.socket, name, self._guarded(method))
        socket.getaddrinfo = self._getaddrinfo

    def uninstall(self) -> None:
        """Take it away again."""
        for name, method in self._real_methods.items():
            setattr(socket.socket, name, method)
        socket.getaddrinfo = self._real_getaddrinfo

    def complaints(self) -> list[str]:
        """Return one line for each attempt."""
        return [f"tried to reach the network: {attempt}" for attempt in self.attempts]

    def _guarded(self, method: Any) -> Any:
        def guarded(sock: socket.socket, *args: Any) -> Any:
            # The address comes last: sendto has optional flags before it.
            address = args[-1]
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                self._check(address[0])
            return method(sock, *args)

        return guarded

    def _getaddrinfo(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name:
            if name.rstrip(".").endswith(".invalid"):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            self._check(name)
        return self._real_getaddrinfo(host, *args, **kwargs)

    def _check(self, host: str) -> None:
        if not _is_local(host):
            self.attempts.append(host)
            raise OSError(errno.ENETUNREACH, "Network is unreachable")


def _is_local(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


LOG_GUARD = LogGuard()
NETWORK_GUARD = NetworkGuard()
