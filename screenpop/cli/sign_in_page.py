"""Show a sign-in page to whoever sits at the terminal."""

from __future__ import annotations

import threading

from screenpop.cli.output import warn
from screenpop.desktop.display import has_display
from screenpop.domain.links import openable


def show_sign_in_page(url: str) -> None:
    """Print the address, and open it where there is a desktop; it holds no secret."""
    warn("Sign in on this page, in a browser on this computer, within five minutes:")
    warn(url)
    if has_display() and openable(url):
        threading.Thread(target=_open, args=(url,), daemon=True).start()


def _open(url: str) -> None:
    import webbrowser

    try:
        webbrowser.open(url)
    except (OSError, webbrowser.Error):
        return  # the address is on the screen
