"""A form for what a vendor's call history can be asked, made from what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from screenpop.domain.events import Direction
from screenpop.domain.plain_text import plain
from screenpop.providers.abilities import HistoryFilter
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.text import section_header
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import joined, marked, reworded, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.providers.abilities import HistoryChoice
    from screenpop.services.account_history import HistoryForm
    from screenpop.ui.theme.theme import Theme

    OnNarrowed = Callable[[HistoryFilter, Mapping[str, str]], object]

_DIRECTIONS: Final = (
    (Direction.INBOUND.value, marked("Incoming")),
    (Direction.OUTBOUND.value, marked("Outgoing")),
)
_PARTIES: Final = (
    ("extension", marked("Extension")),
    ("caller", marked("Calling number")),
    ("callee", marked("Called number")),
)


class NarrowSheet(Sheet):
    """Asks which calls; one part of it is for every vendor, one for this one alone."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        form: HistoryForm,
        only: HistoryFilter,
        chosen: Mapping[str, str],
        done: OnNarrowed,
        *,
        title: str = "",
    ) -> None:
        super().__init__(theme, parent, title or tr("Which calls?"))
        self._done = done
        self.direction: Choice | None = None
        self.parties: dict[str, QLineEdit] = {}
        self.own: dict[str, QLineEdit | Choice] = {}
        self._column = self._build_area()
        if form.has_filters:
            self._add_filters(only)
        if form.choices:
            if form.has_filters:
                self._column.addSpacing(theme.px(8))
                self._column.addWidget(
                    section_header(theme, tr("Or in this phone system's own ways"))
                )
            for choice in form.choices:
                self._add_choice(choice, chosen.get(choice.key, ""))
        self._column.addStretch(1)
        self.add_button(tr("Cancel"), self.reject)
        self.add_button(tr("Empty the form"), self._empty)
        show = self.add_button(tr("Show"), self._show, "primary")
        show.setDefault(True)
        fields = (1 + len(_PARTIES)) * form.has_filters + len(form.choices)
        self.resize(theme.px(420), theme.px(min(170 + 62 * fields, 520)))

    def _build_area(self) -> QVBoxLayout:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, self.theme.px(8), 0)
        column.setSpacing(self.theme.px(12))
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(area, 1)
        return column

    def _add_filters(self, only: HistoryFilter) -> None:
        directions = tuple((key, tr_marked(text)) for key, text in _DIRECTIONS)
        self.direction = Choice(self.theme, (("", tr("Any")), *directions))
        self.direction.choose(only.direction.value if only.direction else "")
        self._add(tr("Direction"), self.direction)
        for key, label in _PARTIES:
            line = QLineEdit(str(getattr(only, key)))
            self.parties[key] = line
            self._add(tr_marked(label), line)

    def _add_choice(self, choice: HistoryChoice, value: str) -> None:
        field: QLineEdit | Choice
        if choice.choices:
            offered = tuple(
                (key, plain(reworded(text), 80)) for key, text in choice.choices
            )
            field = Choice(self.theme, (("", tr("Any")), *offered))
            field.choose(value)
        else:
            field = QLineEdit(value)
        self.own[choice.key] = field
        self._add(plain(reworded(choice.label), 80), field)

    def _add(self, label: str, field: QWidget) -> None:
        self._column.addWidget(Labelled(self.theme, label, field))

    def _empty(self) -> None:
        if self.direction is not None:
            self.direction.choose("")
        for line in self.parties.values():
            line.clear()
        for field in self.own.values():
            if isinstance(field, Choice):
                field.choose("")
            else:
                field.clear()

    def _show(self) -> None:
        texts = {key: line.text().strip() for key, line in self.parties.items()}
        direction = self.direction.key if self.direction is not None else ""
        only = HistoryFilter(
            direction=Direction(direction) if direction else None, **texts
        )
        chosen = {key: _value(field) for key, field in self.own.items()}
        chosen = {key: value for key, value in chosen.items() if value}
        if chosen and only != HistoryFilter():
            self.message.say(
                tr("This phone system cannot be asked for both parts at once."),
                tr("Empty one of them."),
                tone="bad",
            )
            return
        self.accept()
        self._done(only, chosen)


def narrowing_text(
    form: HistoryForm, only: HistoryFilter, chosen: Mapping[str, str]
) -> str:
    """What was asked for, in one line; "" for all calls."""
    parts = []
    if only.direction is not None:
        parts.append(tr_marked(dict(_DIRECTIONS)[only.direction.value]))
    for key, label in _PARTIES:
        value = plain(str(getattr(only, key)), 40)
        if value:
            parts.append(tr("{what}: {value}", what=tr_marked(label), value=value))
    for choice in form.choices:
        value = chosen.get(choice.key, "")
        if value:
            shown = dict(choice.choices).get(value, value)
            what, said = plain(reworded(choice.label), 60), plain(reworded(shown), 60)
            parts.append(tr("{what}: {value}", what=what, value=said))
    return joined(*parts)


def _value(field: QLineEdit | Choice) -> str:
    return field.key if isinstance(field, Choice) else field.text().strip()
