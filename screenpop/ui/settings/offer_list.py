"""Which parts of a contact source are wanted, such as its address books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.domain.plain_text import plain
from screenpop.ui.settings.form import scrolled
from screenpop.ui.widgets.fields import Tick
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import reworded

if TYPE_CHECKING:
    from screenpop.ui.settings.source_texts import SourceOffer
    from screenpop.ui.theme.theme import Theme

_LONGEST: Final = 50
_ROWS: Final = 6
_ROW_PX: Final = 30


class OfferList(QWidget):
    """A heading, and a box to tick for each part."""

    def __init__(self, theme: Theme, offer: SourceOffer) -> None:
        super().__init__()
        self.key = offer.field.key
        self._words = offer.words
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(TextBlock(theme, reworded(offer.field.label), tone="soft"))
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self.ticks = [Tick(theme, plain(word, _LONGEST)) for word in offer.words]
        for tick, word in zip(self.ticks, offer.words, strict=True):
            tick.setChecked(word in offer.chosen)
            rows.addWidget(tick)
        rows.addStretch(1)
        area = scrolled(inner)
        shown = min(len(self.ticks), _ROWS)
        area.setMinimumHeight(theme.px(shown * _ROW_PX))
        column.addWidget(area)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The parts that are ticked."""
        return tuple(
            word
            for tick, word in zip(self.ticks, self._words, strict=True)
            if tick.isChecked()
        )
