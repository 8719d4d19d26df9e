"""How the program looks and when it shows a card."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.config.languages import LANGUAGES
from screenpop.ui.settings.kept_fields import KeptFields
from screenpop.ui.settings.regions import region_choices
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import heading
from screenpop.ui.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.theme.theme import SchemeChoice, Theme

_THEMES: Final = (
    ("system", marked("As the system")),
    ("light", marked("Light")),
    ("dark", marked("Dark")),
)
_CORNERS: Final = (
    ("bottom-right", marked("Bottom right")),
    ("top-right", marked("Top right")),
    ("bottom-left", marked("Bottom left")),
    ("top-left", marked("Top left")),
)
_CALLS_AS: Final = (
    ("auto", marked("Cards, where they can stand in their place")),
    ("card", marked("Cards")),
    ("notification", marked("Notifications of the desktop")),
)


class GeneralPage(QWidget):
    """Every change is kept at once; there is no button to forget."""

    def __init__(self, theme: Theme, settings: SettingsPort) -> None:
        super().__init__()
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(heading(theme, tr("General"), title=True))
        self.message = InlineMessage(theme, is_closable=True)
        column.addWidget(self.message)
        self.tasks = Tasks(self._show_trouble)
        fields = KeptFields(theme, settings, column, self.tasks, self._kept)
        self._fields = fields
        self._add_looks(fields)
        self._add_cards(fields)
        self._add_start(fields)
        column.addStretch(1)

    def _add_looks(self, fields: KeptFields) -> None:
        fields.header(tr("Looks"))
        self.colors = fields.choice(
            "theme",
            tr("Colours"),
            _translated(_THEMES),
            words=tr("dark mode, night, theme, appearance, contrast"),
        )
        self.language = fields.choice(
            "language",
            tr("Language"),
            (("", tr("As the system")), *LANGUAGES.items()),
            tr("Used when screenpop starts the next time."),
            words=tr("translation, English"),
        )
        fields.header(tr("Numbers"))
        self.region = fields.choice(
            "region",
            tr("Country"),
            region_choices(),
            tr("How to read a number without a country code."),
            words=tr("region, prefix, national numbers"),
        )

    def _add_cards(self, fields: KeptFields) -> None:
        fields.header(tr("Cards"))
        self.corner = fields.choice(
            "card.corner",
            tr("Corner of the screen"),
            _translated(_CORNERS),
            words=tr("position, place, popup, window"),
        )
        fields.choice(
            "ui.calls_as",
            tr("Show calls as"),
            _translated(_CALLS_AS),
            words=tr("notification, popup, Wayland"),
        )
        fields.check(
            "card.pop_outbound",
            tr("Show a card for calls that I start"),
            words=tr("outgoing, outbound, popup"),
        )
        fields.check(
            "card.pop_internal",
            tr("Show a card for calls from colleagues"),
            words=tr("internal, extension, popup"),
        )
        self.spoken = fields.check(
            "card.spoken",
            tr("Say aloud who is calling"),
            words=tr("voice, speech, spoken, read out, accessibility, blind"),
        )

    def _add_start(self, fields: KeptFields) -> None:
        fields.header(tr("Start"))
        self.autostart = fields.check(
            "autostart",
            tr("Start when I log in"),
            words=tr("autostart, login, boot, startup"),
        )
        fields.check(
            "tel_links",
            tr("Open phone links (tel:) with screenpop"),
            words=tr("callto, click to call, browser, default app, handler"),
        )

    def refresh(self) -> None:
        """Show what is in force; it may have been changed in the file."""
        self.message.clear()
        self._fields.refresh()

    def _kept(self, key: str, value: str) -> None:
        choices: dict[str, SchemeChoice] = {"light": "light", "dark": "dark"}
        if key == "theme":
            self._theme.set_choice(choices.get(value, "system"))
        if key == "card.spoken" and value == "true":
            self._try_voice()

    def _try_voice(self) -> None:
        """Let it be heard at once, or be told that there is none."""
        from screenpop.desktop.spoken_caller import say_aloud

        text = tr("From now on you hear who is calling.")
        self.tasks.start(asyncio.to_thread(say_aloud, text), slot="voice")

    def _show_trouble(self, trouble: Trouble) -> None:
        # What was clicked is not what is in force.
        self.refresh()
        self.message.show_trouble(trouble)


def _translated(
    choices: tuple[tuple[str, Marked], ...],
) -> tuple[tuple[str, str], ...]:
    return tuple((key, tr_marked(text)) for key, text in choices)
