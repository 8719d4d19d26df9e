"""Foreign text on the screen: always plain, never markup, never a shortcut.

Callers, vendors and CRMs choose these texts. Qt takes much of what it is given for
markup (and then loads images of local files) or for a mnemonic, so whatever they wrote
passes through here.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

from screenpop.domain.plain_text import for_markup
from screenpop.ui.theme.theme import TextSize, Theme
from screenpop.ui.wording import has_right_to_left, isolated, unmarked

LONGEST: Final = 1000

_GAP: Final = " · "
_LEAST_HEAD_SHARE: Final = 0.35


def button_text(text: str) -> str:
    """A text for buttons, menus and tabs, where "&" would mark a shortcut."""
    return text.replace("&", "&&")


def tooltip_text(text: str) -> str:
    """A text for tool tips, which take what looks like markup for markup."""
    return f"<qt>{for_markup(text, LONGEST)}</qt>" if text else ""


def notification_text(text: str) -> str:
    """A text for notifications and the tray, which some desktops read as markup.

    Whether they do cannot be known there, and escaping would show as such where they
    do not. So the three characters that matter become ones that look alike.
    """
    return text.translate(_LOOK_ALIKES)


_LOOK_ALIKES: Final = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "\uff06"})


class PlainLabel(QLabel):
    """One line of plain text that is shortened to its room with an ellipsis.

    It may consist of a head, which gives way, and a tail, which stays whole as long as
    it can. `text()` and the accessible name are the whole text. The label never asks
    for more room than its place has, so no text can move anything.
    """

    def __init__(
        self,
        theme: Theme,
        size: TextSize = TextSize.BODY,
        *,
        role: str = "text",
        strong: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._head = ""
        self._tail = ""
        self._hint = ""
        self._shown: tuple[int, str] | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setFont(theme.font(size, strong=strong))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)

    def show_text(self, head: str, tail: str = "") -> None:
        """Show these texts, separated when there are both."""
        if (head, tail) == (self._head, self._tail):
            return
        self._head, self._tail = head, tail
        self._shown = None
        self.setText(_together(head, tail))
        self.setAccessibleName(unmarked(self.text()))

    def show_role(self, role: str) -> None:
        """Use another colour role of the theme for the text."""
        if role != self._role:
            self._role = role
            self.update()

    def show_hint(self, hint: str) -> None:
        """Say this as a tool tip, whether or not the text is shortened."""
        if hint != self._hint:
            self._hint = hint
            self.setAccessibleDescription(hint.replace("\n", ". "))

    def shown_text(self) -> str:
        """What is painted: the whole text or a shortened one."""
        width = self.contentsRect().width()
        if self._shown is None or self._shown[0] != width:
            self._shown = (width, self._fitted(QFontMetrics(self.font()), width))
        return self._shown[1]

    def sizeHint(self) -> QSize:
        """One line high; as wide as the text would like."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text()), metrics.height())

    def minimumSizeHint(self) -> QSize:
        """One line high; any width will do."""
        return QSize(0, QFontMetrics(self.font()).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the fitted text in the colour of its role."""
        text = self.shown_text()
        if not text:
            return
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._role))
        option = QTextOption(self._visual_alignment())
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        # A number, or Latin among texts from the right, reads from the left as ever.
        is_mixed = has_right_to_left(text)
        from_left = Qt.LayoutDirection.LeftToRight
        option.setTextDirection(self.layoutDirection() if is_mixed else from_left)
        painter.drawText(self.contentsRect(), text, option)

    def event(self, event: QEvent) -> bool:
        """Offer the hint as a tool tip, or the whole text when it is shortened."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip()
            if tip:
                self._theme.style_windows()
                QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def tip(self) -> str:
        """Its tool tip, ready for Qt; "" for none."""
        if self._hint:
            lines = (for_markup(line, LONGEST) for line in self._hint.split("\n"))
            return f"<qt>{'<br>'.join(lines)}</qt>"
        is_whole = unmarked(self.shown_text()) == unmarked(self.text())
        return "" if is_whole else tooltip_text(self.text())

    def _visual_alignment(self) -> Qt.AlignmentFlag:
        """Left or right as the window reads, whatever the text's own direction."""
        wanted = self.alignment()
        is_leading = bool(wanted & Qt.AlignmentFlag.AlignLeft)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        on_left = is_leading != is_mirrored
        side = Qt.AlignmentFlag.AlignLeft if on_left else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute

    def _fitted(self, metrics: QFontMetrics, width: int) -> str:
        """What is painted; parts in other directions stay where they belong."""
        whole = self.text()
        if metrics.horizontalAdvance(whole) <= width:
            return self._isolated(self._head, self._tail)
        mode = Qt.TextElideMode.ElideRight
        if not (self._head and self._tail):
            return self._isolated(metrics.elidedText(whole, mode, width), "")
        rest = width - metrics.horizontalAdvance(_GAP + self._tail)
        if rest < width * _LEAST_HEAD_SHARE:
            return self._isolated("", metrics.elidedText(self._tail, mode, width))
        return self._isolated(metrics.elidedText(self._head, mode, rest), self._tail)

    @staticmethod
    def _isolated(head: str, tail: str) -> str:
        if not has_right_to_left(head + tail):
            return _together(head, tail)
        return _together(isolated(head), isolated(tail))


def _together(head: str, tail: str) -> str:
    return head + _GAP + tail if head and tail else head or tail
