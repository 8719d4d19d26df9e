"""Text in windows: plain, wrapped, in the sizes and tones of the theme."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from screenpop.ui.theme.theme import TextSize, Theme
from screenpop.wording import has_right_to_left, is_right_to_left, isolated

Tone = Literal["", "soft", "faint", "good", "bad", "warn", "accent"]

_LEAST_WIDTH_PX: Final = 96


def where_lines_begin() -> Qt.AlignmentFlag:
    """The side at which texts begin, by the direction of the windows.

    Qt goes by that of the text, but a name in Hebrew begins where the lines around it
    begin, and so does an English one in an Arabic window.
    """
    is_mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class TextBlock(QLabel):
    """Plain text over as many lines as it needs. A link in it is only letters."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        size: TextSize = TextSize.BODY,
        tone: Tone = "",
        strong: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._least_width = theme.px(_LEAST_WIDTH_PX)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(theme.font(size, strong=strong))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setProperty("tone", tone)
        self.setAlignment(where_lines_begin())
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text; a number keeps its order among texts from the right."""
        is_foreign = is_right_to_left() and not has_right_to_left(text)
        super().setText(isolated(text) if is_foreign else text)

    def minimumSizeHint(self) -> QSize:
        """Room for a short word: a long one from elsewhere must not widen a window."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self._least_width), hint.height())

    def allow_copy(self) -> None:
        """Let the text be marked and copied, by mouse and keyboard."""
        flag = Qt.TextInteractionFlag
        self.setTextInteractionFlags(
            flag.TextSelectableByMouse | flag.TextSelectableByKeyboard
        )

    def show_tone(self, tone: Tone) -> None:
        """Use another colour role."""
        if self.property("tone") == tone:
            return
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)


def heading(theme: Theme, text: str, *, title: bool = False) -> TextBlock:
    """What a part of a window is called."""
    size = TextSize.TITLE if title else TextSize.HEADING
    block = TextBlock(theme, text, size=size, strong=True)
    block.setAccessibleName(text)
    return block


def section_header(theme: Theme, text: str) -> TextBlock:
    """A small line above a group of things."""
    return TextBlock(theme, text, size=TextSize.CAPTION, tone="soft", strong=True)
