"""How the program looks and when it shows a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.config.languages import LANGUAGES
from screenpop.ui.settings.regions import region_choices
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.fields import Choice, Labelled, Tick
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import heading
from screenpop.ui.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable

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


class GeneralPage(QWidget):
    """Every change is kept at once; there is no button to forget."""

    def __init__(self, theme: Theme, settings: SettingsPort) -> None:
        super().__init__()
        self._theme = theme
        self._settings = settings
        self._refreshers: list[Callable[[], None]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        self._column = column
        column.addWidget(heading(theme, tr("General"), title=True))
        self.message = InlineMessage(theme, is_closable=True)
        column.addWidget(self.message)
        self.tasks = Tasks(self._show_trouble)
        self._header(tr("Looks"))
        self.colors = self._choice("theme", tr("Colours"), _translated(_THEMES))
        self.language = self._choice(
            "language",
            tr("Language"),
            (("", tr("As the system")), *LANGUAGES.items()),
            tr("Used when screenpop starts the next time."),
        )
        self._header(tr("Numbers"))
        self.region = self._choice(
            "region",
            tr("Country"),
            region_choices(),
            tr("How to read a number without a country code."),
        )
        self._header(tr("Cards"))
        self.corner = self._choice(
            "card.corner", tr("Corner of the screen"), _translated(_CORNERS)
        )
        self._check("card.pop_outbound", tr("Show a card for calls that I start"))
        self._check("card.pop_internal", tr("Show a card for calls from colleagues"))
        self._header(tr("Start"))
        self.autostart = self._check("autostart", tr("Start when I log in"))
        self._check("tel_links", tr("Open phone links (tel:) with screenpop"))
        column.addStretch(1)

    def refresh(self) -> None:
        """Show what is in force; it may have been changed in the file."""
        self.message.clear()
        for show in self._refreshers:
            show()

    def _header(self, text: str) -> None:
        # Larger than the labels of the fields below it, which it stands above.
        self._column.addSpacing(self._theme.px(8))
        self._column.addWidget(heading(self._theme, text))

    def _choice(
        self,
        key: str,
        label: str,
        choices: tuple[tuple[str, str], ...],
        help_text: str = "",
    ) -> Choice:
        box = Choice(self._theme, choices)
        box.currentIndexChanged.connect(lambda _index: self._keep(key, box.key))
        box.setMaximumWidth(self._theme.px(320))
        self._column.addWidget(Labelled(self._theme, label, box, help_text=help_text))
        self._refreshers.append(lambda: box.offer(choices, self._settings.get(key)))
        return box

    def _check(self, key: str, text: str) -> Tick:
        box = Tick(self._theme, text)
        box.clicked.connect(lambda is_on: self._keep(key, "true" if is_on else "false"))
        self._column.addWidget(box)
        self._refreshers.append(
            lambda: box.setChecked(self._settings.get(key) == "true")
        )
        return box

    def _keep(self, key: str, value: str) -> None:
        self.tasks.start(
            self._settings.set(key, value),
            lambda _none: self._kept(key, value),
            outlives_window=True,
        )

    def _kept(self, key: str, value: str) -> None:
        choices: dict[str, SchemeChoice] = {"light": "light", "dark": "dark"}
        if key == "theme":
            self._theme.set_choice(choices.get(value, "system"))

    def _show_trouble(self, trouble: Trouble) -> None:
        # What was clicked is not what is in force.
        self.refresh()
        self.message.show_trouble(trouble)


def _translated(
    choices: tuple[tuple[str, Marked], ...],
) -> tuple[tuple[str, str], ...]:
    return tuple((key, tr_marked(text)) for key, text in choices)
