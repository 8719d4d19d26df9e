"""The settings that have no place of their own, so that none is in the file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.ui.settings.kept_fields import KeptFields
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.theme.theme import Theme

_Row = tuple[str, Marked, Marked | None]
_RULES: Final = (
    ("allow", marked("Call")),
    ("ask", marked("Ask first")),
    ("refuse", marked("Never call")),
)
_CHOICES: Final = {
    "card.screen": (
        ("pointer", marked("Where the pointer is")),
        ("active-window", marked("Where I work")),
        ("fixed", marked("Always the same")),
    ),
    "card.answered_as": (
        ("whole", marked("Whole")),
        ("slim", marked("As one line")),
    ),
    "dialing.dial_first": (
        ("extension", marked("My phone")),
        ("contact", marked("Whom I call")),
    ),
    "dialing.premium": _RULES,
    "dialing.abroad": _RULES,
    "dialing.outside_hours": _RULES,
    "logging.level": (
        ("debug", marked("Everything")),
        ("info", marked("The usual")),
        ("warning", marked("What went wrong")),
        ("error", marked("Failures only")),
    ),
}
_SECTIONS: Final[tuple[tuple[Marked, tuple[_Row, ...]], ...]] = (
    (
        marked("Cards"),
        (
            (
                "card.max_cards",
                marked("Cards at once"),
                marked("From 1 to 10. Further calls are counted in a row."),
            ),
            ("card.screen", marked("Screen for cards"), None),
            (
                "card.screen_name",
                marked("Name of that screen"),
                marked("Where it is always the same one, such as HDMI-1."),
            ),
            ("card.answered_as", marked("After you answer, show the card"), None),
            (
                "card.answered_seconds",
                marked("Seconds a card stays after you answer"),
                None,
            ),
            (
                "card.sound",
                marked("Sound when it rings"),
                marked("none, chime, double, low, or a sound file; empty for none."),
            ),
        ),
    ),
    (
        marked("After a call"),
        (
            (
                "wrap_up.dispositions",
                marked("What calls can come to"),
                marked("Asked after each call. Several with commas between."),
            ),
            (
                "wrap_up.seconds",
                marked("Seconds it is asked"),
                marked("0 for until you answer."),
            ),
        ),
    ),
    (
        marked("Dialling"),
        (
            (
                "dialing.account",
                marked("Account to call with"),
                marked("Its id; empty for the first that can."),
            ),
            (
                "dialing.caller_id",
                marked("Number they see"),
                marked("With + and country code; empty for your own default."),
            ),
            ("dialing.dial_first", marked("Who is rung first"), None),
            ("dialing.premium", marked("Expensive numbers"), None),
            ("dialing.abroad", marked("Numbers abroad"), None),
            (
                "dialing.countries",
                marked("The only countries to call"),
                marked("Two letters each, such as IT LT; empty for all."),
            ),
            ("dialing.blocked", marked("Numbers never to call"), None),
            (
                "dialing.hours",
                marked("Hours to call in"),
                marked("Such as mon-fri 08:00-18:00; empty for always."),
            ),
            ("dialing.outside_hours", marked("Calls at other hours"), None),
            (
                "dialing.do_not_call",
                marked("Numbers of people who do not want calls"),
                marked("You are asked before one is called."),
            ),
        ),
    ),
    (
        marked("Looking callers up"),
        (
            (
                "lookup.soft_seconds",
                marked("Seconds until a source counts as late"),
                None,
            ),
            (
                "lookup.hard_seconds",
                marked("Seconds until nobody waits for a source"),
                None,
            ),
            (
                "lookup.keep_hits_minutes",
                marked("Minutes a found name is believed"),
                None,
            ),
            (
                "lookup.keep_misses_minutes",
                marked("Minutes that nobody was found is believed"),
                None,
            ),
        ),
    ),
    (
        marked("Receiving calls"),
        (
            (
                "listener.host",
                marked("Address to listen at"),
                marked("Used when screenpop starts the next time."),
            ),
            (
                "listener.port",
                marked("Port to listen at"),
                marked("Used when screenpop starts the next time. 0 for any."),
            ),
            (
                "listener.public_url",
                marked("Public address"),
                marked("What phone systems are told to call."),
            ),
        ),
    ),
    (
        marked("How long things are kept, in days"),
        (
            ("retention.calls_days", marked("Call log"), None),
            ("retention.notes_days", marked("Notes"), None),
            ("retention.dials_days", marked("What was dialled"), None),
            ("retention.texts_days", marked("Text messages"), None),
            ("retention.journal_days", marked("Deliveries as received"), None),
        ),
    ),
    (
        marked("Finding faults"),
        (("logging.level", marked("What the log says"), None),),
    ),
)
# On the other pages, or changed by the program itself. A program to run is only set in
# the file: nobody shall be talked into it by telephone.
_ELSEWHERE: Final = frozenset(
    {
        *("language", "region", "ui.theme", "ui.calls_as", "ui.quiet_until"),
        *("card.corner", "card.pop_internal", "card.pop_outbound", "card.spoken"),
        *("card.open_record", "card.open_outbound", "card.open_url"),
        *("card.link_hosts", "card.open_program"),
        *("hotkeys.focus_card", "hotkeys.dial_selection", "hotkeys.search"),
        *("quiet.focus_mode", "quiet.sharing", "quiet.times", "quiet.times_level"),
        *("team.presence", "team.share_rules"),
        *("updates.enabled", "updates.channel"),
    }
)
_WORDS: Final = {
    "card.sound": marked("ringtone, audio, noise, alert"),
    "card.screen": marked("monitor, display"),
    "dialing.caller_id": marked("caller ID, outbound number"),
    "dialing.premium": marked("premium, cost, toll, fraud"),
    "dialing.abroad": marked("international, foreign, roaming"),
    "dialing.blocked": marked("block, ban"),
    "dialing.hours": marked("office hours, opening hours, schedule, night"),
    "dialing.do_not_call": marked("do not call, robinson list, opt out"),
    "listener.host": marked("webhook, server, network"),
    "listener.port": marked("webhook, server, network"),
    "listener.public_url": marked("webhook, callback, tunnel, proxy"),
    "retention.calls_days": marked("privacy, history, delete, GDPR"),
    "retention.journal_days": marked("privacy, journal, webhook, GDPR"),
    "logging.level": marked("debug, diagnosis, support"),
    "wrap_up.dispositions": marked("disposition, outcome, result, wrap-up"),
}


class FurtherPage(SettingsPage):
    """Every change is kept at once."""

    is_long = True

    def __init__(
        self, theme: Theme, settings: SettingsPort, keys: tuple[str, ...] = ()
    ) -> None:
        """Show nothing yet.

        Args:
            theme: Looks.
            settings: Where changes are kept.
            keys: Of all settings; those without a place anywhere are listed last.
        """
        super().__init__(
            theme,
            tr("More settings"),
            tr("Few people need these. A change is kept at once."),
        )
        fields = self.fields = KeptFields(theme, settings, self.column, self.tasks)
        for title, rows in _SECTIONS:
            fields.header(tr_marked(title))
            for key, label, help_text in rows:
                self._add(key, tr_marked(label), tr_marked(help_text or Marked("")))
        others = [key for key in keys if key not in {*fields.fields, *_ELSEWHERE}]
        if others:
            fields.header(tr("By their names in the file"))
        for key in others:
            fields.line(key, key)
        self.column.addStretch(1)

    def load(self) -> None:
        """Show what is in force."""
        super().load()
        self.message.clear()
        self.fields.refresh()

    def _add(self, key: str, label: str, help_text: str) -> None:
        words = tr_marked(_WORDS[key]) if key in _WORDS else ""
        choices = _CHOICES.get(key)
        if choices is None:
            self.fields.line(key, label, help_text, words=words)
        else:
            offered = tuple((one, tr_marked(text)) for one, text in choices)
            self.fields.choice(key, label, offered, help_text, words=words)
