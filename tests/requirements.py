"""What a test needs from the machine, and what happens when it is not there."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.desktop_session import SESSION_MARK


def require(present: object, what: str) -> None:
    """Skip the test when `what` is missing, or fail where it was to be installed.

    In CI the set-up installs every part, so nothing may be passed over there.
    """
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"missing in CI: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")


def require_program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    path = next(filter(None, map(shutil.which, names)), None)
    require(path, f"program {names[0]} (python3 installer/dev.py setup)")
    return str(path)


def require_session() -> None:
    """Need the D-Bus session with its keychain that `tests.desktop_session` opens."""
    require(
        os.environ.get(SESSION_MARK),
        "desktop session (python -m tests.desktop_session -- python -m pytest …)",
    )


def require_x11() -> None:
    """Need the real X server, with Qt drawing on it."""
    require_session()
    require(
        os.environ.get("QT_QPA_PLATFORM") == "xcb",
        "Qt on X11 (QT_QPA_PLATFORM=xcb, in the desktop session)",
    )
