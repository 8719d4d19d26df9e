"""The services are what the windows ask for; the type checker holds this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.dialing_desk import Desk, Memory, PhoneLine
from tests.ui.known_sources import KnownSources
from tests.ui.left_messages import LeftMessages, LostList
from tests.ui.past_calls import PastCalls
from tests.ui.phone_accounts import KeptSettings, People, PhoneAccounts, VendorTools

if TYPE_CHECKING:
    from screenpop.services.account_tools import AccountTools
    from screenpop.services.accounts import Accounts
    from screenpop.services.call_history import CallHistory
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.dial_desk import DialDesk
    from screenpop.services.dialer import Dialer
    from screenpop.services.lost_callers import LostCallers
    from screenpop.services.number_marks import MarkedCallers
    from screenpop.services.preferences import Preferences
    from screenpop.services.source_overview import SourceOverview
    from screenpop.services.voicemail import Voicemails
    from screenpop.ui.memory import FileMemory
    from screenpop.ui.ports import (
        CallHistoryPort,
        ContactBookPort,
        DialDeskPort,
        DialerPort,
        LostCallersPort,
        MemoryPort,
        SettingsPort,
        VoicemailPort,
    )
    from screenpop.ui.setup_ports import (
        AccountsPort,
        AccountToolsPort,
        MarksPort,
        SourcesPort,
    )

    def the_services(
        dialer: Dialer,
        desk: DialDesk,
        history: CallHistory,
        accounts: Accounts,
        tools: AccountTools,
        book: ContactBook,
        preferences: Preferences,
        memory: FileMemory,
    ) -> tuple[
        DialerPort,
        DialDeskPort,
        CallHistoryPort,
        AccountsPort,
        AccountToolsPort,
        ContactBookPort,
        SettingsPort,
        MemoryPort,
    ]:
        return dialer, desk, history, accounts, tools, book, preferences, memory

    def the_sources(
        sources: SourceOverview, marks: MarkedCallers
    ) -> tuple[SourcesPort, MarksPort]:
        return sources, marks

    def the_lists(
        lost: LostCallers, messages: Voicemails
    ) -> tuple[LostCallersPort, VoicemailPort]:
        return lost, messages


async def test_what_stands_in_for_the_services_is_of_the_same_shape() -> None:
    dialer: DialerPort = PhoneLine()
    desk: DialDeskPort = Desk()
    history: CallHistoryPort = PastCalls()
    accounts: AccountsPort = PhoneAccounts()
    tools: AccountToolsPort = VendorTools()
    book: ContactBookPort = People()
    settings: SettingsPort = KeptSettings()
    memory: MemoryPort = Memory()
    lists: LostCallersPort = LostList()
    messages: VoicemailPort = LeftMessages()
    sources: SourcesPort = KnownSources()
    assert all((lists, messages, sources))
    assert all((dialer, desk, history, accounts, tools, book, settings, memory))
