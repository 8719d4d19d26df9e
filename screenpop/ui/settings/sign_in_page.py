"""Open the page on which a user signs in to a contact source."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.links import openable
from screenpop.ui.wording import tr


def open_sign_in_page(url: str) -> None:
    """Show the page in the user's browser.

    Its address is the source's own or the settings', never a caller's: so the hosts
    that links on cards may lead to do not limit it.

    Raises:
        ConfigurationError: It is no https address, or no browser opens it.
    """
    address = openable(url)
    if not address or not QDesktopServices.openUrl(QUrl(address)):
        raise ConfigurationError(
            tr("The sign-in page could not be opened in a browser"),
            tr("Set a default browser, or sign in in a terminal instead."),
        )
