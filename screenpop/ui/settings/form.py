"""A form made of what a manifest asks for: a vendor's, or a contact source's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from screenpop.providers.protocol import DialFirst
from screenpop.ui.widgets.fields import Choice, Labelled, secret_field
from screenpop.ui.wording import marked, reworded, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.form_fields import FormField
    from screenpop.ui.theme.theme import Theme


class FieldForm(QWidget):
    """One labelled field for each thing asked, in the manifest's order."""

    def __init__(self, theme: Theme, fields: tuple[FormField, ...]) -> None:
        super().__init__()
        self._theme = theme
        self._lines: dict[str, QLineEdit] = {}
        self._choices: dict[str, Choice] = {}
        self._secret_keys = {one.key for one in fields if one.kind == "secret"}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(12))
        for field in fields:
            self._add(field)

    def _add(self, field: FormField) -> None:
        label = reworded(field.label)
        if not field.is_required and field.kind != "choice":
            label = tr("{label} (optional)", label=label)
        widget: QWidget
        if field.kind == "choice":
            choice = Choice(
                self._theme, tuple((one, _choice_text(one)) for one in field.choices)
            )
            choice.choose(field.default)
            self._choices[field.key] = widget = choice
        else:
            line = secret_field() if field.kind == "secret" else QLineEdit()
            if field.kind == "url":
                # The usual address is what an empty line means.
                line.setPlaceholderText(field.default)
                line.setInputMethodHints(Qt.InputMethodHint.ImhUrlCharactersOnly)
            else:
                line.setText(field.default)
            if field.kind == "number":
                line.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
            self._lines[field.key] = widget = line
        self._column.addWidget(
            Labelled(self._theme, label, widget, help_text=reworded(field.help))
        )

    def values(self) -> dict[str, str]:
        """What was filled in, secrets left out."""
        lines = {
            key: line.text()
            for key, line in self._lines.items()
            if key not in self._secret_keys
        }
        return {**lines, **{key: one.key for key, one in self._choices.items()}}

    def secrets(self) -> dict[str, str]:
        """The secrets that were filled in."""
        return {key: self._lines[key].text() for key in self._secret_keys}

    def fill(self, values: Mapping[str, str]) -> None:
        """Show these values; what is not among them stays as it is."""
        for key, value in values.items():
            if key in self._choices:
                self._choices[key].choose(value)
            elif key in self._lines:
                self._lines[key].setText(value)

    def field(self, key: str) -> QLineEdit | Choice:
        """The widget of a field."""
        return self._lines[key] if key in self._lines else self._choices[key]


def scrolled(form: QWidget) -> QScrollArea:
    """A form in an area that scrolls when there is too much of it."""
    area = QScrollArea()
    area.setWidget(form)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


_CHOICES: Final = {
    DialFirst.EXTENSION.value: marked("My phone"),
    DialFirst.CONTACT.value: marked("The other party's phone"),
    "yes": marked("Yes"),
    "no": marked("No"),
    "all": marked("All"),
    "none": marked("None"),
    "auto": marked("Auto"),
    "stream": marked("Stream"),
    "webhook": marked("Webhook"),
    "poll": marked("Poll"),
    "calls": marked("Calls"),
    "outgoing": marked("Outgoing"),
    "plus": marked("Plus"),
    "digits": marked("Digits"),
    "national": marked("National"),
    "bare": marked("Bare"),
    "form": marked("Form"),
    "both": marked("Both"),
    "number": marked("Number"),
    "text": marked("Text"),
}
"""What the choices of a manifest that every vendor shares are called."""


def _choice_text(key: str) -> str:
    text = _CHOICES.get(key)
    return tr_marked(text) if text else key.replace("_", " ").capitalize()
