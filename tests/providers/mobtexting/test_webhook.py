"""Who may deliver, what is answered, and what is made of odd deliveries."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from screenpop.domain.delivery import Delivery, DeliverySource, ParsedDelivery
from screenpop.domain.events import LegAlerting
from screenpop.domain.privacy import Secret
from screenpop.providers.mobtexting import webhook
from screenpop.providers.mobtexting.zone import account_zone
from tests.providers.contract import delivery
from tests.providers.mobtexting.conftest import ANA, recorded

ZONE = account_zone("UTC", "")
SECRET = Secret("SEKRET-webhook")
RIGHT = "Bearer SEKRET-webhook"
UNCHECKED = "the sender was not checked: the account has no webhook secret"


def sent(value: object, authorization: str | None = RIGHT, **changes: Any) -> Delivery:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = (("authorization", authorization),) if authorization is not None else ()
    return delivery(body, headers=headers, **changes)


def parse(arrived: Delivery, secret: Secret | None = SECRET) -> ParsedDelivery:
    return webhook.parse(arrived, secret, ZONE)


def ring_of(arrived: Delivery) -> LegAlerting:
    (event,) = parse(arrived).events
    assert isinstance(event, LegAlerting)
    return event


# --- who may deliver ------------------------------------------------------------------


@pytest.mark.parametrize("authorization", [RIGHT, "bearer  SEKRET-webhook "])
def test_whoever_shows_the_secret_is_taken(authorization: str) -> None:
    arrived = sent(recorded("step_ringing"), authorization)
    assert webhook.answer(arrived, SECRET).status == 200
    parsed = parse(arrived)
    assert len(parsed.events) == 1
    assert parsed.problem is None


@pytest.mark.parametrize(
    ("authorization", "problem"),
    [
        (None, "refused: the webhook secret is missing"),
        ("", "refused: the webhook secret is missing"),
        ("Bearer wrong", "refused: the webhook secret is wrong"),
        ("Basic SEKRET-webhook", "refused: the webhook secret is wrong"),
        ("SEKRET-webhook", "refused: the webhook secret is wrong"),
        ("Bearer SEKRET-webhooks", "refused: the webhook secret is wrong"),
        ("Bearer \udce9", "refused: the webhook secret is wrong"),
    ],
)
@pytest.mark.parametrize("source", [DeliverySource.WEBHOOK, DeliverySource.RELAY])
def test_whoever_does_not_is_refused_and_not_read(
    authorization: str | None, problem: str, source: DeliverySource
) -> None:
    arrived = sent(recorded("step_ringing"), authorization, source=source)
    assert webhook.answer(arrived, SECRET).status == 401
    assert parse(arrived) == ParsedDelivery(problem=problem)


def test_rubbish_without_the_secret_is_refused_too() -> None:
    arrived = sent(b"rubbish", None)
    assert webhook.answer(arrived, SECRET).status == 401
    assert parse(arrived).problem == "refused: the webhook secret is missing"


def test_without_a_secret_all_are_taken_and_the_doctor_hears_of_it() -> None:
    arrived = sent(recorded("step_ringing"), None)
    assert webhook.answer(arrived, None).status == 200
    parsed = parse(arrived, None)
    assert len(parsed.events) == 1
    assert parsed.problem == UNCHECKED


def test_what_we_asked_for_ourselves_needs_no_secret() -> None:
    arrived = sent(recorded("log_inbound"), None, source=DeliverySource.POLL)
    assert parse(arrived).problem is None
    assert parse(arrived, None).problem is None


# --- the challenge --------------------------------------------------------------------


@pytest.mark.parametrize("authorization", [None, RIGHT])
@pytest.mark.parametrize("challenge", ["1158201444", 1158201444])
def test_a_challenge_is_repeated(
    authorization: str | None, challenge: str | int
) -> None:
    value = {"validation_key": "a7c1", "challenge": challenge}
    arrived = sent(value, authorization, query="token=a7c1")
    given = webhook.answer(arrived, SECRET)
    assert given.status == 200
    assert given.content_type == "application/json"
    assert json.loads(given.body) == {"challenge": challenge}
    assert parse(arrived) == ParsedDelivery()


def test_a_challenge_with_a_wrong_secret_is_refused() -> None:
    arrived = sent(recorded("challenge"), "Bearer wrong")
    assert webhook.answer(arrived, SECRET).status == 401


@pytest.mark.parametrize("challenge", [True, None, [], {"a": 1}, 1.5])
def test_a_challenge_of_another_kind_is_none(challenge: object) -> None:
    arrived = sent({"validation_key": "a", "challenge": challenge})
    assert webhook.answer(arrived, SECRET).body == b""
    assert parse(arrived).problem == "it tells of no call"


# --- every form of a flow step --------------------------------------------------------


def test_a_number_that_wants_no_more_calls_is_no_call_and_no_problem() -> None:
    opt_out = {
        "id": "69ff18e3-4a34-4994-bb67-32c393f8e000",
        "receiver": "442079460123",
        "type": "all",
        "value": "*",
        "created_at": "2023-07-08T12:59:01.000000Z",
        "status": "Unsubscriber created successfully",
    }
    assert webhook.answer(sent(opt_out), SECRET).status == 200
    assert parse(sent(opt_out)) == ParsedDelivery()


def test_a_form_a_query_and_json_say_the_same() -> None:
    fields = recorded("step_ringing")
    form = urlencode(fields)
    forms = "application/x-www-form-urlencoded"
    wanted = ring_of(sent(fields))
    assert wanted.caller.number == ANA
    assert ring_of(sent(form.encode(), content_type=forms)) == wanted
    assert ring_of(sent(form.encode(), content_type="")) == wanted
    assert ring_of(sent(b"", method="GET", query=form)) == wanted
    assert ring_of(sent(b" ", method="PUT", query=f"{form}&token=x")) == wanted
    assert ring_of(sent(fields, content_type=forms)) == wanted
    assert ring_of(sent({"data": fields})) == wanted


def test_the_query_fills_up_the_body() -> None:
    fields = recorded("step_ringing")
    name = fields.pop("name")
    query = urlencode({"name": name, "from": "1", "access_token": "SEKRET"})
    arrived = sent(fields, query=query)
    assert ring_of(arrived).caller.name == name
    assert ring_of(arrived).caller.number == ANA
    assert "access_token" not in webhook.key_names(arrived)


def test_a_name_with_quotes_does_not_cost_the_card() -> None:
    text = json.dumps(recorded("step_ringing")).replace("Ana Ex", 'Ana "A" Ex')
    parsed = parse(sent(text.encode()))
    (event,) = parsed.events
    assert isinstance(event, LegAlerting)
    assert event.caller.name == 'Ana "A" Example'
    assert event.caller.number == ANA
    assert parsed.problem == "broken JSON was mended"


def test_the_documents_example_is_read_as_it_is_printed() -> None:
    text = json.dumps(recorded("report"), indent=2)
    parsed = parse(sent(text.replace("442079460123", "44207946XXXX").encode()))
    (event,) = parsed.events
    assert event.record.callee.number == "44207946XXXX"  # type: ignore[attr-defined]
    assert event.record.duration_seconds == 23  # type: ignore[attr-defined]


def test_a_number_without_quotes_is_mended_too() -> None:
    body = b'{"from":442079460123,"to":442079460100,"name":"J "Jo" Doe"}'
    assert ring_of(sent(body)).caller.number == ANA


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"J "Jo" Doe"}',
        b'{"from":"1" "to":',
        b"{" + b'"from":"b" ' * 500 + b"}",
    ],
)
def test_what_cannot_be_mended_is_not_json(body: bytes) -> None:
    assert parse(sent(body)).problem == "It is not JSON"


def test_variables_that_the_flow_left_unfilled_are_absent() -> None:
    parsed = parse(sent(recorded("fault_unfilled")))
    (event,) = parsed.events
    assert isinstance(event, LegAlerting)
    assert event.caller.name == ""
    assert not event.is_time_reported
    assert parsed.problem == (
        "start_at was not filled in by the flow; name was not filled in by the flow"
    )


def test_a_list_is_read_one_by_one() -> None:
    parsed = parse(sent([recorded("step_ringing"), 3, recorded("step_over")]))
    assert [type(event).__name__ for event in parsed.events] == [
        "LegAlerting",
        "CallRecorded",
    ]
    assert parsed.problem == "not an object"
    assert "bridge" in webhook.key_names(sent([recorded("report"), 3]))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "It is empty"),
        (b"nonsense", "It is not JSON"),
        (b"a=1", "it tells of no call"),
        (b"3", "not an object"),
        (b"[]", "an empty list"),
        (b"{}", "it tells of no call"),
        (b'{"bridge": "442079460100"}', "the id and both numbers are missing"),
        (b'{"from": "1", "from": "2"}', "a field given twice"),
        (b"[" * 100_000, "The JSON is nested too deeply"),
        ("&".join(f"a{n}=1" for n in range(300)).encode(), "It is not JSON"),
    ],
)
def test_a_problem_is_named_without_values(body: bytes, problem: str) -> None:
    assert parse(sent(body)).problem == problem


def test_an_empty_form_is_read_as_what_it_is() -> None:
    forms = "application/x-www-form-urlencoded"
    assert parse(sent(b"", content_type=forms)).problem == "It is empty"


def test_a_wrong_zone_is_named() -> None:
    late = recorded("step_ringing") | {"start_at": "2026-11-22 15:30:00"}
    problem = parse(sent(late)).problem
    assert problem is not None
    assert "time zone" in problem


def test_durations_that_are_none_are_named() -> None:
    parsed = parse(sent(recorded("report") | {"duration": "1:2:3:4", "billing": "x"}))
    assert parsed.problem == "duration is not a duration; billing is not a duration"


def test_the_names_of_fields_of_rubbish_are_none() -> None:
    assert webhook.key_names(sent(b"rubbish")) == ()
