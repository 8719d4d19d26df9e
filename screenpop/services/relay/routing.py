"""Whose desks a delivery concerns: pure bookkeeping over what calls have touched.

All deliveries of a call go to every extension that the call has touched, so that
colleagues see that somebody else took it. An extension that joins late gets what there
was before it. What is remembered is bounded, and the same deliveries seen again, as
after a take-over, change nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import (
    LostCallerNews,
    SupportsNews,
    TextMessageNews,
    VoicemailNews,
)
from screenpop.providers.protocol import SupportsWebhook
from screenpop.services.relay.line_owners import LineOwners

if TYPE_CHECKING:
    from screenpop.config.relay_settings import LineRule
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.providers.abilities import News
    from screenpop.services.connections import Connection

MOST_REMEMBERED_BYTES: Final = 64 * 1024 * 1024
_OVERHEAD_BYTES: Final = 400


class Desk(Protocol):
    """A device as the router sees it."""

    @property
    def device_id(self) -> str:
        """What names it."""
        ...

    @property
    def lines(self) -> Sequence[DeskLine]:
        """Whose calls it hears of."""
        ...


class DeskLine(Protocol):
    """One extension of one account; "" for all of the account."""

    @property
    def account_id(self) -> str:
        """The account."""
        ...

    @property
    def extension(self) -> str:
        """The extension."""
        ...


@frozen
class Seen:
    """A delivery with its place in the stream.

    Attributes:
        message_id: What the broker knows it by; "" for none.
    """

    seq: int
    delivery: Delivery
    message_id: str = ""


@frozen
class Copy:
    """A delivery on its way to a device."""

    device_id: str
    seen: Seen


@dataclass(slots=True)
class _Path:
    """What one call has touched so far.

    Attributes:
        extensions: Each with the delivery that it joined with.
    """

    extensions: dict[str, int] = field(default_factory=dict)
    deliveries: dict[int, Seen] = field(default_factory=dict)
    size: int = 0


@dataclass(slots=True)
class _Reading:
    """What a delivery says, as far as its way is concerned.

    Attributes:
        extensions: Whom it names beside its calls.
        is_for_everybody: It goes to every device of the account.
    """

    events: tuple[CallEvent, ...] = ()
    extensions: set[str] = field(default_factory=set)
    is_for_everybody: bool = False


class Routes:
    """Decides, delivery by delivery; see the module."""

    def __init__(
        self,
        connection: Callable[[str], Connection | None],
        lines: Iterable[LineRule],
        *,
        most_bytes: int = MOST_REMEMBERED_BYTES,
    ) -> None:
        """Remember nothing yet.

        Args:
            connection: An account's adapter.
            lines: Whose calls those on a line are.
            most_bytes: About how much may be remembered.
        """
        self._connection = connection
        self._lines = LineOwners(lines, self._region_of)
        self._most_bytes = most_bytes
        self._paths: OrderedDict[tuple[str, str], _Path] = OrderedDict()
        self._bytes = 0
        self._by_extension: dict[tuple[str, str], tuple[str, ...]] = {}
        self._by_account: dict[str, tuple[str, ...]] = {}

    @property
    def calls(self) -> int:
        """How many calls are remembered."""
        return len(self._paths)

    def set_desks(self, desks: Iterable[Desk]) -> None:
        """Replace all devices."""
        by_extension: dict[tuple[str, str], list[str]] = {}
        by_account: dict[str, list[str]] = {}
        for desk in desks:
            for account_id in {line.account_id for line in desk.lines}:
                by_account.setdefault(account_id, []).append(desk.device_id)
            for line in desk.lines:
                key = line.account_id, line.extension
                by_extension.setdefault(key, []).append(desk.device_id)
        self._by_extension = {key: tuple(ids) for key, ids in by_extension.items()}
        self._by_account = {key: tuple(ids) for key, ids in by_account.items()}
        self._lines.set_extensions(by_extension)

    def take(self, seen: Seen) -> tuple[Copy, ...]:
        """Remember a delivery; which copies to send, earlier deliveries first."""
        reading = self._read(seen.delivery)
        account_id = seen.delivery.account_id
        now, before = self._devices(account_id, reading.extensions), []
        for call_id in dict.fromkeys(event.call_id for event in reading.events):
            of_call = [each for each in reading.events if each.call_id == call_id]
            joined, path = self._follow(account_id, call_id, of_call, seen)
            now |= self._devices(account_id, path.extensions)
            earlier = [each for seq, each in path.deliveries.items() if seq < seen.seq]
            before += [
                Copy(device_id, each)
                for device_id in sorted(self._devices(account_id, joined))
                for each in earlier
            ]
        everywhere = self._by_extension.get((account_id, ""), ())
        if reading.is_for_everybody:
            everywhere = self._by_account.get(account_id, ())
        # Those for everyone have had what came before.
        copies = [copy for copy in before if copy.device_id not in everywhere]
        copies += [Copy(each, seen) for each in sorted(now | set(everywhere))]
        return tuple(copies)

    def begins_for_nobody(self, seen: Seen) -> bool:
        """Whether a call begins here that names nobody and that no line is for.

        While no device of the account has joined that is no news.
        """
        account_id = seen.delivery.account_id
        if account_id not in self._by_account:
            return False
        call_ids = {event.call_id for event in self._read(seen.delivery).events}
        paths = [self._paths.get((account_id, call_id)) for call_id in call_ids]
        return any(
            path and not path.extensions and min(path.deliveries) == seen.seq
            for path in paths
        )

    def _devices(self, account_id: str, extensions: Iterable[str]) -> set[str]:
        return {
            device_id
            for extension in extensions
            for device_id in self._by_extension.get((account_id, extension), ())
        }

    def _follow(
        self, account_id: str, call_id: str, events: list[CallEvent], seen: Seen
    ) -> tuple[set[str], _Path]:
        key = account_id, call_id
        path = self._paths.setdefault(key, _Path())
        self._paths.move_to_end(key)
        named = {event.user.extension for event in events if event.user.extension}
        if not named and not path.extensions:
            named = self._lines.of_events(account_id, events)
        for extension in named:
            path.extensions.setdefault(extension, seen.seq)
        # Also when it is seen again: whoever saw it first may not have come to send it.
        joined = {each for each, seq in path.extensions.items() if seq == seen.seq}
        if seen.seq not in path.deliveries:
            size = len(seen.delivery.body) + _OVERHEAD_BYTES
            path.deliveries[seen.seq] = seen
            path.size += size
            self._bytes += size
            self._forget_oldest()
        return joined, path

    def _forget_oldest(self) -> None:
        while self._bytes > self._most_bytes and len(self._paths) > 1:
            _, path = self._paths.popitem(last=False)
            self._bytes -= path.size

    def _read(self, delivery: Delivery) -> _Reading:
        connection = self._connection(delivery.account_id)
        parser = connection.able(SupportsWebhook) if connection else None
        if connection is None or parser is None:
            return _Reading()
        parsed = parser.parse(delivery)
        reading = _Reading(parsed.events)
        lists = connection.able(SupportsNews)
        for each in lists.news(delivery) if lists is not None else ():
            self._read_news(delivery.account_id, each, reading)
        return reading

    def _read_news(self, account_id: str, news: News, reading: _Reading) -> None:
        match news:
            case LostCallerNews():
                reading.is_for_everybody = True
            case VoicemailNews(voicemail=voicemail):
                reading.extensions |= self._owners(account_id, voicemail.box)
            case TextMessageNews(message=message):
                line = message.recipient if message.is_inbound else message.sender
                reading.extensions |= self._owners(account_id, line)

    def _owners(self, account_id: str, box: str) -> set[str]:
        """Whose a box or a line is: an extension's own, or by the rules."""
        if not box:
            return set()
        return {box, *self._lines.of_line(account_id, box)}

    def _region_of(self, account_id: str) -> str:
        connection = self._connection(account_id)
        return connection.region if connection else ""
