"""An account as the tracker, the cards, the log and the dialer each need to see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.domain.dialing import DialRules, Verdict
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import SupportsFlowCalls
from screenpop.providers.protocol import DialFirst, SupportsClickToDial, SupportsWebhook
from screenpop.services.call_cards import CardSetting
from screenpop.services.call_history import LogSetting
from screenpop.services.dialer import DialAccount
from screenpop.services.screen_pop import PopRules

if TYPE_CHECKING:
    from screenpop.config.card_settings import LineSettings
    from screenpop.config.settings import Settings
    from screenpop.domain.calls import Call
    from screenpop.domain.events import CallerId
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.events import CallCard
    from screenpop.services.line_book import LineBook


_VERDICTS: Final = {
    "allow": Verdict.ALLOW,
    "ask": Verdict.CONFIRM,
    "refuse": Verdict.REFUSE,
}


class AccountViews:
    """Joins connections, settings and line names; remembers nothing itself."""

    def __init__(
        self,
        connections: Connections,
        lines: LineBook,
        settings: Callable[[], Settings],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._connections = connections
        self._lines = lines
        self._settings = settings

    def answerer(self, account_id: str) -> SupportsWebhook | None:
        """Who knows what the vendor wants to hear; None when nobody does."""
        connection = self._connections.find(account_id)
        return connection.able(SupportsWebhook) if connection else None

    def dial_accounts(self) -> tuple[DialAccount, ...]:
        """The accounts that can start calls, the preferred one first."""
        preferred = self._settings().dialing.account
        able = [
            self._dial_account(connection)
            for connection in self._connections.all()
            if connection.able(SupportsClickToDial) is not None
        ]
        return tuple(sorted(able, key=lambda each: each.account_id != preferred))

    def dial_rules(self) -> DialRules:
        """Which numbers are asked about or refused."""
        dialing, region = self._settings().dialing, self._settings().region
        return DialRules(
            premium=_VERDICTS[dialing.premium],
            foreign=_VERDICTS[dialing.abroad],
            allowed_countries=frozenset(dialing.countries),
            blocked=_keys(dialing.blocked, region),
            do_not_call=_keys(dialing.do_not_call, region),
            out_of_hours=self._out_of_hours(),
            extensions=self._lines.extensions(),
        )

    def _out_of_hours(self) -> Verdict:
        dialing = self._settings().dialing
        if not dialing.hours:
            return Verdict.ALLOW
        from screenpop.domain.week_times import end_of, read_week_time

        times = map(read_week_time, dialing.hours)
        is_within = end_of(times, self._clock().astimezone()) is not None
        return Verdict.ALLOW if is_within else _VERDICTS[dialing.outside_hours]

    def _dial_account(self, connection: Connection) -> DialAccount:
        settings = self._settings()
        options = connection.settings.options
        first = options.get("dial_first") or settings.dialing.dial_first
        is_known = first in set(DialFirst)
        return DialAccount(
            account_id=connection.account_id,
            label=connection.label,
            # Some vendors know a phone by its number only.
            extension=connection.settings.extension or options.get("agent_number", ""),
            region=connection.region or settings.region,
            provider=connection.ability(SupportsClickToDial),
            caller_id=options.get("outbound_number", "") or settings.dialing.caller_id,
            dial_first=DialFirst(first) if is_known else DialFirst.EXTENSION,
            flows=connection.able(SupportsFlowCalls),
        )

    def pop_rules(self) -> PopRules:
        """Which calls raise a card."""
        card = self._settings().card
        return PopRules(internal=card.pop_internal, outbound=card.pop_outbound)

    def card_setting(self, account_id: str) -> CardSetting:
        """How to write an account's calls on a card."""
        setting = self.log_setting(account_id)
        card = self._settings().card
        has_page = bool(card.open_url) or any(each.open_url for each in card.rules)
        return CardSetting(
            setting.region,
            setting.account_label,
            self._lines,
            self._page if has_page else None,
            self._look(setting.region),
            self._settings().dispositions,
            self._settings().wrap_up.seconds,
            link_hosts=card.link_hosts,
        )

    def _look(
        self, region: str
    ) -> Callable[[CallerId, str], LineSettings | None] | None:
        """What finds how a line is shown; None where nothing is set."""
        settings = self._settings()
        if not settings.lines and not settings.card.sound:
            return None
        # Late: most people set nothing.
        from screenpop.services.line_looks import look_of

        lines, sound = settings.lines, settings.card.sound
        return lambda line, name: look_of(lines, line, name, region, sound=sound)

    def _page(self, call: Call, card: CallCard) -> str:
        from screenpop.services.record_opener import record_page

        region = self.log_setting(call.ref.account_id).region
        return record_page(call, card, self._settings(), region)

    def log_setting(self, account_id: str) -> LogSetting:
        """How to write an account's calls in the log."""
        region, dispositions = self._settings().region, self._settings().dispositions
        connection = self._connections.find(account_id)
        if connection is None:
            return LogSetting(region, account_id, self._lines, dispositions)
        several = len(self._connections.all()) > 1
        label = connection.label if several else ""
        return LogSetting(connection.region or region, label, self._lines, dispositions)


def _keys(numbers: tuple[str, ...], region: str) -> frozenset[str]:
    return frozenset(read_number(number, region).key for number in numbers) - {""}
