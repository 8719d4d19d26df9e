"""This desk's part in what its team shares: hears the news, asks, and keeps its word.

What the user wants while the relay is away is kept in memory and said when it is back.
Nothing of what is heard is kept on the disk: after a start all of it is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import random
from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import (
    PayloadError,
    RelayError,
    RelayRefused,
    RelayUnavailable,
    ScreenpopError,
    SecretError,
)
from screenpop.domain.plain_text import plain
from screenpop.relay.names import TeamVerb, team_news_subject, team_subject
from screenpop.relay.team_hashes import TeamHashes
from screenpop.relay.team_words import (
    Claim,
    Item,
    Presence,
    Refusal,
    Rule,
    TeamAnswer,
    TeamNews,
    TeamRequest,
    read_answer,
    read_news,
    write_request,
)
from screenpop.services.events import NoticeLevel, TeamChanged, UserNotice
from screenpop.services.team.call_back_watch import CallBackWatch
from screenpop.services.team.claims import TeamClaims
from screenpop.services.team.colleagues import Colleagues
from screenpop.services.team.own_presence import OwnPresence
from screenpop.services.team.rules import TeamRules
from screenpop.services.team.shared_items import SharedItems
from screenpop.wording import tr

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.relay.broker import Broker, BrokerRequest, BrokerState, Watching
    from screenpop.relay.grant import DeviceGrant
    from screenpop.services.application import Application
    from screenpop.services.team.clock_offset import ClockOffset
    from screenpop.services.team.membership import DeviceKey

_log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 3.0
RETRY_SECONDS: Final = 2.0
RETRY_CAP_SECONDS: Final = 60.0
"""The longest pause while the broker is there and no relay answers: thousands of desks
ask then."""
_LEAVE_SECONDS: Final = 0.5
_MOST_PAGES: Final = 200
_NAMES: Final = {Claim: "claims", Presence: "presence", Rule: "rules"}

Wish = tuple[TeamVerb, TeamRequest]


class TeamSharing:
    """Lives as long as the link to the relay, through its connections.

    Attributes:
        items: What was heard.
        claims: Who calls whom back.
        colleagues: How they are.
        rules: What the team says of numbers.
        problem: Why nothing can be shared at all; "" when nothing is wrong here.
    """

    def __init__(self, app: Application, key: DeviceKey, offset: ClockOffset) -> None:
        """Connect to nothing.

        Args:
            app: Whose team it is.
            key: Gives the team's key.
            offset: How far our clock is from the relay's.
        """
        self._app = app
        self._key = key
        self.offset = offset
        self.items = SharedItems()
        self._wishes: dict[tuple[str, type, str], Wish] = {}
        self._broker: Broker | None = None
        self._grant: DeviceGrant | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, tuple[str, int]] = {}
        self._behind: set[str] = set()
        self._spread = 0.0
        self._wake = asyncio.Event()
        self._backoff = Backoff(
            random=random.random,
            base_seconds=RETRY_SECONDS,
            cap_seconds=RETRY_CAP_SECONDS,
        )
        self._changed: set[str] = set()
        self.hashes: TeamHashes | None = None
        self.problem = ""
        self.claims = TeamClaims(self)
        self.colleagues = Colleagues(self, app)
        self.rules = TeamRules(self, app)
        self._watch = CallBackWatch(self, app)
        self._own = OwnPresence(self, app)

    # --- life, as the link says ------------------------------------------------------

    def opened(self, broker: Broker, grant: DeviceGrant) -> None:
        """There is a connection, or there will be."""
        self._broker, self._grant = broker, grant
        broker.on_state(self._note_state)
        self._task = self._app.supervisor.start("share with the team", self._live())

    async def closed(self) -> None:
        """The connection ends; say good-bye while it stands."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.is_online and self._own.was_told:
            try:
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await self.ask(TeamVerb.PRESENCE, self._own.farewell())
            except (ScreenpopError, TimeoutError) as error:
                # The relay forgets after a while.
                _log.debug("no good-bye: %s", type(error).__name__)
        self._broker = None

    def stop(self) -> None:
        """Have nothing to do with the app any more."""
        self.rules.stop()
        self.colleagues.stop()
        self._watch.stop()
        self._own.stop()

    def wake(self) -> None:
        """There is something to say."""
        self._wake.set()

    def relay_now(self) -> datetime:
        """What time it is by the relay's clock."""
        return self._app.clock() - self.offset.value

    def tell_taken(self, by: str) -> None:
        """A claim from the time without the relay came too late."""
        self._app.bus.publish(
            UserNotice(
                NoticeLevel.INFO,
                tr("{name} was faster and calls them back", name=plain(by, 60)),
                tr("The call log shows who has which caller."),
                "team-claim",
            )
        )

    @property
    def is_online(self) -> bool:
        """Whether the relay can be asked right now."""
        return self._broker is not None and self._broker.state.is_connected

    @property
    def is_up_to_date(self) -> bool:
        """Whether all that the team shares is known here."""
        return self.is_online and not self._behind and self.hashes is not None

    @property
    def device_id(self) -> str:
        """This desk's; "" before the first connection."""
        return self._grant.device_id if self._grant else ""

    @property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts that are shared."""
        grant = self._grant
        return tuple(each.account_id for each in grant.accounts) if grant else ()

    async def _live(self) -> None:
        broker, grant = self._broker, self._grant
        if broker is None or grant is None:
            return
        try:
            self.hashes = TeamHashes(await self._key.team_key())
        except SecretError as error:
            # Calls come all the same.
            if error.title != self.problem:
                _log.warning("nothing is shared with the team: %s", error.title)
            self.problem = error.title
            return
        self.problem = ""
        self._behind = set(self.account_ids)
        listening: list[Watching] = []
        try:
            for account_id in self.account_ids:
                heard = partial(self._hear, account_id)
                subject = team_news_subject(account_id)
                listening.append(await broker.listen(subject, heard))
            while True:
                await self._catch_up()
        finally:
            for each in listening:
                await each.stop()

    async def _catch_up(self) -> None:
        """Do what is to be done now; returns when it is time to look again."""
        self._wake.clear()
        seconds = self._own.seconds_to_next()
        if self.is_online:
            try:
                await self._read_behind()
                await self._grant_wishes()
                await self._own.tell()
                self._backoff.reset()
            except RelayRefused as error:
                # The next connection may be let ask; this one never is.
                _log.info("the team is not asked any more: %s", error.title)
                seconds = None
            except (RelayError, PayloadError) as error:
                seconds = self._backoff.next_delay()
                _log.info("the team is asked in %.0f s: %s", seconds, error.title)
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _note_state(self, state: BrokerState) -> None:
        if state.is_connected:
            self._behind = set(self.account_ids)
            self._spread = 0.0
            self._own.forget_told()
            self._backoff.reset()
        self.note_change("claims")
        self._wake.set()

    # --- hearing ---------------------------------------------------------------------

    async def _hear(self, account_id: str, message: BrokerRequest) -> None:
        try:
            news = read_news(message.body)
        except PayloadError as error:
            _log.warning("news of the team are left out: %s", error.title)
            return
        if not news.boot:
            # A page of a snapshot, which somebody has had sent to all.
            return
        self._look_for_gap(account_id, news)
        for item in news.items:
            self.take(account_id, item)

    def _look_for_gap(self, account_id: str, news: TeamNews) -> None:
        known, now = self._told.get(account_id), (news.boot, news.number)
        self._told[account_id] = now
        # Before the first that is heard there may have been others, since the snapshot.
        if known is None or now != (known[0], known[1] + 1):
            self._spread = max(self._spread, news.spread_seconds)
            self._behind.add(account_id)
            self._wake.set()

    def take(self, account_id: str, item: Item) -> None:
        """Take a word of the relay over."""
        if self.items.put(account_id, item):
            self.note_change(_NAMES[type(item)])

    def note_change(self, what: str) -> None:
        """Tell the app soon, once for all that changes in a moment."""
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._tell_changes)
        self._changed.add(what)

    def _tell_changes(self) -> None:
        changed, self._changed = frozenset(self._changed), set()
        self._app.bus.publish(TeamChanged(changed))

    async def _read_behind(self) -> None:
        if not self._behind:
            return
        # All desks find a gap at the same moment; they need not all ask in it.
        await asyncio.sleep(self._spread * random.random())  # noqa: S311
        self._spread = 0.0
        for account_id in tuple(self._behind):
            self.items.begin()
            found: list[Item] = []
            after = ""
            for _ in range(_MOST_PAGES):
                page = await self._page(account_id, after)
                found += page.items
                after = page.more
                if not after:
                    break
            for kind in self.items.replace(account_id, found):
                self.note_change(_NAMES[kind])
            self._behind.discard(account_id)
        # Whether claims are confirmed has changed, if nothing else.
        self.note_change("claims")

    async def _page(self, account_id: str, after: str) -> TeamNews:
        request = TeamRequest(account_id=account_id, after=after)
        raw = await self._asked(TeamVerb.SNAPSHOT, request)
        try:
            return read_news(raw)
        except PayloadError:
            _log.info("no snapshot now: %s", read_answer(raw).refusal)
            raise RelayUnavailable(tr("The team's relay is busy")) from None

    # --- asking ----------------------------------------------------------------------

    async def ask(self, verb: TeamVerb, request: TeamRequest) -> TeamAnswer:
        """Ask the relay; what it says of an item is taken over.

        Raises:
            RelayError: It does not answer, or is too busy.
            PayloadError: Its answer cannot be read.
        """
        answer = read_answer(await self._asked(verb, request))
        if answer.refusal is Refusal.BUSY:
            raise RelayUnavailable(tr("The team's relay is busy"))
        if answer.item is not None:
            self.take(request.account_id, answer.item)
        return answer

    async def _asked(self, verb: TeamVerb, request: TeamRequest) -> bytes:
        broker = self._broker
        if broker is None or not self.device_id:
            raise RelayUnavailable(tr("The team's relay cannot be reached"))
        subject = team_subject(self.device_id, verb)
        body = write_request(verb, request)
        return await broker.request(subject, body, timeout_seconds=ANSWER_SECONDS)

    def wish(self, kind: type, verb: TeamVerb, request: TeamRequest) -> None:
        """Say this as soon as it can be said; the latest word on one thing counts."""
        self._wishes[request.account_id, kind, request.key] = verb, request
        self._wake.set()

    def wished(self, account_id: str, kind: type, key: str) -> TeamVerb | None:
        """What is still to be said of one thing; None for nothing."""
        found = self._wishes.get((account_id, kind, key))
        return found[0] if found else None

    async def _grant_wishes(self) -> None:
        for place, wish in tuple(self._wishes.items()):
            answer = await self.ask(*wish)
            if self._wishes.get(place) is wish:
                del self._wishes[place]
            if isinstance(answer.item, Claim):
                if wish[0] is TeamVerb.DONE:
                    self._watch.note_done((place[0], place[2]), answer.item.revision)
                self.claims.note_answer(wish[0], answer)
                self.note_change("claims")
            elif answer.refusal is not None:
                _log.info("the team's relay refuses a rule: %s", answer.refusal)
