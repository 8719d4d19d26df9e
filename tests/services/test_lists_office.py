"""A desk whose phone system keeps messages and callers to call back."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import NotOffered, ProviderUnavailable
from screenpop.services.events import SourceState, VoicemailChanged
from screenpop.services.vendor_calls import file_ending
from screenpop.services.voicemail import MessageEntry, VoicemailFilter
from screenpop.simulator import Faults, ReleaseReason, VendorCloud
from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import Tele2Options
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.services.lost_callers import LostEntry

AMELIA, RUI = "1741000000000101", "1741000000000102"
Open = Callable[..., Awaitable[Office]]


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Open]:
    """``await open_desk(Tele2Cloud(), extension=AMELIA)``."""
    async with AsyncExitStack() as stack:

        async def start(
            cloud: VendorCloud | None = None,
            *,
            extension: str = AMELIA,
            state: SourceState | None = SourceState.LIVE,
            **parts: str,
        ) -> Office:
            cloud = stack.enter_context(cloud or Tele2Cloud())
            vendor = cloud.vendor
            paths = write_config(tmp_path, cloud.base_url, **parts)
            text = paths.config_file.read_text()
            text = text.replace('vendor = "voxloud"', f'vendor = "{vendor}"')
            text = text.replace('extension = "101"', f'extension = "{extension}"')
            paths.config_file.write_text(text)
            desk = open_office(paths, cloud)
            await desk.app.start()
            stack.push_async_callback(desk.app.stop)
            if state is not None:
                await eventually(lambda: desk.state() is state, f"the state {state}")
            return desk

        yield start


@pytest.fixture
async def office(open_desk: Open) -> Office:
    return await open_desk()


@pytest.fixture
async def mango(open_desk: Open) -> Office:
    return await open_mango(open_desk)


async def open_mango(open_desk: Open) -> Office:
    cloud = MangoVoiceCloud()
    office = await open_desk(cloud, extension="101", state=None)
    # It starts once the addresses it serves are known.
    await eventually(lambda: office.app.listener.is_running, "the listener")
    await asyncio.to_thread(cloud.enter_callback_url, office.hook_url())
    await office.app.tracker.settled()
    return office


def lost(office: Office) -> tuple[LostEntry, ...]:
    return office.app.lists.lost_callers.open_now()


def ring_in_vain(cloud: VendorCloud, caller: str = ANA, extension: str = RUI) -> None:
    call = cloud.incoming_call(caller, extensions=(extension,))
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)


async def answer(office: Office, caller: str = ANA, extension: str = RUI) -> None:
    call = office.cloud.incoming_call(caller, extensions=(extension,))
    call.ring()
    call.answer()
    call.hang_up()


def asked(office: Office, end: str) -> int:
    return sum(request.path.endswith(end) for request in office.cloud.requests)


# --- lost callers ---------------------------------------------------------------------


async def test_a_caller_lost_anywhere_in_the_company_waits_here_until_reached(
    office: Office,
) -> None:
    await office.knows("Ana Example", ANA, "Example Bakery")
    ring_in_vain(office.cloud)
    await eventually(lambda: lost(office), "the lost caller")
    (entry,) = lost(office)
    assert (entry.name, entry.company) == ("Ana Example", "Example Bakery")
    assert entry.number_e164 == ANA
    assert entry.attempts == 1
    await eventually(lambda: office.app.history.missed_count == 1, "the count")

    ring_in_vain(office.cloud)
    await eventually(lambda: lost(office)[0].attempts == 2, "the second attempt")
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")

    await answer(office)
    await eventually(lambda: not lost(office), "the colleague's talk")
    await eventually(lambda: office.app.history.missed_count == 0, "the count")


async def test_one_whose_call_was_missed_here_is_not_counted_twice(
    office: Office,
) -> None:
    ring_in_vain(office.cloud, extension=AMELIA)
    await eventually(lambda: lost(office) and office.log(), "both signs of the call")
    await office.app.tracker.settled()
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    ref = office.log()[0].ref
    await office.app.history.mark_called_back(ref)
    assert lost(office) == ()
    await office.app.history.mark_open(ref)
    assert len(lost(office)) == 1


async def test_a_colleague_who_calls_back_clears_the_missed_call_here(
    office: Office,
) -> None:
    ring_in_vain(office.cloud, extension=AMELIA)
    await eventually(lambda: lost(office) and office.log(), "both signs of the call")
    await answer(office, extension=RUI)
    await eventually(lambda: not lost(office), "the removal")
    await eventually(lambda: office.app.history.missed_count == 0, "no missed call")


async def test_the_list_is_read_at_the_start_and_a_tick_survives_the_next(
    open_desk: Open, tmp_path: Path
) -> None:
    cloud = Tele2Cloud()
    office = await open_desk(cloud)
    ring_in_vain(cloud)
    ring_in_vain(cloud, BEN)
    await eventually(lambda: len(lost(office)) == 2, "two lost callers")
    waiting = next(one for one in lost(office) if one.number_e164 == ANA)
    await office.app.lists.lost_callers.mark_called_back(waiting.key)
    await office.app.stop()
    ring_in_vain(cloud, "+442079460789")

    again = open_office(office.app.paths, cloud)
    assert again.app.history.missed_count == 1, "known before anybody is asked"
    await again.app.start()
    try:
        await eventually(lambda: len(lost(again)) == 2, "who called meanwhile")
        found = {one.number_e164 for one in lost(again)}
        assert found == {BEN, "+442079460789"}
    finally:
        await again.app.stop()


async def test_who_was_called_back_while_the_program_was_off_does_not_wait(
    open_desk: Open,
) -> None:
    cloud = Tele2Cloud()
    office = await open_desk(cloud)
    ring_in_vain(cloud, extension=AMELIA)
    await eventually(lambda: lost(office), "the lost caller")
    await office.app.stop()
    await answer(office)

    again = open_office(office.app.paths, cloud)
    await again.app.start()
    try:
        await eventually(lambda: again.app.history.missed_count == 0, "nobody")
        assert lost(again) == ()
    finally:
        await again.app.stop()


async def test_news_told_twice_count_once(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2))
    ring_in_vain(office.cloud)
    await eventually(lambda: lost(office), "the lost caller")
    await office.app.tracker.settled()
    (entry,) = lost(office)
    assert entry.attempts == 1


async def test_by_polling_the_list_follows_the_calls(open_desk: Open) -> None:
    office = await open_desk(account='source = "poll"', state=SourceState.POLLING)
    ring_in_vain(office.cloud)
    office.app.monitor.wake()
    await eventually(lambda: lost(office), "the lost caller")
    await answer(office)
    office.app.lists.lost_callers.refresh()
    await eventually(lambda: not lost(office), "who was answered")


async def test_a_list_that_cannot_be_read_keeps_what_is_known(
    open_desk: Open,
) -> None:
    cloud = Tele2Cloud()
    office = await open_desk(cloud)
    ring_in_vain(cloud)
    await eventually(lambda: lost(office), "the lost caller")
    cloud.set_faults(Faults(server_error=503, only_path="/lost_calls"))
    cloud.break_streams()
    await eventually(lambda: asked(office, "/lost_calls") >= 2, "the next look")
    await office.is_live()
    assert len(lost(office)) == 1
    cloud.set_faults(Faults())
    before = asked(office, "/lost_calls")
    office.app.lists.lost_callers.refresh()
    await eventually(lambda: asked(office, "/lost_calls") > before, "another look")


async def test_an_account_without_lists_is_never_asked_for_them(
    mango: Office,
) -> None:
    ring_in_vain(mango.cloud, extension="101")
    await eventually(lambda: mango.app.history.missed_count == 1, "a missed call")
    assert "lost_callers" not in vars(mango.app.lists)


# --- voicemail ------------------------------------------------------------------------


async def leave(office: Office, *, extension: str = "", text: str = "") -> None:
    """Somebody calls in vain and leaves a message."""
    extensions = (extension,) if extension else ()
    call = office.cloud.incoming_call(ANA, extensions=extensions)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    call.publish_record(voicemail=True, transcription=text)


async def messages(
    office: Office, only: VoicemailFilter | None = None
) -> tuple[MessageEntry, ...]:
    return await office.app.lists.voicemails.messages("acme", only)


@pytest.mark.parametrize("is_mango", [False, True])
async def test_a_message_is_told_listed_and_played(
    open_desk: Open, is_mango: bool
) -> None:
    office = await open_mango(open_desk) if is_mango else await open_desk()
    office.app.bus.subscribe(VoicemailChanged, office.told.append)
    await office.knows("Ana Example", ANA)
    assert await messages(office) == (), "an empty box is no error"
    await leave(office)
    voicemails = office.app.lists.voicemails
    await eventually(lambda: voicemails.new_count == 1, "the news")
    (entry,) = await messages(office)
    assert (entry.name, entry.number_e164) == ("Ana Example", ANA)
    assert entry.has_sound
    assert entry.seconds
    assert entry.left_at is not None

    playable = await voicemails.listen(entry.ref)
    assert playable.url == "", "this link opens for nobody but us"
    assert playable.file is not None
    assert playable.file.read_bytes().startswith(b"RIFF")
    assert stat.S_IMODE(playable.file.stat().st_mode) == 0o600
    sound = await voicemails.fetch(entry.ref)
    assert file_ending(sound) == playable.file.suffix == ".wav"
    assert sound.data == playable.file.read_bytes()
    voicemails.look()
    assert voicemails.new_count == 0
    await office.app.stop()
    assert not playable.file.exists()


async def test_a_link_elsewhere_that_opens_by_itself_is_opened(
    open_desk: Open,
) -> None:
    options = Tele2Options(media_url="https://media.example.com")
    office = await open_desk(Tele2Cloud(options=options))
    await leave(office)
    (entry,) = await messages(office)
    playable = await office.app.lists.voicemails.listen(entry.ref)
    assert playable.url.startswith("https://media.example.com/")


async def test_a_message_for_a_colleague_is_none_of_ours(office: Office) -> None:
    await leave(office, extension=RUI)
    await leave(office, extension=AMELIA)
    voicemails = office.app.lists.voicemails
    await eventually(lambda: voicemails.new_count == 1, "our own message")
    assert len(await messages(office)) == 1
    everyones = await messages(office, VoicemailFilter(is_everyones=True))
    assert len(everyones) == 2
    assert await messages(office, VoicemailFilter(caller=BEN)) == ()
    assert len(await messages(office, VoicemailFilter(caller="020 7946 0123"))) == 1


async def test_a_message_deleted_on_the_phone_is_not_new_any_more(
    office: Office,
) -> None:
    cloud = office.cloud
    assert isinstance(cloud, Tele2Cloud)
    await leave(office)
    voicemails = office.app.lists.voicemails
    await eventually(lambda: voicemails.new_count == 1, "the news")
    cloud.delete_message(cloud.archive.messages[0])
    await eventually(lambda: voicemails.new_count == 0, "the deletion")
    assert await messages(office) == ()


async def test_messages_are_marked_and_deleted_where_the_vendor_lets_us(
    mango: Office,
) -> None:
    await leave(mango, text="Please call me back.")
    voicemails = mango.app.lists.voicemails
    (entry,) = await messages(mango)
    assert (entry.is_heard, entry.is_editable) == (False, True)
    assert entry.transcription == "Please call me back."
    await voicemails.mark_heard(entry.ref)
    assert (await voicemails.message(entry.ref)).is_heard
    assert voicemails.new_count == 0
    await voicemails.delete(entry.ref)
    await voicemails.delete(entry.ref)
    assert await messages(mango) == ()


async def test_where_the_vendor_does_not_it_is_said(office: Office) -> None:
    await leave(office)
    (entry,) = await messages(office)
    assert not entry.is_editable
    with pytest.raises(NotOffered):
        await office.app.lists.voicemails.delete(entry.ref)


async def test_a_vendor_out_of_order_is_an_error_and_not_an_empty_list(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(server_error=503, only_path="/voicemails"))
    with pytest.raises(ProviderUnavailable):
        await messages(office)


async def test_news_that_come_again_are_counted_once(office: Office) -> None:
    await leave(office)
    voicemails = office.app.lists.voicemails
    await eventually(lambda: voicemails.new_count == 1, "the news")
    kept = list(office.app.journal.iter_since())
    told = next(one for one in kept if b"VoicemailCreated" in one.body)
    assert isinstance(told, Delivery)
    assert told.source is DeliverySource.STREAM
    voicemails.look()
    office.app.tracker.deliver(told)
    await office.app.tracker.settled()
    assert voicemails.new_count == 0
