"""The part of the dialer that lets the phone system speak, where it can."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.dialer.flow_choice import FlowChoice, FlowValue
    from screenpop.ui.theme.theme import Theme

_LONGEST_TEXT = 500
_LONGEST_NAME = 60
_TALLEST_PX = 168


class FlowPanel(QWidget):
    """Who speaks, and what the flow is told. `changed` with every keystroke."""

    changed = Signal()

    def __init__(self, theme: Theme, choice: FlowChoice) -> None:
        super().__init__()
        self._theme, self._model = theme, choice
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self.who = Choice(theme)
        self.who.currentIndexChanged.connect(lambda _index: self._chosen())
        self._column.addWidget(Labelled(theme, tr("Who speaks"), self.who))
        self.named = QLineEdit()
        self.named.setMaxLength(_LONGEST_TEXT)
        self.named.textEdited.connect(self._name_typed)
        self._column.addWidget(self.named)
        self._values: QWidget | None = None
        self._shown: list[int] = []
        self.add_button = TextButton(
            theme, tr("Add a value"), self._add, kind="quiet", icon="plus"
        )
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeading)

    def show_choice(self) -> None:
        """Show what there is to choose from, or nothing."""
        choices = self._model.choices
        self.setVisible(bool(choices))
        self.who.offer(choices, self._model.key)
        self._show_details()

    def lines(self) -> list[QLineEdit]:
        """The lines for the flow's values, from top to bottom."""
        return self._values.findChildren(QLineEdit) if self._values else []

    def _chosen(self) -> None:
        self._model.choose(self.who.key)
        self._show_details()
        self.changed.emit()

    def _name_typed(self, text: str) -> None:
        self._model.named = text
        self.changed.emit()

    def _add(self) -> None:
        self._model.add_value()
        self._show_details()
        self.lines()[-2].setFocus()

    def _show_details(self) -> None:
        model = self._model
        label = model.asks_for_id
        self.named.setVisible(bool(label))
        self.named.setPlaceholderText(label)
        self.named.setAccessibleName(label)
        if self.named.text() != model.named:
            self.named.setText(model.named)
        self.add_button.setVisible(model.is_chosen)
        shown = [id(value) for value in model.values]
        if shown != self._shown:
            # Only then: what is being typed into must keep the keyboard.
            self._shown = shown
            self._renew_values()

    def _renew_values(self) -> None:
        if self._values is not None:
            self._values.hide()
            self._values.deleteLater()
        self._values = self._build_values() if self._model.values else None
        if self._values is not None:
            self._column.insertWidget(self._column.count() - 1, self._values)

    def _build_values(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self._theme.px(8))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)
        for row, value in enumerate(self._model.values):
            text = self._line(value, "text")
            if value.is_given:
                name = PlainLabel(self._theme, role="text_soft")
                name.show_text(value.name)
                grid.addWidget(name, row, 0)
                text.setAccessibleName(value.name)
            else:
                line = self._line(value, "name")
                line.setPlaceholderText(tr("Name"))
                line.setAccessibleName(tr("Name of value {number}", number=row + 1))
                grid.addWidget(line, row, 0)
                text.setAccessibleName(tr("Value {number}", number=row + 1))
            text.setPlaceholderText(tr("What is said"))
            grid.addWidget(text, row, 1)
        area = QScrollArea()
        area.setWidget(holder)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tallest = self._theme.px(_TALLEST_PX)
        area.setFixedHeight(min(holder.sizeHint().height(), tallest))
        return area

    def _line(self, value: FlowValue, part: str) -> QLineEdit:
        line = QLineEdit(getattr(value, part))
        line.setMaxLength(_LONGEST_NAME if part == "name" else _LONGEST_TEXT)
        line.textEdited.connect(partial(self._value_typed, value, part))
        return line

    def _value_typed(self, value: FlowValue, part: str, text: str) -> None:
        setattr(value, part, text)
        self.changed.emit()
