"""Voicemail and lost callers of the running app.

Neither is loaded before an account that has it needs it: a desk without them pays for
this module alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from screenpop.providers.abilities import (
    LostCallerNews,
    SupportsLostCallers,
    SupportsTextMessages,
    SupportsVoicemail,
    TextMessageNews,
    VoicemailNews,
)
from screenpop.services.events import (
    AccountRemoved,
    AccountStateChanged,
    LostCallersChanged,
    NewsArrived,
    SourceState,
)

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.application import Application
    from screenpop.services.lost_callers import LostCallers
    from screenpop.services.text_messages import TextMessageBook
    from screenpop.services.voicemail import Voicemails

_REACHED: Final = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)


class VendorLists:
    """Brings news of lists to whoever keeps them."""

    def __init__(self, app: Application) -> None:
        self._app = app
        bus = app.bus
        bus.subscribe(NewsArrived, self._hear)
        bus.subscribe(AccountStateChanged, self._note_state)
        bus.subscribe(AccountRemoved, self._note_removal)
        bus.subscribe(LostCallersChanged, lambda _: app.history.recount())

    @cached_property
    def lost_callers(self) -> LostCallers:
        """Callers to call back."""
        from screenpop.services.lost_callers import LostCallers
        from screenpop.store.lost_callers import LostCallerList

        app = self._app
        return LostCallers(
            lists=LostCallerList(app.database),
            connections=app.connections,
            settings=app.views.log_setting,
            is_told=self._is_told,
            bus=app.bus,
            supervisor=app.supervisor,
            clock=app.clock,
            who=self._known,
        )

    @cached_property
    def voicemails(self) -> Voicemails:
        """Messages that callers left."""
        from screenpop.services.voicemail import Voicemails

        app = self._app
        return Voicemails(
            connections=app.connections,
            settings=app.views.log_setting,
            bus=app.bus,
            supervisor=app.supervisor,
            who=self._known,
            folder=app.paths.cache_dir / "voicemail",
        )

    @cached_property
    def text_messages(self) -> TextMessageBook:
        """Text messages."""
        from screenpop.services.text_messages import TextMessageBook

        app = self._app
        return TextMessageBook(
            database=app.database,
            connections=app.connections,
            bus=app.bus,
            supervisor=app.supervisor,
            who=self._known,
        )

    @property
    def has_text_messages(self) -> bool:
        """Whether any account has text messages."""
        connections = self._app.connections.all()
        return any(each.able(SupportsTextMessages) is not None for each in connections)

    @property
    def has_voicemail(self) -> bool:
        """Whether any account keeps messages."""
        connections = self._app.connections.all()
        return any(each.able(SupportsVoicemail) is not None for each in connections)

    async def close(self) -> None:
        """Leave no message on the disk."""
        if "voicemails" in self.__dict__:
            await self.voicemails.close()

    def _known(self, number: PhoneNumber) -> Contact | None:
        return self._app.known(number)

    def _is_told(self, account_id: str) -> bool:
        return any(
            known.account_id == account_id and known.state is SourceState.LIVE
            for known in self._app.states()
        )

    def _hear(self, event: NewsArrived) -> None:
        lost = [each for each in event.news if isinstance(each, LostCallerNews)]
        if lost:
            self.lost_callers.hear(event.account_id, lost, event.received_at)
        messages = [each for each in event.news if isinstance(each, VoicemailNews)]
        if messages:
            self.voicemails.hear(event.account_id, messages)
        texts = [
            each.message for each in event.news if isinstance(each, TextMessageNews)
        ]
        if texts:
            self.text_messages.hear(event.account_id, texts, event.received_at)

    def _note_state(self, event: AccountStateChanged) -> None:
        connection = self._app.connections.find(event.state.account_id)
        if connection is None or event.state.state not in _REACHED:
            return
        if connection.able(SupportsLostCallers) is not None:
            self.lost_callers.learn(connection)

    def _note_removal(self, event: AccountRemoved) -> None:
        self.lost_callers.forget_account(event.account_id)
        if "voicemails" in self.__dict__:
            self.voicemails.forget_account(event.account_id)
