"""Opening the page on which a user signs in to a contact source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from screenpop.domain.errors import ConfigurationError
from screenpop.ui.settings.sign_in_page import open_sign_in_page

PAGE = "https://login.example.com/authorize?state=x&redirect_uri=http%3A%2F%2F127.0.0.1"


class Browser(QObject):
    """Takes what the desktop is told to open."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.pages.append(bytes(url.toEncoded().data()).decode())


@pytest.fixture
def browser(qapp: object) -> Iterator[Browser]:
    taken = Browser()
    QDesktopServices.setUrlHandler("https", taken, "show")  # type: ignore[arg-type]
    yield taken
    QDesktopServices.unsetUrlHandler("https")


def test_the_page_is_opened_as_it_is(browser: Browser) -> None:
    open_sign_in_page(PAGE)
    assert browser.pages == [PAGE]


@pytest.mark.parametrize(
    "url", ["http://login.example.com", "file:///x", "javascript:"]
)
def test_what_is_no_secure_page_is_told_and_not_opened(
    browser: Browser, url: str
) -> None:
    with pytest.raises(ConfigurationError, match="browser"):
        open_sign_in_page(url)
    assert browser.pages == []
