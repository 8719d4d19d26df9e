"""The simulated MobTexting, as strict and as forgetful as its documents say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.clock import ManualClock
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from screenpop.simulator.mobtexting.options import FlowSteps, MobTextingOptions
from screenpop.simulator.people import PastCall, Person
from tests.providers.mobtexting.receiver import EchoReceiver
from tests.simulator.mobtexting_client import Client
from tests.waiting import until

if TYPE_CHECKING:
    from tests.simulator.loopback import Reply

ANA = "+442079460123"
CLICK = {"bridge": "442079460100", "from": "442079460150", "to": "442079460123"}
REPORT = "voice:message:out"
NOBODY = "dd4b91af-167d-48e6-901d-ae181ff6e80d"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[MobTextingCloud]:
    with MobTextingCloud(clock=clock) as running:
        yield running


@pytest.fixture
def client(cloud: MobTextingCloud) -> Client:
    return Client(cloud)


@pytest.fixture
def receiver() -> Iterator[EchoReceiver]:
    with EchoReceiver() as running:
        yield running


# --- strictness -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer wrong", "Basic x", "bearer", "Token {token}"]
)
@pytest.mark.parametrize("path", ["/auth/me", "/voice/calls", "/no/such/path"])
def test_a_wrong_or_missing_token_is_401_everywhere(
    cloud: MobTextingCloud, client: Client, header: str, path: str
) -> None:
    shown = header.format(token=cloud.credentials["api_token"])
    reply = client.send("GET", path, headers={"Authorization": shown})
    assert reply.status == 401
    assert reply.json == {"status": "ERROR", "code": 401, "message": "Unauthenticated"}


def test_the_token_may_stand_in_the_query(
    cloud: MobTextingCloud, client: Client
) -> None:
    token = cloud.credentials["api_token"]
    path = f"/auth/me?access_token={token}"
    for header in ("", f"Bearer {token}", token):
        assert client.send("GET", path, headers={"Authorization": header}).status == 200
    for header in ("Bearer wrong", "wrong", f"Token {token}"):
        assert client.send("GET", path, headers={"Authorization": header}).status == 401
    wrong = client.send("GET", f"{path}x", headers={"Authorization": ""})
    assert wrong.status == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"bridge": "442079460199"}, 422),
        ({"bridge": "+442079460100"}, 422),
        ({"from": "+442079460150"}, 422),
        ({"from": 442079460150}, 422),
        ({"to": "flow:x"}, 422),
        ({"to": "101"}, 422),
        ({"record": "2"}, 422),
        ({"record": True}, 422),
        ({"attempts": "3"}, 422),
        ({"duration": "0"}, 422),
        ({"duration": "long"}, 422),
        ({"webhook_id": NOBODY}, 422),
        ({"variables[Name]": 3}, 422),
        ({"colour": "blue"}, 400),
        ({"to": "flow:220"}, 200),
        ({"record": 1, "attempts": 0, "duration": 5, "mid": "a"}, 200),
        ({"variables[Name]": "Ana", "variables": {"otp": "1"}}, 200),
    ],
)
def test_a_click_to_call_is_taken_only_as_documented(
    cloud: MobTextingCloud, client: Client, change: dict[str, Any], status: int
) -> None:
    assert client.post("/voice/c2c", CLICK | change).status == status
    assert len(cloud.placed_calls) == (status == 200)


@pytest.mark.parametrize("name", ["bridge", "from", "to"])
def test_a_click_to_call_needs_all_its_numbers(client: Client, name: str) -> None:
    content = {key: value for key, value in CLICK.items() if key != name}
    assert client.post("/voice/c2c", content).status == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"audio": "a"}, 200),
        ({"flow_id": "351", "interval": 5, "name": "May"}, 200),
        ({}, 422),
        ({"audio": "a", "flow_id": "351"}, 422),
        ({"audio": "a", "interval": "7"}, 422),
    ],
)
def test_an_outbound_call_plays_a_flow_or_a_sound(
    client: Client, change: dict[str, Any], status: int
) -> None:
    content = {"bridge": "442079460100", "to": "442079460123", **change}
    reply = client.post("/outgoing/send", content)
    assert reply.status == status
    if status == 200:
        assert reply.json["data"][0]["status"] == "queued"


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-01",
        "Apr 1, 2021 - Apr 12, 2021",
        "Apr 31, 2021 - May 12, 2021",
        "Avr 01, 2021 - Avr 12, 2021",
    ],
)
def test_a_filter_in_another_spelling_is_refused(client: Client, text: str) -> None:
    from urllib.parse import quote

    reply = client.get(f"/voice/calls?datetime%5Bend_at%5D={quote(text)}")
    assert reply.status == 422


@pytest.mark.parametrize("page", ["0", "x", "-1"])
def test_a_page_that_is_none_is_refused(client: Client, page: str) -> None:
    assert client.get(f"/voice/calls?page={page}").status == 422


def test_more_than_a_thousand_gets_a_minute_are_too_many(clock: ManualClock) -> None:
    options = MobTextingOptions(gets_per_minute=3)
    with MobTextingCloud(clock=clock, options=options) as cloud:
        client = Client(cloud)
        statuses = [client.get("/auth/me").status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert client.post("/voice/c2c", CLICK).status == 200
        clock.advance(60)
        assert client.get("/auth/me").status == 200


def test_without_credit_nothing_rings(cloud: MobTextingCloud, client: Client) -> None:
    cloud.set_faults(Faults(quota=True))
    assert client.post("/voice/c2c", CLICK).status == 403
    assert cloud.placed_calls == ()


# --- webhooks -------------------------------------------------------------------------


def test_a_webhook_is_challenged_kept_changed_and_deleted(
    client: Client, receiver: EchoReceiver
) -> None:
    webhook_id = client.webhook("pop", receiver.url, secret="s", token="key")
    ((path, headers, value),) = receiver.requests
    assert path.endswith("/token?token=key")
    assert headers["Authorization"] == "Bearer s"
    assert value["validation_key"] == "key"
    one = f"/developer/webhooks/{webhook_id}"
    assert client.get(one).json["data"]["secret"] == "s"
    changed = client.put(one, {"name": "pop2", "status": 0}).json["data"]
    assert (changed["name"], changed["status"]) == ("pop2", 0)
    assert client.get("/developer/webhooks?filter%5Bname%5D=pop2").json["data"]
    assert client.delete(one).json["data"] == []
    for reply in (client.get(one), client.put(one, {}), client.delete(one)):
        assert reply.status == 404


def test_put_and_delete_may_be_posts_with_a_method(
    client: Client, receiver: EchoReceiver
) -> None:
    one = f"/developer/webhooks/{client.webhook('pop', receiver.url)}"
    changed = client.post(f"{one}?_method=PUT", {"status": "0"})
    assert changed.json["data"]["status"] == 0
    assert client.send("POST", f"{one}?_method=DELETE").status == 200


def test_a_receiver_that_does_not_repeat_the_challenge_gets_no_webhook(
    cloud: MobTextingCloud, client: Client, receiver: EchoReceiver
) -> None:
    receiver.repeats = False
    content = {"name": "pop", "uri": receiver.url}
    assert client.post("/developer/webhooks", content).status == 422
    content["uri"] = "http://127.0.0.1:9/nobody"
    assert client.post("/developer/webhooks", content).status == 422
    assert cloud.webhooks == ()


@pytest.mark.parametrize(
    "content", [{}, {"name": "a"}, {"name": "a", "uri": "x"}, {"name": 1, "uri": "x"}]
)
def test_a_webhook_needs_name_and_address(client: Client, content: object) -> None:
    assert client.post("/developer/webhooks", content).status == 422


@pytest.mark.parametrize(
    "change",
    [{"event": "voice:nothing"}, {"identity": "one"}, {"webhook_id": NOBODY}],
)
def test_a_subscription_to_nothing_is_refused(
    client: Client, receiver: EchoReceiver, change: dict[str, str]
) -> None:
    webhook_id = client.webhook("pop", receiver.url)
    content = {"event": REPORT, "identity": "all", "webhook_id": webhook_id}
    assert client.post("/developer/subscriptions", content | change).status == 422


def test_a_subscription_is_listed_shown_and_deleted(
    client: Client, receiver: EchoReceiver
) -> None:
    number = client.subscription(REPORT, client.webhook("pop", receiver.url))
    one = f"/developer/subscriptions/{number}"
    (listed,) = client.get("/developer/subscriptions").json["data"]
    assert client.get(one).json["data"] == listed
    assert client.delete(one).status == 200
    assert client.get(one).status == client.delete(one).status == 404


# --- calls ----------------------------------------------------------------------------


def test_a_flow_tells_the_ring_and_the_end_and_nothing_between(
    cloud: MobTextingCloud, client: Client, receiver: EchoReceiver, clock: ManualClock
) -> None:
    client.webhook("pop", receiver.url, secret="s")
    cloud.seed_contacts([Person(first_name="Ana", last_name="Example", number=ANA)])
    call = cloud.incoming_call(ANA)
    call.ring()
    clock.advance(5)
    call.answer()
    clock.advance(10)
    call.hang_up()
    cloud.wait_for_deliveries(2)
    ring, over = receiver.payloads
    assert ring["id"] == over["id"] == call.call_id
    assert (ring["from"], ring["name"]) == ("442079460123", "Ana Example")
    assert (over["status"], over["duration"], over["billing"]) == (
        "COMPLETED",
        "15",
        "10",
    )
    assert receiver.requests[-1][1]["Authorization"] == "Bearer s"


@pytest.mark.parametrize("steps", [FlowSteps.NONE, FlowSteps.RINGING])
def test_a_flow_tells_only_what_its_steps_tell(
    receiver: EchoReceiver, steps: FlowSteps
) -> None:
    with MobTextingCloud(options=MobTextingOptions(flow_steps=steps)) as cloud:
        Client(cloud).webhook("pop", receiver.url)
        call = cloud.incoming_call("")
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)
        (entry,) = Client(cloud).get("/voice/calls").json["data"]
        assert (entry["status"], entry["call_from"]) == ("MISSED", "")
        expected = 0 if steps is FlowSteps.NONE else 1
        assert len(cloud.wait_for_deliveries(expected)) == expected


def test_a_click_to_call_is_reported_once_when_it_is_over(
    cloud: MobTextingCloud, client: Client, receiver: EchoReceiver, clock: ManualClock
) -> None:
    client.subscription(REPORT, client.webhook("pop", receiver.url))
    client.post("/voice/c2c", CLICK | {"record": "1", "mid": "order-17"})
    (call,) = cloud.wait_for_placed_calls(1)
    clock.advance(3)
    call.answer()
    clock.advance(4)
    call.answer()
    clock.advance(20)
    call.hang_up()
    cloud.wait_for_deliveries(1)
    (report,) = receiver.payloads
    assert report["bridge"] == 442079460100
    assert (report["status"], report["status1"], report["status2"]) == (
        "COMPLETED",
        "RECEIVED",
        "ANSWER",
    )
    assert (report["duration"], report["billing"]) == ("27", "20")
    assert report["recording_url"].startswith("https://media.example.com/")
    assert not {"mid", "callId", "id"} & report.keys()
    (recording,) = client.get("/voice/recordings").json["data"]
    assert recording["duration"] == "00:00:27"


@pytest.mark.parametrize(
    ("picks_up", "cause", "statuses"),
    [
        (False, ReleaseReason.NO_ANSWER, ("NOANSWER", "NOANSWER", "")),
        (True, ReleaseReason.BUSY, ("BUSY", "RECEIVED", "BUSY")),
        (True, ReleaseReason.NORMAL, ("CANCEL", "RECEIVED", "CANCEL")),
    ],
)
def test_a_click_to_call_that_comes_to_nothing_says_why(
    receiver: EchoReceiver,
    picks_up: bool,
    cause: ReleaseReason,
    statuses: tuple[str, str, str],
) -> None:
    options = MobTextingOptions(
        numbers_are_text=True, report_repeats_reference=True, report_has_call_id=True
    )
    with MobTextingCloud(options=options) as cloud:
        client = Client(cloud)
        webhook_id = client.webhook("pop", receiver.url)
        client.post("/voice/c2c", CLICK | {"mid": "m", "webhook_id": webhook_id})
        (call,) = cloud.placed_calls
        assert call.rings == 3  # type: ignore[attr-defined]
        if picks_up:
            call.answer()
        call.hang_up(cause)
        cloud.wait_for_deliveries(1)
        (report,) = receiver.payloads
        assert (report["status"], report["status1"], report["status2"]) == statuses
        assert (report["mid"], report["callId"]) == ("m", call.call_id)
        assert report["bridge"] == "442079460100"


def test_only_200_and_202_are_success_and_steps_are_not_repeated(
    cloud: MobTextingCloud, client: Client, receiver: EchoReceiver, clock: ManualClock
) -> None:
    client.subscription(REPORT, client.webhook("pop", receiver.url))
    receiver.status = 204
    call = cloud.incoming_call(ANA)
    call.ring()
    cloud.wait_for_deliveries(1)
    asked = cloud.outgoing_call(ANA)
    asked.ring()
    asked.hang_up()
    cloud.wait_for_deliveries(2)
    receiver.status = 202
    clock.wait_for_sleepers(1)
    clock.advance(1_800)
    tried = cloud.wait_for_deliveries(3)
    assert [(one.event_type, one.attempt, one.error) for one in tried] == [
        ("flow:ringing", 1, "The receiver answered 204"),
        (REPORT, 1, "The receiver answered 204"),
        (REPORT, 2, ""),
    ]


def test_a_call_is_known_by_any_of_its_names(
    cloud: MobTextingCloud, client: Client
) -> None:
    reply = client.post("/voice/c2c", CLICK | {"to": "flow:220", "mid": "m"})
    (call,) = cloud.placed_calls
    assert reply.json["callId"] == call.call_id
    call.answer()
    call.hang_up()
    for query in (f"id={call.call_id}", "cid=m", "mobile=442079460150"):
        found = client.get(f"/outgoing/callstatus?{query}").json["data"]
        assert [one["status"] for one in found] == ["ANSWER"], query
    assert client.get("/outgoing/callstatus?id=x").status == 404
    assert client.get("/outgoing/callstatus?cid=x").json["data"] == []
    assert client.get("/outgoing/callstatus").status == 422


def test_logs_are_kept_for_sixty_days(cloud: MobTextingCloud, client: Client) -> None:
    day = 24 * 60
    cloud.seed_history(
        [
            PastCall(number=ANA, minutes_ago=59 * day, is_inbound=False),
            PastCall(number=ANA, minutes_ago=day, is_inbound=False, was_answered=False),
            PastCall(number=ANA, minutes_ago=61 * day),
        ]
    )
    found: Reply = client.get("/voice/calls")
    assert [one["status"] for one in found.json["data"]] == ["NOANSWER", "COMPLETED"]


def test_steps_that_make_no_sense_are_refused(cloud: MobTextingCloud) -> None:
    call = cloud.outgoing_call(ANA)
    for step in (call.answer, call.hang_up, call.publish_record):
        with pytest.raises(UsageError):
            step()
    for wrong in ("12", "anonymous"):
        with pytest.raises(UsageError):
            cloud.incoming_call(wrong)
        with pytest.raises(UsageError):
            cloud.outgoing_call(wrong)
    with pytest.raises(UsageError):
        cloud.incoming_call(ANA, line=ANA)
    with pytest.raises(UsageError):
        cloud.incoming_call(ANA, extensions=("101",))
    with pytest.raises(UsageError):
        cloud.outgoing_call(ANA, extension="101")


def test_placed_calls_go_on_by_themselves() -> None:
    with MobTextingCloud(autoplay_seconds=0) as cloud:
        client = Client(cloud)
        client.post("/voice/c2c", CLICK)
        client.post("/voice/c2c", CLICK | {"to": "flow:220"})

        def finished() -> list[Any]:
            return list(client.get("/voice/calls").json["data"])

        until(lambda: len(finished()) == 2, "the end of both calls")
        assert sorted(one["status"] for one in finished()) == ["ANSWER", "COMPLETED"]
