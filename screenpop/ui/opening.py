"""Hand checked addresses and programs to the system; no foreign text is read here."""

from __future__ import annotations

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def open_address(address: str) -> bool:
    """Open an address that was checked, in whatever it belongs to; whether it was."""
    scheme, colon, _rest = address.partition(":")
    url = QUrl(address)
    is_as_checked = url.isValid() and url.scheme() == scheme.lower()
    return bool(colon) and is_as_checked and QDesktopServices.openUrl(url)


def run_program(argv: tuple[str, ...]) -> bool:
    """Start a program with these very arguments, without a shell; whether it began."""
    if not argv:
        return False
    is_started, _process_id = QProcess.startDetached(argv[0], list(argv[1:]))
    return is_started
