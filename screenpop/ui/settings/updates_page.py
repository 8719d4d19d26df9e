"""New versions: what runs, what waits, and whether they are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from screenpop.domain.plain_text import plain
from screenpop.ui.settings.kept_fields import KeptFields
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.time_text import ago_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock, heading
from screenpop.ui.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.services.updates.desk import UpdateView
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.setup_ports import UpdatesPort
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.text import Tone

_CHANNELS: Final = (
    ("stable", marked("Finished versions")),
    ("beta", marked("Versions on trial, too")),
)
_MOST_LINES: Final = 60
_LONGEST_LINE: Final = 500


class UpdatesPage(SettingsPage):
    """How updates stand, with a button to look and one to take what is ready."""

    is_long = True

    def __init__(
        self,
        theme: Theme,
        settings: SettingsPort,
        updates: UpdatesPort,
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing is read before ``load``."""
        super().__init__(
            theme,
            tr("Updates"),
            tr(
                "Where screenpop looks after itself, a new version is fetched while "
                "nobody is on the phone, and put in place at its next start. Nothing "
                "about you is sent."
            ),
        )
        self._updates = updates
        self._clock = clock
        self.standing = InlineMessage(theme)
        self.column.addWidget(self.standing)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.install_button = TextButton(
            theme, tr("Update now"), self._install, kind="primary"
        )
        self.look_button = TextButton(theme, tr("Look now"), self._look)
        row.addWidget(self.install_button)
        row.addWidget(self.look_button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.notes_title = heading(theme, tr("What is new"))
        self.notes = TextBlock(theme)
        self.column.addWidget(self.notes_title)
        self.column.addWidget(self.notes)
        self._choices = QWidget()
        column = QVBoxLayout(self._choices)
        column.setContentsMargins(0, theme.px(8), 0, 0)
        column.setSpacing(theme.px(10))
        fields = self.fields = KeptFields(
            theme, settings, column, self.tasks, lambda _key, _value: self._ask()
        )
        words = tr("upgrade, new version, release, automatic, beta")
        fields.check("updates.enabled", tr("Look for updates once a day"), words=words)
        fields.choice(
            "updates.channel",
            tr("Which versions"),
            tuple((key, tr_marked(text)) for key, text in _CHANNELS),
            words=words,
        )
        self.column.addWidget(self._choices)
        self.column.addStretch(1)
        for part in (self.install_button, self.notes_title, self.notes, self._choices):
            part.hide()

    def load(self) -> None:
        """Show how it stands now."""
        super().load()
        self.fields.refresh()
        self._ask()

    def refresh(self) -> None:
        """It may stand differently."""
        self._ask()

    def _ask(self) -> None:
        self.tasks.start(self._updates.standing(), self._show, slot="load")

    def _look(self) -> None:
        self.standing.say(tr("Looking for a new version…"))
        self.run(self._updates.look(), self._show)

    def _install(self) -> None:
        self.run(self._updates.install(), lambda _: self._ask())

    def _show(self, view: UpdateView) -> None:
        title, advice, tone = _said(view, self._clock())
        self.standing.say(title, advice, tone=tone)
        self.install_button.setVisible(bool(view.ready) and not view.is_wanted)
        self.look_button.setVisible(not view.off)
        self._choices.setVisible(view.is_own)
        lines = view.notes.splitlines()[:_MOST_LINES]
        notes = "\n".join(plain(line, _LONGEST_LINE) for line in lines)
        has_news = bool(notes)
        self.notes.setText(notes)
        self.notes.setVisible(has_news)
        self.notes_title.setVisible(has_news)


def _said(view: UpdateView, now: datetime) -> tuple[str, str, Tone]:
    """Title, advice and tone of how it stands."""
    runs = tr("This is version {version}.", version=view.version)
    if view.off:
        return runs, view.off, "soft"
    if view.is_wanted:
        return (
            tr("screenpop restarts as soon as nobody is on the phone"),
            tr("It comes back as version {version}.", version=view.ready),
            "accent",
        )
    if view.ready:
        return (
            tr("Version {version} is ready", version=view.ready),
            tr("It is put in place when screenpop starts the next time."),
            "accent",
        )
    if view.problem:
        return tr("The last look for updates went wrong"), view.problem, "warn"
    if view.offered:
        advice = tr("Install it the way this one was installed.")
        if view.is_fetched:
            advice = tr("It is fetched while nobody is on the phone.")
        return tr("There is version {version}", version=view.offered), advice, "accent"
    if view.checked_at is None:
        return runs, tr("Updates were not looked for yet."), "soft"
    when = ago_text(view.checked_at, now)
    return runs, tr("No newer one was there: {when}.", when=when), "good"
