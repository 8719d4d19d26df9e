"""A desk on the simulated Mango Voice: hook requests, cards, the log, dials, gaps."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import SecretError, StoreFull
from screenpop.domain.events import Direction
from screenpop.providers.abilities import SupportsRecordings
from screenpop.providers.mango_voice.webhook import without_secrets
from screenpop.services.dialer import DialOrder
from screenpop.services.events import (
    CardPhase,
    DialProgress,
    DialState,
    UserNotice,
)
from screenpop.services.intake import WebhookIntake
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
from screenpop.simulator.mango_voice.options import (
    Encoding,
    MangoVoiceOptions,
    Spelling,
    Surface,
)
from screenpop.simulator.people import PastCall
from tests.services.office import (
    ANA,
    BEN,
    Office,
    open_office,
    secrets_of,
    write_config,
)
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.config.paths import Paths
    from screenpop.domain.privacy import Secret

ACCOUNT = (
    'active_users = "101=Amelia Hart <amelia.hart@example.com>, 102=Rui Costa"\n'
    'switchboard_option = "102"'
)
Open = Callable[..., Awaitable[Office]]


def desk_of(home: Path, cloud: MangoVoiceCloud, **parts: str) -> Office:
    """A desk that is not started yet."""
    return open_office(configured(home, cloud, **parts), cloud)


def configured(home: Path, cloud: MangoVoiceCloud, **parts: str) -> Paths:
    """Where a desk's settings are."""
    paths = write_config(home, cloud.base_url, account=ACCOUNT, **parts)
    text = paths.config_file.read_text()
    text = text.replace('vendor = "voxloud"', 'vendor = "mango_voice"')
    paths.config_file.write_text(text)
    return paths


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Open]:
    """``await open_desk(MangoVoiceOptions(…))``: a live desk on its own cloud."""
    async with AsyncExitStack() as stack:

        async def start(
            options: MangoVoiceOptions | None = None, **parts: str
        ) -> Office:
            cloud = stack.enter_context(MangoVoiceCloud(options=options))
            desk = desk_of(tmp_path, cloud, **parts)
            await desk.app.start()
            stack.push_async_callback(desk.app.stop)
            await desk.is_live()
            await asyncio.to_thread(cloud.enter_callback_url, desk.hook_url())
            await desk.app.tracker.settled()
            return desk

        yield start


@pytest.fixture
async def office(open_desk: Open) -> Office:
    return await open_desk()


def mango(office: Office) -> MangoVoiceCloud:
    assert isinstance(office.cloud, MangoVoiceCloud)
    return office.cloud


def status_of(request: urllib.request.Request | str) -> int:
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return int(answer.status)


def body_of(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return bytes(answer.read())


def order(text: str = ANA) -> DialOrder:
    return DialOrder(text=text, origin=DialOrigin.TYPED)


def clicks(office: Office) -> int:
    return sum("/iclicktocall/" in each.path for each in office.cloud.requests)


READINGS = {
    "platform form": MangoVoiceOptions(),
    "platform json": MangoVoiceOptions(encoding=Encoding.JSON),
    "platform query": MangoVoiceOptions(encoding=Encoding.QUERY),
    "platform without prefix": MangoVoiceOptions(prefix="", control_prefix="/mango"),
    "platform as records": MangoVoiceOptions(spelling=Spelling.CALL_RECORD),
    "nobody named at the end": MangoVoiceOptions(names_user_at_end=False),
    "line states": MangoVoiceOptions(surface=Surface.LINE_STATES),
    "call events": MangoVoiceOptions(surface=Surface.CALL_EVENTS),
}


@pytest.mark.parametrize("reading", READINGS)
async def test_a_call_rings_is_answered_and_logged(
    open_desk: Open, reading: str
) -> None:
    office = await open_desk(READINGS[reading])
    await office.knows("Ana Example", ANA)
    call = office.cloud.incoming_call(ANA)
    call.ring()
    card = await office.popped()
    assert (card.phase, card.title) == (CardPhase.RINGING, "Ana Example")
    call.answer()
    await eventually(lambda: _phase(office) is CardPhase.CONNECTED, "the answer")
    call.hang_up()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.ANSWERED
    assert entry.direction is Direction.INBOUND
    assert len(office.pops) == 1


def _phase(office: Office) -> CardPhase:
    return office.app.screen_pop.recent()[0].phase


@pytest.mark.parametrize("reading", READINGS)
async def test_a_call_that_nobody_takes_is_missed(
    open_desk: Open, reading: str
) -> None:
    office = await open_desk(READINGS[reading])
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")


async def test_a_colleague_who_takes_it_is_named(office: Office) -> None:
    call = office.cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    await office.popped()
    call.answer("102")
    await eventually(
        lambda: _phase(office) is CardPhase.ANSWERED_ELSEWHERE, "the colleague"
    )
    assert office.app.screen_pop.recent()[0].answered_by == "Rui Costa"


async def test_a_call_for_somebody_else_is_none_of_ours(office: Office) -> None:
    office.cloud.incoming_call(ANA, extensions=("102",)).ring()
    office.cloud.incoming_call(BEN).ring()
    card = await office.popped()
    assert card.number_e164 == BEN
    assert len(office.log()) == 1


async def test_requests_that_come_twice_and_swapped_pop_once(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2, reorder=True))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record()
    office.cloud.wait_for_deliveries(12)
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    assert len(office.pops) <= 1
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.ANSWERED


async def test_the_switchboard_is_answered_and_pops_before_any_phone_rings(
    office: Office,
) -> None:
    call = office.cloud.incoming_call(ANA, line=office.cloud.lines[1])
    call.ring()
    card = await office.popped()
    assert card.number_e164 == ANA
    assert card.line_text.startswith("Customer support")
    assert mango(office).pbx.user("102") in call.users  # type: ignore[attr-defined]
    call.answer("102")
    call.hang_up()
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    assert office.log()[0].outcome is CallOutcome.ANSWERED


class Disk:
    """A journal that fails, or that takes for ever."""

    def __init__(self, error: StoreFull | None) -> None:
        self.kept: Future[int] = Future()
        if error is not None:
            self.kept.set_exception(error)

    def append(self, _delivery: Delivery) -> Future[int]:
        return self.kept


def at_the_switchboard() -> Delivery:
    return Delivery(
        account_id="acme",
        source=DeliverySource.WEBHOOK,
        received_at=datetime.now(UTC),
        body=b"",
        method="GET",
        path="/switchboard",
        query="call_uid=1&callerid_number=12025550143",
    )


@pytest.mark.expects_log("a delivery was answered but is not on disk: StoreFull")
async def test_a_full_disk_does_not_keep_a_switchboard_from_its_answer(
    office: Office,
) -> None:
    disk = Disk(StoreFull("The disk is full"))
    intake = WebhookIntake(disk, office.app.views.answerer, lambda _: None)
    answer = await intake.accept(at_the_switchboard())
    assert json.loads(answer.body) == {"status": "success", "option": "102"}


async def test_a_slow_disk_does_not_keep_a_switchboard_from_its_answer(
    office: Office,
) -> None:
    disk, passed_on = Disk(None), asyncio.Event()
    intake = WebhookIntake(disk, office.app.views.answerer, lambda _: passed_on.set())
    answer = await intake.accept(at_the_switchboard())
    assert json.loads(answer.body) == {"status": "success", "option": "102"}
    assert not passed_on.is_set()
    disk.kept.set_result(7)
    async with asyncio.timeout(5):
        await passed_on.wait()


class ClosedKeychain(MemorySecretStore):
    """Gives what it is asked for until it is locked."""

    is_locked = False

    async def get(self, account_id: str, name: str) -> Secret:
        if self.is_locked:
            raise SecretError("The keychain is locked")
        return await super().get(account_id, name)


async def test_a_keychain_that_closes_later_does_not_close_the_way_to_the_switchboard(
    tmp_path: Path,
) -> None:
    with MangoVoiceCloud() as cloud:
        keychain = ClosedKeychain()
        keychain._secrets = secrets_of(cloud)._secrets
        office = open_office(configured(tmp_path, cloud), cloud, keychain)
        await office.app.start()
        await office.is_live()
        keychain.is_locked = True
        await office.app._doors.open_accounts()
        url = f"{office.hook_url()}/switchboard?call_uid=7"
        answer = await asyncio.to_thread(body_of, url)
        assert json.loads(answer) == {"status": "success", "option": "102"}
        await office.app.stop()


async def test_a_keychain_that_is_locked_from_the_start_lets_the_vendor_in(
    tmp_path: Path,
) -> None:
    with MangoVoiceCloud() as cloud:
        keychain = ClosedKeychain()
        keychain._secrets = secrets_of(cloud)._secrets
        paths = configured(tmp_path, cloud)
        first = open_office(paths, cloud, keychain)
        await first.app.start()
        await first.is_live()
        path = urlsplit(first.hook_url()).path
        await first.app.stop()
        keychain.is_locked = True
        office = open_office(paths, cloud, keychain)
        await office.app.start()
        await eventually(lambda: office.app.listener.is_running, "the listener")
        base = f"http://127.0.0.1:{office.app.listener.port}"
        wrong = path[:-4] + "AAAA"

        def option() -> bytes:
            return body_of(f"{base}{path}/switchboard?call_uid=7&cid_number={ANA}")

        await eventually(lambda: b"102" in option(), "the switchboard's option")
        assert b"102" not in body_of(f"{base}{wrong}/switchboard?call_uid=8")
        assert office.pops == []
        keychain.is_locked = False
        await office.app._doors.open_accounts()
        assert (await office.popped()).number_e164 == ANA
        await office.app.stop()


async def test_the_vendor_reads_the_active_users(office: Office) -> None:
    assert mango(office).active_users == (
        {"id": "101", "name": "Amelia Hart", "email": "amelia.hart@example.com"},
        {"id": "102", "name": "Rui Costa", "email": ""},
    )


# --- dialling -------------------------------------------------------------------------


async def test_a_dial_uses_what_the_vendor_handed_over_and_knows_its_own_ring(
    office: Office,
) -> None:
    await office.app.dialer.dial(order())
    (call,) = office.cloud.wait_for_placed_calls(1)
    card = await office.popped()
    assert (card.phase, card.number_e164) == (CardPhase.DIALLING, ANA)
    call.answer()
    await eventually(
        lambda: DialState.CALLING in _dial_states(office), "the far phone to ring"
    )
    call.answer()
    await office.app.tracker.settled()
    assert DialState.CONNECTED not in _dial_states(office)
    call.hang_up()
    call.publish_record()
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    await eventually(
        lambda: office.log()[0].outcome is CallOutcome.ANSWERED, "the record's word"
    )
    (entry,) = office.log()
    assert (entry.direction, entry.number_e164) == (Direction.OUTBOUND, ANA)
    assert clicks(office) == 1
    assert len(office.pops) == 1


def _dial_states(office: Office) -> list[DialState]:
    return [progress.state for progress in office.all(DialProgress)]


async def test_a_lost_answer_is_unclear_and_never_repeated(office: Office) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="/iclicktocall/"))
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.UNCLEAR
    assert clicks(office) == 1


async def test_after_click_to_call_was_switched_off_nothing_is_dialled(
    office: Office,
) -> None:
    switch = mango(office).switch_click_to_call
    await asyncio.to_thread(switch, "101", is_on=False)
    await office.app.tracker.settled()
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.FAILED
    assert "switched Click2Call off" in progress.text
    assert clicks(office) == 0


async def test_names_are_logged_and_no_secret_is(
    open_desk: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "screenpop")
    office = await open_desk()
    await office.app.dialer.dial(order())
    await office.popped()
    pbx = mango(office).pbx
    secrets = (pbx.combined_token, *pbx.idents, pbx.user("101").click_token)
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert "POST callcontrol: fields ext, email, clicktocallurl" in caplog.text
    assert "POST callringing: fields id, from, to, type" in caplog.text


async def test_no_secret_of_a_set_up_is_on_the_disk(open_desk: Open) -> None:
    office = await open_desk(MangoVoiceOptions(encoding=Encoding.JSON))
    pbx = mango(office).pbx
    office.cloud.incoming_call(ANA).ring()
    await office.popped()
    kept = [path for path in office.app.paths.data_dir.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        held = path.read_bytes()
        assert pbx.combined_token.encode() not in held
        assert pbx.user("101").click_token.encode() not in held


def _kept_names(office: Office) -> set[str]:
    store = office.app._secrets
    assert isinstance(store, MemorySecretStore)
    return {name for _account, name in store._secrets}


class SlowKeychain(MemorySecretStore):
    """Asks its user before it takes anything once ``is_locked``."""

    def __init__(self, known: MemorySecretStore) -> None:
        super().__init__()
        self._secrets = known._secrets
        self.unlocked = asyncio.Event()
        self.unlocked.set()

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        await self.unlocked.wait()
        await super().set(account_id, name, secret)


def handing_over(office: Office) -> Delivery:
    cloud = mango(office)
    fields = {"ext": "101", "clicktocallurl": cloud.click_to_call_url}
    return Delivery(
        account_id="acme",
        source=DeliverySource.WEBHOOK,
        received_at=datetime.now(UTC),
        body=json.dumps(fields).encode(),
        content_type="application/json",
        path="/mango/callcontrol",
    )


def intake_of(office: Office, seconds: float) -> WebhookIntake:
    """An intake on this loop whose deliveries nobody else takes in hand."""
    app = office.app
    return WebhookIntake(
        app.inbox,
        app.views.answerer,
        lambda _: None,
        app.connections.taker(),
        hand_over_seconds=seconds,
    )


async def test_what_is_handed_over_is_kept_before_the_vendor_is_answered(
    tmp_path: Path,
) -> None:
    """A kill right after the answer loses nothing: nobody hands it over again."""
    with MangoVoiceCloud() as cloud:
        office = desk_of(tmp_path, cloud)
        keychain = SlowKeychain(secrets_of(cloud))
        office.app.connections.handed._secrets = keychain
        await office.app.connections.apply(office.app.settings)
        keychain.unlocked.clear()
        intake = intake_of(office, seconds=60)
        answering = asyncio.ensure_future(intake.accept(handing_over(office)))
        await eventually(office.app.journal.pending, "the journal")
        assert not answering.done()
        keychain.unlocked.set()
        assert (await answering).status == 200
        assert ("acme", "click_to_call_101") in keychain._secrets
        await office.app.stop()


async def test_a_keychain_that_asks_its_user_does_not_cost_the_answer(
    tmp_path: Path,
) -> None:
    with MangoVoiceCloud() as cloud:
        office = desk_of(tmp_path, cloud)
        keychain = SlowKeychain(secrets_of(cloud))
        office.app.connections.handed._secrets = keychain
        await office.app.connections.apply(office.app.settings)
        keychain.unlocked.clear()
        intake = intake_of(office, seconds=0.01)
        assert (await intake.accept(handing_over(office))).status == 200
        assert ("acme", "click_to_call_101") not in keychain._secrets
        keychain.unlocked.set()
        await eventually(
            lambda: ("acme", "click_to_call_101") in keychain._secrets, "the secret"
        )
        await office.app.stop()


@pytest.mark.expects_log("a delivery could not be acted on")
async def test_a_hand_over_that_a_kill_lost_is_told_at_the_next_start(
    tmp_path: Path,
) -> None:
    with MangoVoiceCloud() as cloud:
        office = desk_of(tmp_path, cloud)
        whole = handing_over(office)
        left = without_secrets(whole)
        await asyncio.wrap_future(office.app.journal.append(left))
        await office.app.start()
        await office.is_live()
        await eventually(lambda: office.all(UserNotice), "a notice")
        (notice,) = office.all(UserNotice)
        assert "set-up was lost" in notice.title
        assert "Switch Click2Call off and on" in notice.advice
        await office.app.stop()


async def test_removing_the_account_forgets_what_was_handed_over(
    office: Office,
) -> None:
    assert {"click_to_call_101", "click_to_call_102"} <= _kept_names(office)
    assert await office.app.accounts.remove("acme") == ""
    assert _kept_names(office) == set()


# --- gaps -----------------------------------------------------------------------------


async def test_what_was_lost_is_found_in_the_call_records(office: Office) -> None:
    office.cloud.set_faults(Faults(drop_probability=1.0))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    office.cloud.set_faults(Faults())
    office.app.monitor.wake()
    (entry,) = await office.logged(1)
    assert entry.number_e164 == ANA
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    assert office.pops == []


async def test_what_was_lost_in_a_holiday_is_found_in_the_call_records(
    tmp_path: Path,
) -> None:
    with MangoVoiceCloud() as cloud:
        day = 24 * 60
        missed = PastCall(number=ANA, minutes_ago=10 * day, was_answered=False)
        cloud.seed_history([missed])
        office = desk_of(tmp_path, cloud)
        heard = replace(
            at_the_switchboard(), received_at=datetime.now(UTC) - timedelta(days=14)
        )
        await asyncio.wrap_future(office.app.journal.append(heard))
        await office.app.start()
        await eventually(
            lambda: any("0123" in entry.number_e164 for entry in office.log()),
            "the call of the holiday",
        )
        assert office.pops == []
        await office.app.stop()


async def test_a_lost_end_is_filled_in_by_the_record_of_the_call(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(drop_types=frozenset({"callhangup"})))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    await office.popped()
    call.hang_up()
    office.app.monitor.wake()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.ANSWERED


async def test_a_poll_of_what_is_known_changes_nothing(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    for _ in range(2):
        before = len(office.cloud.requests)
        office.app.monitor.wake()
        await asyncio.to_thread(office.cloud.wait_for_requests, before + 1)
        await office.app.tracker.settled()
    assert len(office.log()) == 1
    assert len(office.pops) == 1


async def test_a_recording_is_asked_for_again_when_it_is_wanted(
    office: Office,
) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    provider = office.app.connections.get("acme").ability(SupportsRecordings)
    first = await provider.recording(call.call_id)
    second = await provider.recording(call.call_id)
    assert first.url != second.url
    assert first.expires_at is not None
    assert await asyncio.to_thread(status_of, second.url) == 200


async def test_a_webhook_with_a_wrong_token_is_answered_and_not_believed(
    office: Office,
) -> None:
    forged = {"event": "callRinging", "callId": "forged", "from": BEN, "ext": "101"}
    assert office.post(forged) == 200
    request = urllib.request.Request(  # noqa: S310 - our own address
        office.hook_url(),
        json.dumps(forged).encode(),
        {"Content-Type": "application/json", "x-mango-security-token": "guess"},
    )
    assert await asyncio.to_thread(status_of, request) == 200
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert card.number_e164 == ANA
    assert len(office.log()) == 1
