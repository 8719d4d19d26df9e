"""Every endpoint of the hook address: what it is answered, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.delivery import DeliverySource
from screenpop.domain.events import (
    CallerId,
    CallRecorded,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    ReleaseCause,
)
from screenpop.domain.privacy import Secret
from screenpop.providers.mango_voice.directory import ActiveUser, Directory
from screenpop.providers.mango_voice.payloads import Endpoint
from screenpop.providers.mango_voice.webhook import (
    HookSettings,
    answer,
    parse,
    voicemails,
    without_secrets,
)
from tests.providers.contract import delivery, json_values

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery, ParsedDelivery

TOKEN = "SEKRET-4711-canary"
USERS = "101=Amelia Hart <amelia@example.com>, 102=Rui Costa; odd"
SETTINGS = HookSettings(directory=Directory.read(USERS), switchboard_option="104")
GUARDED = replace(SETTINGS, security_token=Secret(TOKEN))
RING = {"id": "c1", "from": "12025550143", "to": "12025550100", "zohouser": "101"}


def request(path: str, fields: dict[str, Any] | None = None, **more: Any) -> Delivery:
    body = urlencode(fields or {}).encode()
    form = {"content_type": "application/x-www-form-urlencoded"}
    return delivery(body, path=path, **(form | more))


def said(path: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
    parsed = parse(request(path, fields, **more), SETTINGS)
    (event,) = parsed.events
    return event


@pytest.mark.parametrize("prefix", ["", "/mango", "/Mango/", "/v2/mango"])
@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("callringing", LegAlerting),
        ("callanswered", LegConnected),
        ("calldialed", LegInitiated),
        ("callmissed", LegReleased),
        ("callhangup", LegReleased),
    ],
)
def test_each_call_endpoint_says_what_happened(
    prefix: str, endpoint: str, kind: type[object]
) -> None:
    path = f"{prefix.rstrip('/')}/{endpoint}"
    for spelled in (path, f"{path}/", path.upper()):
        found: Any = said(spelled, RING)
        assert (found.call_id, found.user.extension) == ("c1", "101")
        assert found.user.name == "Amelia Hart"
        assert type(found) is kind


@pytest.mark.parametrize(
    "path", ["/mango/integrate", "/integrate", "/mango/activeusers"]
)
def test_requests_that_are_no_calls_are_no_problem(path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        arrived = request(path, {"anything": "1"}, method=method)
        assert answer(arrived, SETTINGS).status == 200
        assert parse(arrived, SETTINGS).events == ()
        assert parse(arrived, SETTINGS).problem is None


def test_the_active_users_are_told_as_an_array() -> None:
    given = answer(request("/mango/activeusers", method="GET"), SETTINGS)
    assert given.content_type == "application/json"
    users = [
        {"id": "101", "name": "Amelia Hart", "email": "amelia@example.com"},
        {"id": "102", "name": "Rui Costa", "email": ""},
    ]
    assert json.loads(given.body) == users
    wrapped = replace(SETTINGS, users_wrapper="users")
    given = answer(request("/mango/activeusers", method="GET"), wrapped)
    assert json.loads(given.body) == {"users": users}


# --- Click2Call -----------------------------------------------------------------------


def test_a_set_up_without_an_address_is_a_problem() -> None:
    parsed = parse(request("/callcontrol", {"ext": "101"}), SETTINGS)
    assert parsed.problem == "clicktocallurl is missing"
    for method, fields in (("DELETE", {}), ("POST", {"clicktocallurl": "https://x"})):
        assert (
            parse(request("/callcontrol", fields, method=method), SETTINGS).problem
            is None
        )


def test_only_the_user_of_a_set_up_is_kept() -> None:
    secret = {"clicktocallurl": f"https://x/{TOKEN}", "clicktocallparam": TOKEN}
    for arrived in (
        request("/mango/callcontrol", {"ext": "101", "token": TOKEN} | secret),
        delivery(b"", path="/callcontrol", query=urlencode({"ext": "101"} | secret)),
        delivery(
            json.dumps({"data": {"ext": "101"} | secret}).encode(), path="/callcontrol"
        ),
    ):
        kept = without_secrets(arrived)
        assert json.loads(kept.body) == {"ext": "101"}
        assert (kept.query, kept.path) == ("", arrived.path)
    batch = delivery(json.dumps([{"ext": "1"}, secret]).encode(), path="/callcontrol")
    assert json.loads(without_secrets(batch).body) == [{"ext": "1"}, {}]
    other = request("/mango/callringing", RING)
    assert without_secrets(other) is other


@pytest.mark.parametrize(
    "user",
    [
        f"101 clicktocallurl=https://x/{TOKEN}",
        f"101%26clicktocallparam={TOKEN}",
        [TOKEN],
        {"clicktocallparam": TOKEN},
        TOKEN * 20,
    ],
    ids=["a lost separator", "an escaped one", "a list", "an object", "too long"],
)
def test_what_cannot_be_a_user_is_not_kept_for_one(user: object) -> None:
    body = json.dumps({"zohouser": user, "ext": "101"}).encode()
    kept = without_secrets(delivery(body, path="/callcontrol"))
    assert json.loads(kept.body) == {"ext": "101"}


# --- Switchboard ----------------------------------------------------------------------

AT_SWITCHBOARD = {
    "callerid_name": "Nora Whitfield",
    "callerid_number": "12025550143",
    "dialed_number": "12025550101",
    "dial_number_name": "Support",
    "call_uid": "s1",
}


def at_switchboard(body: bytes = b"", **changes: Any) -> Delivery:
    query = urlencode(AT_SWITCHBOARD)
    fields = {"path": "/switchboard", "query": query, "method": "GET"} | changes
    return delivery(body, **fields)


@pytest.mark.parametrize(
    "arrived",
    [
        at_switchboard(),
        at_switchboard(query=""),
        at_switchboard(query="%ff&=&" * 500),
        at_switchboard(body=b"\x00{", method="POST"),
        at_switchboard(headers=(("x-mango-security-token", "wrong"),)),
    ],
)
def test_a_switchboard_gets_its_option_whatever_it_sends(arrived: Delivery) -> None:
    for settings in (SETTINGS, GUARDED):
        given = answer(arrived, settings)
        assert given.must_arrive
        assert json.loads(given.body) == {"status": "success", "option": "104"}
        parse(arrived, settings)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/mango/callringing",
        "/callcontrol",
        "/mango/activeusers",
        "/mango/integrate",
    ],
)
def test_every_answer_is_given_whatever_becomes_of_the_disk(path: str) -> None:
    """Nothing is sent twice, and three refusals cost thirty seconds of events."""
    given = answer(delivery(b"id=1", path=path), SETTINGS)
    assert given.status == 200
    assert given.must_arrive


def test_a_call_at_a_switchboard_rings_nobodys_phone_yet() -> None:
    (event,) = parse(at_switchboard(), SETTINGS).events
    assert isinstance(event, LegAlerting)
    assert event.call_id == "s1"
    assert event.caller == CallerId("+12025550143", "Nora Whitfield")
    assert event.line == CallerId("+12025550101", "Support")
    assert event.user.leg_key == ""


def test_calls_at_a_switchboard_need_not_be_shown() -> None:
    parsed = parse(at_switchboard(), replace(SETTINGS, switchboard_pops=False))
    assert parsed.events == ()
    assert parsed.problem is None


# --- call-event webhooks --------------------------------------------------------------


def event(body: Any, **more: Any) -> Delivery:
    return delivery(json.dumps(body).encode(), **more)


def parsed_of(body: Any) -> ParsedDelivery:
    return parse(event(body), SETTINGS)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("ringing", LegAlerting),
        ("RINGING", LegAlerting),
        ("line_extension_state.ringing", LegAlerting),
        ("callRinging", LegAlerting),
        ("calldialed", LegInitiated),
        ("answered", LegConnected),
        ("in use", LegConnected),
        ("hung up", LegReleased),
        ("hungup", LegReleased),
        ("idle", LegReleased),
        ("missed", LegReleased),
    ],
)
def test_a_state_is_known_by_its_word(state: str, kind: type[object]) -> None:
    for name in ("state", "event", "event_type", "lineState", "status"):
        (found,) = parsed_of({"callId": "c1", "ext": "101", name: state}).events
        assert type(found) is kind


def test_a_list_of_events_is_read_one_by_one() -> None:
    parsed = parsed_of(
        [{"state": "ringing", "id": "a"}, 3, {"state": "ended", "id": "b"}]
    )
    assert [found.call_id for found in parsed.events] == ["a", "b"]
    assert parsed.problem == "not an object"


@pytest.mark.parametrize(
    "body",
    [
        {"event": "integration_message", "id": "m1", "from": "12025550143"},
        {"event": "sms.received", "text": "hello"},
        {"type": "call_queue", "state": "ringing", "queue": "Sales", "id": "q1"},
        {"event": "Call Queue", "state": "waiting", "id": "q1"},
        {"event": "voicemail.created", "data": {"id": "vm-1", "mailbox": "101"}},
    ],
)
def test_what_is_no_call_is_no_problem(body: dict[str, Any]) -> None:
    parsed = parsed_of(body)
    assert parsed.events == ()
    assert parsed.problem is None


def test_a_queue_that_rings_a_named_phone_is_the_line() -> None:
    body = {"state": "ringing", "queue_name": "Sales", "id": "q1", "agent": "101"}
    (found,) = parsed_of(body).events
    assert found.line == CallerId(name="Sales")
    assert found.user.extension == "101"


def test_a_transcribed_message_belongs_to_its_call() -> None:
    body = (Path(__file__).parent / "fixtures" / "voicemail_of_call.json").read_bytes()
    (found,) = parse(delivery(body), SETTINGS).events
    assert isinstance(found, CallRecorded)
    assert found.record.has_voicemail
    assert found.record.outcome is CallOutcome.VOICEMAIL
    assert found.record.transcription == "Please call me back."


def test_a_message_without_any_id_is_a_problem() -> None:
    parsed = parsed_of({"event": "voicemail.created", "data": None})
    assert (parsed.events, parsed.problem) == ((), "no id of a message")


def test_messages_are_news_once_they_have_an_id() -> None:
    body = [
        {"event": "voicemail.created", "data": {"id": "vm-1", "ext": "101"}},
        {"event": "voicemail.created", "data": {"ext": "101"}},
        {"state": "ringing", "id": "c1"},
    ]
    (found,) = voicemails(event(body), None)
    assert (found.voicemail_id, found.box) == ("vm-1", "101")
    assert voicemails(event(body), Secret(TOKEN)) == ()
    assert voicemails(event(body, path="/mango/callringing"), None) == ()


# --- the security token ---------------------------------------------------------------


def test_with_a_token_stored_events_must_carry_it() -> None:
    ring = {"state": "ringing", "id": "c1", "ext": "101"}
    headers = (("x-mango-security-token", f" {TOKEN} "),)
    assert len(parse(event(ring, headers=headers), GUARDED).events) == 1
    for wrong in ((), (("x-mango-security-token", "guess"),)):
        parsed = parse(event(ring, headers=wrong), GUARDED)
        assert parsed.events == ()
        assert parsed.problem == "the security token is missing or wrong"
        assert answer(event(ring, headers=wrong), GUARDED).status == 200


def test_requests_of_the_platform_carry_none_but_never_a_wrong_one() -> None:
    ring = request("/mango/callringing", RING)
    assert len(parse(ring, GUARDED).events) == 1
    wrong = replace(ring, headers=(("x-mango-security-token", "guess"),))
    assert parse(wrong, GUARDED).events == ()


def test_what_was_polled_needs_no_token() -> None:
    record = {"call_uuid": "c1", "call_status": "answered", "callflow": ""}
    polled = event(record, source=DeliverySource.POLL)
    assert len(parse(polled, GUARDED).events) == 1


# --- problems -------------------------------------------------------------------------


def test_a_call_without_an_id_is_shown_and_told_as_a_problem() -> None:
    parsed = parse(request("/mango/callringing", RING | {"id": ""}), SETTINGS)
    assert len(parsed.events) == 1
    assert parsed.events[0].call_id.startswith("nameless-")
    assert parsed.problem == "no id of a call"


def test_nothing_to_go_by_is_a_problem() -> None:
    parsed = parse(request("/mango/callringing", {"zohouser": "101"}), SETTINGS)
    assert parsed.events == ()
    assert parsed.problem == "no id of a call and no number"


def test_a_missed_call_says_why() -> None:
    assert said("/mango/callmissed", RING).cause is ReleaseCause.NO_ANSWER
    busy = said("/mango/callmissed", RING | {"reason": "USER_BUSY"})
    assert busy.cause is ReleaseCause.BUSY
    assert said("/mango/callhangup", RING).cause is ReleaseCause.UNKNOWN


@given(
    path=st.sampled_from([f"/mango/{one}" for one in Endpoint]) | st.text(),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
    query=st.text() | st.just(urlencode(RING)),
)
def test_anything_at_any_endpoint_is_answered_and_read(
    path: str, method: str, body: bytes, query: str
) -> None:
    arrived = delivery(body, path=path, method=method, query=query)
    assert answer(arrived, SETTINGS).status == 200
    for found in parse(arrived, SETTINGS).events:
        assert found.call_id
    without_secrets(arrived)
    voicemails(arrived, None)


# --- users ----------------------------------------------------------------------------


def test_a_directory_reads_what_is_written_well_and_passes_over_the_rest() -> None:
    text = "101 = Amelia Hart <a@example.com>, nonsense\n102=; =x; 101=Again"
    assert Directory.read(text).users == (ActiveUser("101", "Again"), ActiveUser("102"))
    assert Directory.read("").users == ()
    assert Directory.read(text).find("", "nobody") is None
