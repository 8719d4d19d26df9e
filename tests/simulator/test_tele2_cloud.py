"""The simulated Tele2: strict where the documents speak, chosen where they do not."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from screenpop.domain.errors import UsageError
from screenpop.simulator import Faults, ReleaseReason, StoryTeller, demo_story
from screenpop.simulator.clock import ManualClock
from screenpop.simulator.people import PastCall
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import (
    NumberForm,
    Tele2Options,
    WebhookAnswer,
)
from screenpop.simulator.tele2.spelling import EVENT_NAMES
from tests.simulator.loopback import Receiver, Reply
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from websockets.sync.client import ClientConnection

AMELIA, RUI = "1741000000000101", "1741000000000102"
ANA, BEN = "+12025550143", "+442079460733"
V2 = "/api/v2"


class Caller:
    """Sends requests, right ones unless told otherwise."""

    def __init__(self, cloud: Tele2Cloud) -> None:
        self.cloud = cloud

    def send(
        self,
        method: str,
        path: str,
        content: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self.cloud.credentials['api_key']}"}
        if content is not None:
            body = json.dumps(content).encode()
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        parts = urlsplit(self.cloud.base_url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=5
        )
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str, **query: object) -> Reply:
        text = f"?{urlencode(query)}" if query else ""
        return self.send("GET", f"{V2}{path}{text}")

    def data(self, path: str, **query: object) -> Any:
        reply = self.get(path, **query)
        assert reply.status == 200, reply.body
        return reply.json["data"]

    def subscribe(self, url: str, *names: str) -> None:
        for name in names:
            reply = self.send("POST", f"{V2}/webhooks/{name}", {"endpoint": url})
            assert reply.status == 200

    def session_key(self, *names: str, **changes: object) -> Reply:
        wanted = {
            "token": self.cloud.credentials["api_key"],
            "scope": "company",
            "subscribe": list(names or EVENT_NAMES),
        }
        return self.send("POST", "/api/session_keys/create", wanted | changes)

    @contextmanager
    def stream(self, *names: str) -> Iterator[ClientConnection]:
        """A stream that has signed in, its greeting read."""
        key = self.session_key(*names).json["data"]
        with self.connect() as opened:
            opened.send(json.dumps({"type": "AuthRequest", "wss_token": key}))
            assert json.loads(opened.recv(timeout=5))["status"] == "success"
            yield opened

    def connect(self) -> Any:
        url = self.cloud.base_url.replace("http", "ws")
        return connect(f"{url}/api/ws", close_timeout=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[Tele2Cloud]:
    with Tele2Cloud(clock=clock) as running:
        yield running


@pytest.fixture
def caller(cloud: Tele2Cloud) -> Caller:
    return Caller(cloud)


def talk(cloud: Tele2Cloud, clock: ManualClock, number: str = ANA) -> Any:
    call = cloud.incoming_call(number)
    call.ring()
    clock.advance(7)
    call.answer()
    clock.advance(27)
    call.hang_up()
    return call


# --- strictness -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer wrong", "Basic abc", "bearer {key}", "{key}"]
)
def test_only_the_documented_header_is_a_key(caller: Caller, header: str) -> None:
    key = caller.cloud.credentials["api_key"]
    reply = caller.send(
        "GET", f"{V2}/lost_calls", headers={"Authorization": header.format(key=key)}
    )
    assert reply.status == 401
    assert reply.json["statusCode"] == 401


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/trigger/contacts", {}, 422),
        ("/trigger/contacts", {"initial_contact_id": "x"}, 422),
        ("/trigger/contacts", {"initial_contact_id": 0, "limit": -1}, 422),
        ("/trigger/contacts", {"initial_contact_id": 0, "page": 1}, 400),
        ("/trigger/call_history", {"initial_call_id": 0, "direction": "inbound"}, 422),
        ("/trigger/call_history", {"initial_call_id": 0, "date_from": "today"}, 422),
        ("/trigger/groups", {"initial_group_id": 0, "contact_id": "me"}, 422),
        ("/contacts/x", {}, 422),
        ("/contacts/1", {}, 404),
        ("/call_history", {}, 404),
        ("/trigger/call_history", {"initial_call_id": 0}, 404),
        ("/lost_calls", {}, 404),
        ("/lost_calls", {"initial_call_id": 0}, 400),
        ("/trigger/contacts", {"initial_contact_id": 9 * 10**17}, 404),
    ],
)
def test_a_wrong_question_gets_the_documented_status(
    cloud: Tele2Cloud,
    clock: ManualClock,
    caller: Caller,
    path: str,
    query: dict[str, object],
    status: int,
) -> None:
    if status == 422:
        talk(cloud, clock)
    reply = caller.get(path, **query)
    assert reply.status == status
    assert reply.json["statusCode"] == status
    assert reply.json["message"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"destination": "+12025550143", "contactID": int(AMELIA)}, 200),
        ({"destination": "02079460733", "contactID": int(AMELIA)}, 200),
        ({"destination": "0012025550143", "contactID": int(AMELIA)}, 200),
        ({"destination": "+12025550143", "contactID": AMELIA}, 422),
        ({"destination": "+12025550143", "contactID": True}, 422),
        ({"destination": "call me", "contactID": int(AMELIA)}, 422),
        ({"destination": "+12025550143", "contactID": 5}, 404),
        ({"contactID": int(AMELIA)}, 400),
        ({"destination": "+12025550143"}, 422),
        ({"destination": "+12025550143", "contactID": 1, "to": 2}, 422),
    ],
)
def test_a_dial_is_taken_only_as_documented(
    cloud: Tele2Cloud, caller: Caller, content: object, status: int
) -> None:
    assert caller.send("POST", f"{V2}/dial", content).status == status
    assert len(cloud.placed_calls) == (status == 200)


def test_a_hundred_requests_a_minute_and_no_more(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    statuses = [caller.get("/lost_calls").status for _ in range(101)]
    assert statuses == [404] * 100 + [429]
    clock.advance(61)
    assert caller.get("/lost_calls").status == 404


def test_a_method_that_the_key_may_not_use_is_forbidden(
    cloud: Tele2Cloud, caller: Caller
) -> None:
    cloud.forbidden_paths = frozenset({f"{V2}/dial"})
    reply = caller.send("POST", f"{V2}/dial", {})
    assert (reply.status, reply.json["statusCode"]) == (403, 403)


# --- lists ----------------------------------------------------------------------------


def test_lists_hold_what_is_newer_than_the_mark_newest_first(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    calls = [talk(cloud, clock, ANA if n % 2 else BEN) for n in range(4)]
    ids = [int(call.call_id) for call in calls]

    def found(**query: object) -> list[int]:
        data = caller.data("/trigger/call_history", **query)
        return [item["callID"] for item in data]

    assert found(initial_call_id=0) == ids[::-1]
    assert found(initial_call_id=ids[1]) == [ids[3], ids[2]]
    assert found(initial_call_id=0, limit=1, offset=1) == [ids[2]]
    assert found(initial_call_id=0, call_id=ids[0]) == [ids[0]]
    assert found(initial_call_id=0, source="02079460733") == [ids[2], ids[0]]
    assert (
        found(initial_call_id=0, destination="02079460100", direction="in") == ids[::-1]
    )
    assert found(initial_call_id=0, contact_id=AMELIA) == ids[::-1]
    second = calls[1].story.rang_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found(initial_call_id=0, date_from=second) == ids[:0:-1]
    assert found(initial_call_id=0, date_to=second) == [ids[1], ids[0]]
    assert caller.data(f"/call_history/{ids[0]}")["callID"] == ids[0]


def test_a_call_is_booked_as_it_was_seen_on_the_wire(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    call = talk(cloud, clock, BEN)
    (item,) = caller.data("/trigger/call_history", initial_call_id=0)
    assert len(str(item["callID"])) == 16
    assert item | {"callID": 0} == {
        "callID": 0,
        "caller": "02079460733",
        "destination": "02079460100",
        "direction": "in",
        "status": 5,
        "callStarted": "2026-03-02T09:00:00+0000",
        "callConnected": "2026-03-02T09:00:07+0000",
        "callEnded": "2026-03-02T09:00:34+0000",
        "connectionTime": 26,
        "contactID": int(AMELIA),
        "recordingID": None,
    }
    call.publish_record(recorded=True, voicemail=True)
    (recording,) = caller.data("/trigger/call_records", initial_record_id=0)
    assert recording["recordingURL"].startswith("https://")
    same = caller.data(f"/call_records/{recording['recordingID']}")
    assert same == recording
    (message,) = caller.data("/trigger/voicemails", initial_voicemail_id=0)
    for query in (
        {"source": "02079460733"},
        {"contact_id": AMELIA},
        {"box_id": message["voicemailBoxID"]},
        {"date_from": "2026-03-02T09:00:00Z", "date_to": "2026-03-02T10:00:00+00:00"},
    ):
        assert caller.data("/trigger/voicemails", initial_voicemail_id=0, **query)
    for query in ({"source": "1"}, {"contact_id": RUI}, {"box_id": 4}):
        reply = caller.get("/trigger/voicemails", initial_voicemail_id=0, **query)
        assert reply.status == 404


@pytest.mark.parametrize(
    ("name", "mark", "count"),
    [
        ("contacts", "contact", 4),
        ("groups", "group", 2),
        ("voicemail_boxes", "box", 1),
        ("voip_endpoints", "endpoint", 2),
        ("audio_prompts", "prompt", 2),
    ],
)
def test_each_list_has_its_mark_and_its_single_things(
    caller: Caller, name: str, mark: str, count: int
) -> None:
    found = caller.data(f"/trigger/{name}", **{f"initial_{mark}_id": 0})
    assert len(found) == count
    ids = [
        next(value for key, value in item.items() if key.lower().endswith("id"))
        for item in found
    ]
    assert ids == sorted(ids, reverse=True)
    for thing_id, item in zip(ids, found, strict=True):
        assert caller.data(f"/{name}/{thing_id}") == item


def test_groups_of_one_employee(caller: Caller) -> None:
    found = caller.data("/trigger/groups", initial_group_id=0, contact_id=AMELIA)
    assert [group["name"] for group in found] == ["Sales"]


# --- webhooks -------------------------------------------------------------------------


def test_webhooks_are_made_counted_and_deleted(
    cloud: Tele2Cloud, caller: Caller
) -> None:
    url = "https://pop.example.com/x"
    ids = []
    for number in range(20):
        name = EVENT_NAMES[number % 10]
        reply = caller.send("POST", f"{V2}/webhooks/{name}", {"endpoint": url})
        ids.append(reply.json["data"])
    full = caller.send("POST", f"{V2}/webhooks/CallStarted", {"endpoint": url})
    assert (full.status, full.json["message"]) == (403, "Webhook limit reached")
    assert caller.send("DELETE", f"{V2}/webhooks/{ids[0]}").status == 200
    assert caller.send("DELETE", f"{V2}/webhooks/{ids[0]}").status == 404
    assert len(cloud.webhooks) == 19
    assert caller.send("GET", f"{V2}/webhooks").status == 404, "there is no list"


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("CallTransferred", {"endpoint": "https://pop.example.com"}, 404),
        ("CallStarted", {"endpoint": "http://pop.example.com"}, 422),
        ("CallStarted", {"endpoint": "pop.example.com"}, 400),
        ("CallStarted", {"endpoint": "https://pop.example.com", "x": 1}, 400),
        ("CallStarted", {}, 400),
    ],
)
def test_a_wrong_webhook_is_refused(
    caller: Caller, name: str, content: object, status: int
) -> None:
    assert caller.send("POST", f"{V2}/webhooks/{name}", content).status == status


@pytest.mark.parametrize("answer", WebhookAnswer)
def test_where_the_id_stands_can_be_chosen(
    clock: ManualClock, answer: WebhookAnswer
) -> None:
    options = Tele2Options(webhook_answer=answer)
    with Tele2Cloud(clock=clock, options=options) as cloud:
        reply = Caller(cloud).send(
            "POST", f"{V2}/webhooks/CallStarted", {"endpoint": "https://x.example.com"}
        )
        (webhook,) = cloud.webhooks
        told = f"{reply.json['data']} {reply.headers.get('Location', '')}"
        assert (str(webhook.webhook_id) in told) is (
            answer is not WebhookAnswer.NOWHERE
        )


def test_each_webhook_gets_its_events_alone(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller, receiver: Receiver
) -> None:
    caller.subscribe(receiver.url, "CallStarted", "CallCompleted")
    talk(cloud, clock)
    cloud.wait_for_deliveries(2)
    names = [payload["eventType"] for payload in receiver.payloads]
    assert names == ["CallStarted", "CallCompleted"]
    assert receiver.payloads[0] == {
        "type": "Event",
        "eventType": "CallStarted",
        "version": "v1",
        "data": {
            "callID": receiver.payloads[0]["data"]["callID"],
            "caller": "0012025550143",
            "destination": "02079460100",
            "direction": "in",
            "status": 1,
            "callStarted": "2026-03-02T09:00:00+0000",
            "contactID": int(AMELIA),
        },
    }
    assert receiver.payloads[1]["data"]["connectionTime"] == 26
    assert "callEnded" not in receiver.payloads[1]["data"]


# --- streams --------------------------------------------------------------------------


def names_from(stream: ClientConnection, count: int) -> list[str]:
    return [json.loads(stream.recv(timeout=5))["eventType"] for _ in range(count)]


def test_a_stream_gets_what_it_asked_for(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    with caller.stream("CallStarted", "CallCompleted") as stream:
        talk(cloud, clock)
        assert names_from(stream, 2) == ["CallStarted", "CallCompleted"]
    until(lambda: not cloud.streams, "the stream to be gone")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"token": "wrong"}, 401),
        ({"scope": "employee"}, 422),
        ({"subscribe": []}, 422),
        ({"subscribe": ["CallParked"]}, 422),
        ({"extra": 1}, 400),
    ],
)
def test_a_wrong_request_for_a_key_is_refused(
    caller: Caller, changes: dict[str, object], status: int
) -> None:
    assert caller.session_key(**changes).status == status


def test_a_key_opens_one_stream(cloud: Tele2Cloud, caller: Caller) -> None:
    key = caller.session_key().json["data"]
    message = json.dumps({"type": "AuthRequest", "wss_token": key})
    with caller.connect() as first, caller.connect() as second:
        first.send(message)
        first.recv(timeout=5)
        second.send(message)
        _is_refused(second)
        assert len(cloud.streams) == 1


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "[]",
        '{"type": "AuthRequest"}',
        '{"wss_token": "x", "type": "A"}',
    ],
)
def test_another_first_message_ends_the_stream(caller: Caller, message: str) -> None:
    with caller.connect() as stream:
        stream.send(message)
        _is_refused(stream)


def test_a_stream_that_leaves_before_signing_in_is_no_stream(
    cloud: Tele2Cloud, caller: Caller
) -> None:
    with caller.connect():
        pass
    assert cloud.streams == ()
    assert caller.send("POST", "/api/ws").status == 405
    assert caller.send("GET", "/api/ws").status == 426


def _is_refused(stream: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed) as caught:
        stream.recv(timeout=5)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1008


def test_faults_spoil_a_stream_as_they_do_webhooks(
    cloud: Tele2Cloud, caller: Caller
) -> None:
    cloud.set_faults(Faults(duplicate=1, unknown_event_type=True))
    with caller.stream() as stream:
        cloud.incoming_call(ANA).ring()
        assert names_from(stream, 3) == ["CallStarted", "CallStarted", "CallParked"]
        cloud.set_faults(Faults(drop_probability=1.0))
        cloud.incoming_call(ANA).ring()
        cloud.set_faults(Faults(missing_call_id=True, numbers_as_json_numbers=True))
        cloud.incoming_call(ANA).ring()
        data = json.loads(stream.recv(timeout=5))["data"]
        assert "callID" not in data
        assert isinstance(data["caller"], int)


def test_streams_can_be_broken_off(cloud: Tele2Cloud, caller: Caller) -> None:
    with caller.stream() as stream:
        cloud.break_streams()
        with pytest.raises(ConnectionClosed):
            stream.recv(timeout=5)
    cloud.incoming_call(ANA).ring()


# --- calls ----------------------------------------------------------------------------


def test_a_group_rings_at_each_and_connects_one(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    with caller.stream() as stream:
        call = cloud.incoming_call(ANA, extensions=(AMELIA, RUI))
        call.ring()
        call.answer(RUI)
        call.hang_up()
        told = [json.loads(stream.recv(timeout=5)) for _ in range(4)]
    who = [(one["eventType"], str(one["data"]["contactID"])) for one in told]
    assert who == [
        ("CallStarted", AMELIA),
        ("CallStarted", RUI),
        ("CallConnected", RUI),
        ("CallCompleted", RUI),
    ]


@pytest.mark.parametrize(
    ("named", "count"), [(True, ["101", "102"]), (False, ["None"])]
)
def test_who_is_named_when_nobody_answers_can_be_chosen(
    clock: ManualClock, named: bool, count: list[str]
) -> None:
    options = Tele2Options(names_unanswered=named, completed_has_end=True)
    with Tele2Cloud(clock=clock, options=options) as cloud:
        caller = Caller(cloud)
        with caller.stream("CallCompleted") as stream:
            call = cloud.incoming_call(ANA, extensions=(AMELIA, RUI))
            call.ring()
            call.hang_up(ReleaseReason.NO_ANSWER)
            told = [json.loads(stream.recv(timeout=5))["data"] for _ in count]
        assert [str(one["contactID"]).replace("1741000000000", "") for one in told] == (
            count
        )
        assert all(one["callEnded"] and one["status"] == 4 for one in told)
        (item,) = caller.data("/trigger/call_history", initial_call_id=0)
        assert item["contactID"] is None


def test_a_transfer_names_both(cloud: Tele2Cloud, caller: Caller) -> None:
    with caller.stream("CallTransfered", "CallCompleted") as stream:
        call = cloud.incoming_call(ANA)
        call.ring()
        with pytest.raises(UsageError):
            call.transfer(cloud.company.employee(RUI))
        call.answer()
        call.transfer(cloud.company.employee(RUI))
        call.hang_up()
        told = [json.loads(stream.recv(timeout=5))["data"] for _ in range(2)]
    for one in told:
        assert str(one["contactID"]) == RUI
        assert str(one["previous_contactID"]) == AMELIA


def test_lost_callers_come_count_and_go(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    wanted = [name for name in EVENT_NAMES if name.startswith("Lost")]
    with caller.stream(*wanted) as stream:
        for _ in range(2):
            call = cloud.incoming_call(ANA)
            call.ring()
            call.hang_up(ReleaseReason.NO_ANSWER)
        withheld = cloud.incoming_call("")
        withheld.ring()
        withheld.hang_up(ReleaseReason.NO_ANSWER)
        (lost,) = caller.data("/lost_calls", destination="02079460100", limit=5)
        assert (lost["attempts"], lost["callerid"]) == (2, "0012025550143")
        assert caller.get("/lost_calls", destination="1").status == 404
        assert caller.get("/lost_calls", date_to="2020-01-01T00:00:00Z").status == 404
        back = cloud.outgoing_call(ANA)
        back.ring()
        back.answer()
        back.hang_up()
        assert names_from(stream, 3) == [
            "LostCallerAdded",
            "LostCallerUpdated",
            "LostCallerRemoved",
        ]
    assert caller.get("/lost_calls").status == 404


def test_a_message_can_be_deleted(
    cloud: Tele2Cloud, clock: ManualClock, caller: Caller
) -> None:
    with caller.stream("VoicemailCreated", "VoicemailDeleted") as stream:
        talk(cloud, clock).publish_record(voicemail=True)
        (message,) = cloud.archive.messages
        cloud.delete_message(message)
        assert names_from(stream, 2) == ["VoicemailCreated", "VoicemailDeleted"]
    assert caller.get(f"/voicemails/{message.voicemail_id}").status == 404


def test_colleagues_call_by_their_own_numbers(
    cloud: Tele2Cloud, caller: Caller
) -> None:
    with caller.stream("CallStarted") as stream:
        cloud.incoming_call(RUI).ring()
        cloud.outgoing_call(RUI).ring()
        told = [json.loads(stream.recv(timeout=5))["data"] for _ in range(2)]
    assert told[0]["caller"] == told[1]["destination"] == "02079460112"
    assert told[1]["caller"] == "02079460111"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda cloud: cloud.incoming_call("0207"),
        lambda cloud: cloud.incoming_call(ANA, line="+442079460999"),
        lambda cloud: cloud.incoming_call(ANA, extensions=("101",)),
        lambda cloud: cloud.incoming_call(ANA, extensions=("1741000000000104",)),
        lambda cloud: cloud.outgoing_call("101"),
        lambda cloud: cloud.incoming_call(ANA).publish_record(),
    ],
)
def test_what_the_company_does_not_have_is_refused(
    cloud: Tele2Cloud, wrong: Callable[[Tele2Cloud], object]
) -> None:
    with pytest.raises(UsageError):
        wrong(cloud)


def test_a_dialled_call_plays_by_itself(clock: ManualClock) -> None:
    with Tele2Cloud(clock=clock, autoplay_seconds=2.0) as cloud:
        caller = Caller(cloud)
        with caller.stream() as stream:
            caller.send(
                "POST", f"{V2}/dial", {"destination": ANA, "contactID": int(AMELIA)}
            )
            assert names_from(stream, 1) == ["CallStarted"]
            for name in ("CallConnected", "CallCompleted"):
                clock.advance(2)
                assert names_from(stream, 1) == [name]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        (NumberForm.NATIONAL, ["02079460733", "0012025550143", ""]),
        (NumberForm.PLUS, [BEN, ANA, ""]),
        (NumberForm.DIGITS, [BEN[1:], ANA[1:], ""]),
    ],
)
def test_numbers_are_spelled_as_chosen(
    clock: ManualClock, form: NumberForm, numbers: list[str]
) -> None:
    with Tele2Cloud(clock=clock, options=Tele2Options(number_form=form)) as cloud:
        cloud.seed_history(
            [
                PastCall(number=number, minutes_ago=place + 1, was_answered=bool(place))
                for place, number in enumerate((BEN, ANA, ""))
            ]
        )
        caller = Caller(cloud)
        found = caller.data("/trigger/call_history", initial_call_id=0)
        assert [item["caller"] for item in found] == numbers
        assert len(caller.data("/lost_calls")) == 1


def test_the_story_plays_out_on_the_stream(cloud: Tele2Cloud, caller: Caller) -> None:
    teller = StoryTeller(cloud, demo_story("tele2"))
    teller.prepare()
    with caller.stream() as stream:
        steps = list(teller.play(lambda _: True))
        names = names_from(stream, 11)
    assert all(step.says for step in steps)
    assert names == [
        *("CallStarted", "CallConnected", "CallCompleted", "CallRecorded"),
        *("CallStarted", "CallCompleted", "LostCallerAdded", "VoicemailCreated"),
        *("CallStarted", "CallConnected", "CallCompleted"),
    ]
