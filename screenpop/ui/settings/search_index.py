"""Every setting by the words people look for: its label, its help, and other names.

The index is made of the pages themselves, so nothing can be missing from it.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from screenpop.domain.frozen import frozen
from screenpop.ui.settings.kept_fields import WORDS_PROPERTY
from screenpop.ui.widgets.fields import Labelled, Tick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from screenpop.ui.theme.theme import Theme

MOST_FOUND: Final = 12
_MARK_MS: Final = 4_000
_TINT: Final = 0.16
_FEW_CHOICES: Final = 12


@frozen
class Findable:
    """A setting, or a button, on one of the pages.

    Attributes:
        page: The key of the page it is on.
        place: What the page is called, and the tab.
        words: Everything it can be found by, folded.
        widget: Where the keyboard goes.
    """

    page: str
    title: str
    place: str
    words: str
    widget: QWidget


def folded(text: str) -> str:
    """Text as it is compared: without case, accents and marks."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in bare if not unicodedata.combining(one))


def findables(key: str, title: str, page: QWidget) -> Iterator[Findable]:
    """What can be found on a page."""
    for widget in page.findChildren(QWidget):
        if isinstance(widget, Labelled):
            label = widget.findChild(QLabel)
            field = label.buddy() if label is not None else None
            if field is not None:
                name, told = field.accessibleName(), field.accessibleDescription()
                target = field.focusProxy() or _focusable(field)
                yield _findable(key, title, name, told, target)
        elif isinstance(widget, Tick):
            told = widget.accessibleDescription()
            yield _findable(key, title, widget.accessibleName(), told, widget)
        elif isinstance(widget, QTabWidget):
            for place in range(widget.count()):
                tab = widget.widget(place)
                if tab is not None and widget.isTabVisible(place):
                    yield _findable(key, title, _plain(widget.tabText(place)), "", tab)
        elif isinstance(widget, QPushButton) and widget.text() and not _is_off(widget):
            name = widget.accessibleName() or _plain(widget.text())
            yield _findable(key, title, name, widget.accessibleDescription(), widget)


def search(index: Iterable[Findable], text: str) -> tuple[Findable, ...]:
    """What fits every word of the text, what is called so first."""
    wanted = folded(text).split()
    if not wanted:
        return ()
    fitting = [one for one in index if all(word in one.words for word in wanted)]

    def rank(one: Findable) -> tuple[int, int]:
        title = folded(one.title)
        in_title = sum(word in title for word in wanted)
        begins = title.startswith(wanted[0])
        return (-in_title, not begins)

    return tuple(sorted(fitting, key=rank))[:MOST_FOUND]


def go_to(widget: QWidget, theme: Theme) -> None:
    """Bring a found widget to light, give it the keyboard, and mark it for a while."""
    above: QWidget | None = widget
    while above is not None:
        parent = above.parentWidget()
        tabs = parent.parentWidget() if parent is not None else None
        if isinstance(tabs, QTabWidget) and tabs.indexOf(above) >= 0:
            tabs.setCurrentWidget(above)
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget, 0, theme.px(80))
        above = parent
    if widget.isEnabled():
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
    Mark.put_around(widget, theme)


class Mark(QWidget):
    """A tint over what was found; it goes by itself and takes no clicks."""

    def __init__(self, theme: Theme, parent: QWidget, target: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page = parent
        self._target = target
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        target.installEventFilter(self)
        self._follow()

    @classmethod
    def put_around(cls, widget: QWidget, theme: Theme) -> Mark | None:
        """Tint the widget, with its label if it has one."""
        part = widget.parentWidget()
        while part is not None and not isinstance(part, Labelled):
            part = part.parentWidget()
        target = part or widget
        parent = target.parentWidget()
        if parent is None:
            return None
        for old in parent.findChildren(cls):
            old.deleteLater()
        mark = cls(theme, parent, target)
        mark.show()
        mark.raise_()
        QTimer.singleShot(_MARK_MS, mark, mark.deleteLater)
        return mark

    def eventFilter(self, _target: QObject, event: QEvent) -> bool:
        """Stay where the target is: what is pressed there may move the page."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._follow()
        elif event.type() is QEvent.Type.Hide:
            self.hide()
        return False

    def _follow(self) -> None:
        edge = self._theme.px(6)
        around = self._target.geometry().adjusted(-edge, -edge, edge, edge)
        self.setGeometry(around.intersected(self._page.rect()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A tint of the accent colour, through which all stays readable."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tint = QColor(self._theme.color("accent"))
        tint.setAlphaF(_TINT)
        painter.setBrush(tint)
        painter.drawRoundedRect(self.rect(), self._theme.px(6), self._theme.px(6))


def _is_off(button: QPushButton) -> bool:
    """Whether its own page hides it, as what cannot be done now."""
    is_told = button.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    return is_told and button.isHidden()


def _plain(text: str) -> str:
    """A text of a button or tab as it is read."""
    return text.replace("&&", "&")


def _findable(key: str, place: str, title: str, told: str, widget: QWidget) -> Findable:
    others = widget.property(WORDS_PROPERTY) or ""
    if isinstance(widget, QComboBox) and widget.count() <= _FEW_CHOICES:
        choices = (widget.itemText(row) for row in range(widget.count()))
        others = f"{others} {' '.join(choices)}"
    words = folded(f"{title} {told} {others} {place}")
    return Findable(key, title, place, words, widget)


def _focusable(field: QWidget) -> QWidget:
    """The part of a compound field that takes the keyboard first."""
    if field.focusPolicy() is not Qt.FocusPolicy.NoFocus:
        return field
    parts = field.findChildren(QWidget)
    able = (one for one in parts if one.focusPolicy() is not Qt.FocusPolicy.NoFocus)
    return next(able, field)
