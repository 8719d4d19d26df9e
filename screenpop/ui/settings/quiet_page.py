"""When screenpop keeps quiet by itself, and how quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.ui.settings.kept_fields import KeptFields
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.quietness import Quietness
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.theme.theme import Theme

_LEVELS: Final = (
    ("none", marked("Show cards as always")),
    ("silent", marked("Cards without sound and voice")),
    ("name", marked("Cards without names")),
    ("tray", marked("No cards, only the tray")),
)


class QuietPage(SettingsPage):
    """Every change is kept at once."""

    is_long = True

    def __init__(
        self,
        theme: Theme,
        settings: SettingsPort,
        quiet: Quietness,
        said: Callable[[], str],
    ) -> None:
        """Show nothing yet.

        Args:
            theme: Looks.
            settings: Where changes are kept.
            quiet: What the desktop tells.
            said: How quiet it is now, as the tray says it; "" when it is not.
        """
        super().__init__(
            theme,
            tr("Quiet"),
            tr("Calls are counted and logged however quiet it is."),
        )
        self._quiet = quiet
        self._said = said
        self.now = InlineMessage(theme)
        self.column.addWidget(self.now)
        fields = self.fields = KeptFields(theme, settings, self.column, self.tasks)
        levels = tuple((key, tr_marked(text)) for key, text in _LEVELS)
        words = tr("focus, presentation, meeting, silent, mute, privacy, pause")
        fields.choice(
            "quiet.focus_mode",
            tr("While do not disturb is on"),
            levels,
            tr("The focus mode or do-not-disturb of your desktop."),
            words=words,
        )
        fields.choice(
            "quiet.sharing",
            tr("While the screen is shared"),
            levels,
            tr("So that nobody reads along who calls you."),
            words=words,
        )
        fields.line(
            "quiet.times",
            tr("At these times"),
            tr("Such as mon-fri 18:00-08:00, sat-sun. Several with commas between."),
            words=tr("schedule, hours, evening, weekend, night, holiday"),
            example="mon-fri 18:00-08:00",
        )
        fields.choice(
            "quiet.times_level", tr("How quiet at these times"), levels, words=words
        )
        self.known = InlineMessage(theme)
        self.column.addSpacing(theme.px(8))
        self.column.addWidget(self.known)
        self.column.addStretch(1)

    def load(self) -> None:
        """Show what is set, and what is known of the desktop."""
        super().load()
        self.message.clear()
        self.fields.refresh()
        self.refresh()
        self.tasks.start(self._quiet.watch_desktop(), lambda _: self.refresh())

    def refresh(self) -> None:
        """Show how quiet it is, and what the desktop tells."""
        said = self._said()
        self.now.setVisible(bool(said))
        if said:
            self.now.say(said)
        known = self._quiet.attention
        texts = [
            _known(
                known.focus_mode if known else None,
                tr("Do not disturb is on."),
                tr("Do not disturb is off."),
                tr("This desktop does not tell whether do not disturb is on."),
            ),
            _known(
                known.sharing if known else None,
                tr("The screen is shared."),
                tr("The screen is not shared."),
                tr("This desktop does not tell whether the screen is shared."),
            ),
        ]
        self.known.say(tr("What the desktop tells"), "\n".join(texts))


def _known(value: bool | None, yes: str, no: str, unknown: str) -> str:
    if value is None:
        return unknown
    return yes if value else no
