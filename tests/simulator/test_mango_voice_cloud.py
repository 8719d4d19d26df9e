"""The simulated Mango Voice asks and answers as its documents say, and no other way."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator.clock import ManualClock
from screenpop.simulator.faults import Faults
from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
from screenpop.simulator.mango_voice.options import (
    Encoding,
    MangoVoiceOptions,
    Spelling,
    Surface,
)
from screenpop.simulator.people import PastCall
from screenpop.simulator.protocol import (
    DeliveryResult,
    ReleaseReason,
    SimulatedCall,
    VendorCloud,
    WebhookPortal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NORA = "+12025550143"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """A request that the cloud made."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Subscriber:
    """Somebody whose base URL the administrator entered."""

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/base"

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    known = Subscriber()
    known.answers["/base/mango/activeusers"] = (200, b"[]")

    class Handler(BaseHTTPRequestHandler):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", "0"))
            known.asked.append(
                Asked(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
            )
            status, body = known.answers.get(parts.path, (200, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def open_cloud(
    clock: ManualClock, subscriber: Subscriber
) -> Iterator[Callable[..., MangoVoiceCloud]]:
    started: list[MangoVoiceCloud] = []

    def start(**options: Any) -> MangoVoiceCloud:
        cloud = MangoVoiceCloud(clock=clock, options=MangoVoiceOptions(**options))
        cloud.start()
        started.append(cloud)
        cloud.enter_callback_url(subscriber.url)
        subscriber.asked.clear()
        return cloud

    yield start
    for cloud in started:
        cloud.stop()


@pytest.fixture
def cloud(open_cloud: Callable[..., MangoVoiceCloud]) -> MangoVoiceCloud:
    return open_cloud()


def send(
    cloud: MangoVoiceCloud,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(  # noqa: S310 - loopback
        cloud.base_url + path, body, named, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def cdr(
    cloud: MangoVoiceCloud, rest: str, query: str = "format=json"
) -> tuple[int, Any]:
    return send(cloud, f"/api/v1/cdr/{'/'.join(cloud.pbx.idents)}/{rest}?{query}")


def test_it_is_a_cloud_with_a_portal(cloud: MangoVoiceCloud) -> None:
    as_cloud: VendorCloud = cloud
    assert isinstance(as_cloud, WebhookPortal)
    call: SimulatedCall = cloud.incoming_call(NORA)
    assert call.call_id.count("-") == 4


# --- the platform ---------------------------------------------------------------------


def test_switching_the_integration_on_asks_for_users_and_hands_click_to_call_over(
    clock: ManualClock, subscriber: Subscriber
) -> None:
    users = [{"id": "101", "name": "Amelia", "email": "a@example.com"}]
    subscriber.answers["/base/mango/activeusers"] = (200, json.dumps(users).encode())
    with MangoVoiceCloud(clock=clock) as cloud:
        cloud.enter_callback_url(subscriber.url)
        assert cloud.active_users == tuple(users)
        asked = [(one.method, one.path) for one in subscriber.asked]
        assert asked == [
            ("POST", "/base/mango/integrate"),
            ("GET", "/base/mango/activeusers"),
            *[("POST", "/base/callcontrol")] * 3,
        ]
        given = subscriber.asked[2].form
        assert given["ext"] == "101"
        assert given["clicktocallurl"] == cloud.click_to_call_url
        assert json.loads(given["clicktocallparam"])[0]["name"] == "userid"
        cloud.leave()
        gone = [(one.method, one.path) for one in subscriber.asked[5:]]
        assert gone == [
            *[("DELETE", "/base/callcontrol")] * 3,
            ("DELETE", "/base/mango/integrate"),
        ]


@pytest.mark.parametrize(
    "answer",
    [(500, b"[]"), (404, b""), (200, b""), (200, b"{}"), (200, b'[{"id": 1}]')],
)
def test_a_subscriber_that_answers_otherwise_is_refused(
    clock: ManualClock, subscriber: Subscriber, answer: tuple[int, bytes]
) -> None:
    subscriber.answers["/base/mango/activeusers"] = answer
    with MangoVoiceCloud(clock=clock) as cloud, pytest.raises(UsageError):
        cloud.enter_callback_url(subscriber.url)


def test_each_step_of_a_call_has_its_endpoint(
    cloud: MangoVoiceCloud, subscriber: Subscriber, clock: ManualClock
) -> None:
    call = cloud.incoming_call(NORA, extensions=("101", "102"))
    call.ring()
    clock.advance(4)
    call.answer("102")
    clock.advance(60)
    call.hang_up()
    cloud.wait_for_deliveries(5)
    told = [
        (one.path.rpartition("/")[2], one.form["zohouser"]) for one in subscriber.asked
    ]
    assert told == [
        ("callringing", "101"),
        ("callringing", "102"),
        ("callmissed", "101"),
        ("callanswered", "102"),
        ("callhangup", "102"),
    ]
    assert subscriber.asked[0].form == {
        "id": call.call_id,
        "from": "12025550143",
        "to": "12025550100",
        "type": "received",
        "start_time": "2026-03-02 09:00:00",
        "zohouser": "101",
    }
    assert subscriber.asked[4].form["duration"] == "64"


def test_an_outbound_call_is_dialled_and_hung_up_and_no_more(
    cloud: MangoVoiceCloud, subscriber: Subscriber
) -> None:
    call = cloud.outgoing_call(NORA)
    call.ring()
    call.answer()
    call.hang_up()
    cloud.wait_for_deliveries(2)
    assert [path.rpartition("/")[2] for path in subscriber.paths] == [
        "calldialed",
        "callhangup",
    ]


@pytest.mark.parametrize("encoding", list(Encoding))
def test_parameters_come_in_each_encoding(
    open_cloud: Callable[..., MangoVoiceCloud],
    subscriber: Subscriber,
    encoding: Encoding,
) -> None:
    cloud = open_cloud(encoding=encoding, spelling=Spelling.CALL_RECORD)
    cloud.incoming_call("", caller_name="nobody's business").ring()
    cloud.wait_for_deliveries(1)
    (asked,) = subscriber.asked
    given = asked.query
    if encoding is not Encoding.QUERY:
        given = asked.json if encoding is Encoding.JSON else asked.form
    assert given["source_number"] == "anonymous"
    assert given["ext"] == "101"
    assert "callerid_name" not in given


@pytest.mark.parametrize("surface", [Surface.LINE_STATES, Surface.CALL_EVENTS])
def test_webhooks_go_to_one_address_with_the_token(
    open_cloud: Callable[..., MangoVoiceCloud], subscriber: Subscriber, surface: Surface
) -> None:
    cloud = open_cloud(surface=surface)
    call = cloud.outgoing_call(NORA)
    call.ring()
    call.answer()
    call.hang_up()
    cloud.wait_for_deliveries(3)
    assert set(subscriber.paths) == {"/base"}
    for asked in subscriber.asked:
        assert asked.headers["content-type"] == "application/json"
        token = cloud.credentials["security_token"]
        assert asked.headers["x-mango-security-token"] == token
        assert "event" in asked.json


def test_a_record_and_a_message_are_sent_when_they_are_ready(
    cloud: MangoVoiceCloud, subscriber: Subscriber
) -> None:
    call = cloud.incoming_call(NORA, caller_name="Nora")
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    call.publish_record(voicemail=True, transcription="Call me.")
    cloud.wait_for_deliveries(4)
    logs, message = (one.json for one in subscriber.asked[2:])
    assert logs["data"]["call_status"] == "voicemail"
    assert message["event"] == "voicemail.transcribed"
    assert message["data"]["read_epoch"] == 0


# --- nothing twice --------------------------------------------------------------------


def test_nothing_is_sent_twice_and_who_fails_three_times_gets_a_rest(
    cloud: MangoVoiceCloud, subscriber: Subscriber, clock: ManualClock
) -> None:
    subscriber.answers["/base/mango/callringing"] = (503, b"")
    for count in range(1, 4):
        cloud.incoming_call(NORA).ring()
        cloud.wait_for_deliveries(count)
    results = [one.result for one in cloud.deliveries]
    assert results == [DeliveryResult.FAILED] * 3
    subscriber.answers.clear()
    cloud.incoming_call(NORA).ring()
    _settle(cloud, lost=1)
    clock.advance(29)
    cloud.outgoing_call(NORA).ring()
    _settle(cloud, lost=2)
    clock.advance(2)
    assert len(subscriber.asked) == 3
    cloud.incoming_call(NORA).ring()
    cloud.wait_for_deliveries(4)
    cloud.incoming_call(NORA).ring()
    cloud.wait_for_deliveries(5)
    assert len(subscriber.asked) == 5


def test_one_event_that_fails_after_the_rest_begins_another(
    cloud: MangoVoiceCloud, subscriber: Subscriber, clock: ManualClock
) -> None:
    subscriber.answers["/base/mango/callringing"] = (302, b"")
    for count in range(1, 4):
        cloud.incoming_call(NORA).ring()
        cloud.wait_for_deliveries(count)
    clock.advance(31)
    cloud.incoming_call(NORA).ring()
    cloud.wait_for_deliveries(4)
    cloud.incoming_call(NORA).ring()
    _settle(cloud, lost=1)
    assert len(cloud.deliveries) == 4


def _settle(cloud: MangoVoiceCloud, *, lost: int) -> None:
    from tests.waiting import until

    until(lambda: cloud.endpoint.lost == lost, f"{lost} lost events")


# --- the switchboard ------------------------------------------------------------------


def at_switchboard(cloud: MangoVoiceCloud) -> list[str]:
    call = cloud.incoming_call(NORA, caller_name="Nora W", line=cloud.lines[1])
    call.ring()
    return [user.extension for user in call.users]


@pytest.mark.parametrize(
    ("answer", "extension"),
    [
        ((200, b'{"status": "success", "option": "103"}'), "103"),
        ((200, b'{"status": "success", "option": ""}'), "101"),
        ((200, b'{"status": "error", "option": "103"}'), "101"),
        ((200, b"103"), "101"),
        ((500, b""), "101"),
    ],
)
def test_the_answer_of_the_interactive_webhook_routes_the_call(
    cloud: MangoVoiceCloud,
    subscriber: Subscriber,
    answer: tuple[int, bytes],
    extension: str,
) -> None:
    subscriber.answers["/base/switchboard"] = answer
    assert at_switchboard(cloud) == [extension]
    asked = subscriber.asked[0]
    assert (asked.method, asked.path) == ("GET", "/base/switchboard")
    assert asked.query["callerid_name"] == "Nora W"
    assert asked.query["callerid_number"] == "12025550143"
    assert asked.query["dial_number_name"] == "Customer support"


def test_placeholders_of_our_choosing_are_filled_and_others_refused(
    cloud: MangoVoiceCloud, subscriber: Subscriber
) -> None:
    cloud.enter_switchboard_url(f"{subscriber.url}/mine?n={{CALLER_NUMBER}}")
    at_switchboard(cloud)
    assert subscriber.asked[0].query == {"n": "12025550143"}
    cloud.enter_switchboard_url(f"{subscriber.url}/mine?n={{NONSENSE}}")
    with pytest.raises(UsageError):
        at_switchboard(cloud)
    cloud.enter_switchboard_url("")
    assert at_switchboard(cloud) == ["101"]


# --- call records ---------------------------------------------------------------------


@pytest.fixture
def past(cloud: MangoVoiceCloud) -> MangoVoiceCloud:
    cloud.seed_history(
        [
            PastCall(number=NORA, minutes_ago=10, seconds=60),
            PastCall(number=NORA, minutes_ago=20, is_inbound=False),
            PastCall(number="", minutes_ago=60 * 24 * 40, was_answered=False),
        ]
    )
    return cloud


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("", 2),
        ("/direction/inbound", 1),
        ("/extension/101", 2),
        ("/extension/102", 0),
        ("/extension/101/direction/outbound", 1),
        ("/daterange/start_date=2026-03-02%2008:45:00", 1),
        ("/daterange/start_date=2026-01-01", 3),
        ("/daterange/end_date=2026-02-01", 1),
        ("/daterange/start_date=2026-03-01&end_date=2026-03-02%2008:45:00", 1),
        (f"/daterange/{quote('start_date=2026-03-02 08:45:00', safe='')}", 1),
    ],
)
def test_records_are_listed_and_counted_by_filter(
    past: MangoVoiceCloud, filters: str, count: int
) -> None:
    assert cdr(past, f"count{filters}") == (200, {"count": count})
    status, page = cdr(past, f"list{filters}")
    assert (status, len(page["results"])) == (200, count)


def test_a_record_has_the_documented_fields(past: MangoVoiceCloud) -> None:
    _, page = cdr(past, "list/direction/inbound")
    (record,) = page["results"]
    assert record["source_number"] == "12025550143"
    assert record["call_time"] == "2026-03-02 08:50:00"
    assert set(record) == {
        *("id", "callflow", "conference_id", "duration", "source_number"),
        *("destination_number", "call_time", "call_direction", "call_uuid"),
        *("src_ext", "dst_ext", "call_status", "temp_recording_url"),
    }
    for found in (f"recording/{record['id']}", f"call_uuid/{record['call_uuid']}"):
        assert cdr(past, f"list/{found}")[1]["results"][0]["id"] == record["id"]


@pytest.mark.parametrize(
    ("rest", "query", "status"),
    [
        ("list/direction/sideways", "format=json", 400),
        ("list/extension/abc", "format=json", 400),
        ("list/daterange/yesterday", "format=json", 400),
        ("list/daterange/start_date=2026-02-31", "format=json", 400),
        ("list/daterange/since=2026-02-01", "format=json", 400),
        ("list/colour/red", "format=json", 404),
        ("list/direction", "format=json", 404),
        ("list/direction/inbound/direction/inbound", "format=json", 404),
        ("count/recording/1", "format=json", 404),
        ("count/call_uuid/1", "format=json", 404),
        ("delete", "format=json", 404),
        ("list", "", 406),
        ("list", "format=api", 406),
        ("list", "format=json&limit=5", 400),
        ("list", "format=json&page=0", 400),
    ],
)
def test_other_questions_are_refused(
    past: MangoVoiceCloud, rest: str, query: str, status: int
) -> None:
    assert cdr(past, rest, query)[0] == status


def test_wrong_tokens_and_methods_are_refused(cloud: MangoVoiceCloud) -> None:
    assert send(cloud, "/api/v1/cdr/a/b/c/list?format=json")[0] == 401
    assert send(cloud, "/api/v2/vm/wrong")[0] == 401
    assert send(cloud, "/api/v2/iclicktocall/wrong", "POST", b"")[0] == 401
    assert send(cloud, "/elsewhere")[0] == 404
    path = f"/api/v1/cdr/{'/'.join(cloud.pbx.idents)}/list?format=json"
    assert send(cloud, path, "POST", b"")[0] == 405


def test_a_link_to_a_recording_dies_after_300_seconds(
    cloud: MangoVoiceCloud, clock: ManualClock
) -> None:
    call = cloud.incoming_call(NORA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    links = [cdr(cloud, "list")[1]["results"][0]["temp_recording_url"] for _ in "ab"]
    assert links[0] != links[1]
    path = links[0].removeprefix(cloud.base_url)
    clock.advance(299)
    assert send(cloud, path)[0] == 200
    clock.advance(1)
    assert send(cloud, path)[0] == 403
    assert send(cloud, "/recordings/none.mp3")[0] == 404


# --- voicemail ------------------------------------------------------------------------


def test_messages_are_listed_read_marked_and_deleted(cloud: MangoVoiceCloud) -> None:
    call = cloud.incoming_call(NORA)
    call.ring()
    call.hang_up()
    call.publish_record(voicemail=True)
    path = f"/api/v2/vm/{cloud.pbx.user_token}"
    (message,) = send(cloud, f"{path}?ext=101")[1]
    assert send(cloud, f"{path}?ext=102")[1] == []
    assert message["read_epoch"] == 0
    one = f"{path}/{message['id']}"
    assert send(cloud, one, "PUT")[1]["read_epoch"] > 0
    assert send(cloud, one)[1]["read_epoch"] > 0
    assert send(cloud, one, "DELETE")[0] == 200
    for wrong, method, status in (
        (one, "GET", 404),
        (f"{path}?box=101", "GET", 404),
        (path, "DELETE", 405),
        (f"{one}/more", "GET", 404),
    ):
        assert send(cloud, wrong, method)[0] == status
    assert send(cloud, path, "GET", b"{}")[0] == 400


# --- Click2Call -----------------------------------------------------------------------


def click(cloud: MangoVoiceCloud, fields: dict[str, str], media: str = FORM) -> int:
    path = f"/api/v2/iclicktocall/{cloud.pbx.user_token}"
    is_form = media == FORM
    body = urlencode(fields).encode() if is_form else json.dumps(fields).encode()
    return send(cloud, path, "POST", body, Content_Type=media)[0]


def test_a_click_rings_the_agent_then_the_far_party(
    cloud: MangoVoiceCloud, subscriber: Subscriber
) -> None:
    token = cloud.pbx.user("102").click_token
    assert click(cloud, {"userid": token, "tonumber": "2025550143"}) == 200
    (call,) = cloud.placed_calls
    call.answer()
    call.answer()
    call.hang_up()
    cloud.wait_for_deliveries(4)
    told = [(one.path.rpartition("/")[2], one.form["type"]) for one in subscriber.asked]
    assert told == [
        ("callringing", "received"),
        ("callanswered", "received"),
        ("calldialed", "dialed"),
        ("callhangup", "dialed"),
    ]
    assert subscriber.asked[0].form["from"] == "12025550143"
    (record,) = cdr(cloud, "list/direction/outbound")[1]["results"]
    assert (record["src_ext"], record["call_status"]) == ("102", "answered")
    with pytest.raises(UsageError):
        call.answer()


def test_a_click_without_what_was_handed_over_is_refused(
    open_cloud: Callable[..., MangoVoiceCloud],
) -> None:
    cloud = open_cloud()
    token = cloud.pbx.user("101").click_token
    right = {"userid": token, "tonumber": NORA}
    for wrong in (
        {"tonumber": NORA},
        {"userid": "guess", "tonumber": NORA},
        {"userid": token},
        {"userid": token, "tonumber": "102"},
        right | {"extra": "1"},
    ):
        assert click(cloud, wrong) == 400
    assert click(cloud, right, "application/json") == 400
    cloud.set_faults(Faults(quota=True))
    assert click(cloud, right) == 403
    assert cloud.placed_calls == ()
    as_json = open_cloud(click_to_call_takes_json=True)
    assert click(as_json, right) == 400
    token = as_json.pbx.user("101").click_token
    assert click(as_json, right | {"userid": token}, "application/json") == 200


# --- steps that make no sense ---------------------------------------------------------


def test_steps_and_numbers_that_make_no_sense_are_refused(
    cloud: MangoVoiceCloud,
) -> None:
    call = cloud.incoming_call(NORA)
    for step in (call.answer, call.hang_up, call.publish_record):
        with pytest.raises(UsageError):
            step()
    with pytest.raises(UsageError):
        cloud.incoming_call("0143")
    with pytest.raises(UsageError):
        cloud.incoming_call(NORA, line="+12025550199")
    with pytest.raises(UsageError):
        cloud.incoming_call(NORA, extensions=("999",))
    with pytest.raises(UsageError):
        cloud.outgoing_call("0143")


def test_colleagues_call_each_other(
    open_cloud: Callable[..., MangoVoiceCloud], subscriber: Subscriber
) -> None:
    cloud = open_cloud(spelling=Spelling.CALL_RECORD, names_user_at_end=False)
    call = cloud.incoming_call("102", extensions=("101",))
    call.ring()
    call.hang_up(ReleaseReason.REJECTED)
    cloud.wait_for_deliveries(2)
    assert subscriber.asked[0].form["call_direction"] == "internal"
    assert "ext" not in subscriber.asked[1].form
    (record,) = cdr(cloud, "list/direction/internal")[1]["results"]
    assert record["call_status"] == "rejected"
