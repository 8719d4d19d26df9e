"""Every wrong request gets the error that the document names for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from screenpop.simulator.voxloud.cloud import VoxloudCloud
    from tests.simulator.loopback import Client

CONTACTS = "/api/v1/contacts"
HOOKS = "/api/v1/webhook-subscriptions"
EVENTS = "/api/v1/telephony-events"
CLICKS = "/api/v1/click-to-call"
NOBODY = "54db43f0-7d1c-41fd-8149-bdf161b05c48"
CONTACT = {"first_name": "Nora", "primary_phone": "+442079460421"}
HOOK = {"callback_url": "http://127.0.0.1:9/x", "event_type": "CALL_INCOMING"}
CLICK = {"name": "pop", "extension": "101", "outboundNumber": "+442079460100"}


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}


@pytest.mark.parametrize("key", [None, "", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/validate-auth"),
        ("GET", "/api/v2/users"),
        ("GET", HOOKS),
        ("GET", "/no/such/path"),
    ],
)
def test_a_wrong_or_missing_key_is_401_everywhere(
    client: Client, method: str, path: str, key: str | None
) -> None:
    assert client.send(method, path, headers={"Voverc-Auth": key}).status == 401


def test_another_header_for_the_key_is_401(client: Client, cloud: VoxloudCloud) -> None:
    key = cloud.credentials["api_key"]
    headers = {"Voverc-Auth": None, "Authorization": f"Bearer {key}"}
    answer = client.send("POST", "/api/v1/validate-auth", headers=headers)
    assert answer.status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/validate-auth"),
        ("POST", "/api/v2/users"),
        ("POST", f"{CONTACTS}/{NOBODY}"),
        ("PATCH", f"{CONTACTS}/{NOBODY}"),
        ("POST", f"{HOOKS}/{NOBODY}"),
        ("DELETE", HOOKS),
        ("PUT", EVENTS),
        ("PUT", f"{CLICKS}/{NOBODY}"),
        ("GET", f"{CLICKS}/{NOBODY}/connect"),
        ("HEAD", "/api/v2/users"),
    ],
)
def test_a_wrong_method_is_405_and_says_which_would_do(
    client: Client, method: str, path: str
) -> None:
    answer = client.send(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/api/v1/users", None),
        ("GET", "/validate-auth", None),
        ("GET", f"{CONTACTS}/{NOBODY}", None),
        ("PUT", f"{CONTACTS}/{NOBODY}", CONTACT),
        ("DELETE", f"{CONTACTS}/{NOBODY}", None),
        ("GET", f"{HOOKS}/{NOBODY}", None),
        ("PUT", f"{HOOKS}/{NOBODY}", {"id": NOBODY, **HOOK}),
        ("DELETE", f"{HOOKS}/{NOBODY}", None),
        ("GET", f"{EVENTS}/1", None),
        ("GET", f"{EVENTS}?callId=unheard-of", None),
        ("GET", f"{CLICKS}/{NOBODY}", None),
        ("DELETE", f"{CLICKS}/{NOBODY}", None),
        ("POST", f"{CLICKS}/{NOBODY}/connect", {"contact": "+12025550143"}),
    ],
)
def test_an_unknown_path_or_id_is_404(
    client: Client, method: str, path: str, content: object
) -> None:
    if content is None:
        assert client.send(method, path).status == 404
    else:
        assert client.send(method, path, content).status == 404


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "application/xml"])
def test_a_format_that_is_not_offered_is_406(client: Client, accept: str) -> None:
    answer = client.send("GET", "/api/v2/users", headers={"Accept": accept})
    assert answer.status == 406


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/*", "text/html, application/json;q=0.5"]
)
def test_json_is_served_to_whoever_takes_it(client: Client, accept: str | None) -> None:
    headers = {"Accept": accept}
    assert client.send("GET", "/api/v2/users", headers=headers).status == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"first_name=Nora", "application/x-www-form-urlencoded"),
        (b'{"first_name":"Nora","primary_phone":"+442079460421"}', "text/plain"),
        (b'{"first_name":"Nora","primary_phone":"+442079460421"}', None),
        (b"[" * 100_000, "application/json"),
    ],
)
def test_a_body_that_is_no_json_object_is_400(
    client: Client, body: bytes, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type}
    answer = client.send("POST", CONTACTS, body=body, headers=headers)
    assert answer.status == 400


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (CONTACTS, without(CONTACT, "first_name")),
        (CONTACTS, without(CONTACT, "primary_phone")),
        (CONTACTS, {**CONTACT, "first_name": " "}),
        (CONTACTS, {**CONTACT, "first_name": 7}),
        (CONTACTS, {**CONTACT, "last_name": None}),
        (CONTACTS, {**CONTACT, "primary_phone": "02079460421"}),
        (CONTACTS, {**CONTACT, "primary_phone": "+44 20 7946 0421"}),
        (CONTACTS, {**CONTACT, "primary_phone": "00442079460421"}),
        (CONTACTS, {**CONTACT, "primary_phone": 442079460421}),
        (CONTACTS, {**CONTACT, "phones": ["020 7946 0422"]}),
        (CONTACTS, {**CONTACT, "phones": "+442079460422"}),
        (CONTACTS, {**CONTACT, "emails": [1]}),
        (CONTACTS, {**CONTACT, "company": "Whitfield Cycles"}),
        (HOOKS, without(HOOK, "callback_url")),
        (HOOKS, without(HOOK, "event_type")),
        (HOOKS, {**HOOK, "event_type": "INCOMING"}),
        (HOOKS, {**HOOK, "callback_url": "pop.example.com/x"}),
        (HOOKS, {**HOOK, "callback_url": "http://[broken"}),
        (HOOKS, {**HOOK, "notification_email": "nobody"}),
        (HOOKS, {**HOOK, "enabled": True}),
        (HOOKS, {**HOOK, "type": "CALL_INCOMING"}),
        (EVENTS, {"number": "anonymous"}),
        (EVENTS, {"date_time_from": "2018-03-11"}),
        (EVENTS, {"date_time_from": "2018-03-11T07:00:00.000"}),
        (EVENTS, {"date_time_to": "yesterday"}),
        (EVENTS, {"from": "2018-03-11T07:00:00.000Z"}),
        (f"{EVENTS}?size=0", {}),
        (f"{EVENTS}?page=-1", {}),
        (f"{EVENTS}?sort=time,desc", {}),
        (f"{EVENTS}?sort=timestamp,down", {}),
        (f"{EVENTS}?limit=5", {}),
        (f"{EVENTS}?size=5&size=6", {}),
        (CLICKS, without(CLICK, "name")),
        (CLICKS, without(CLICK, "extension")),
        (CLICKS, without(CLICK, "outboundNumber")),
        (CLICKS, {**CLICK, "extension": 101}),
        (CLICKS, {**CLICK, "extension": "999"}),
        (CLICKS, {**CLICK, "outboundNumber": "+12025550199"}),
        (CLICKS, {**CLICK, "outbound_number": "+442079460100"}),
        (CLICKS, {**CLICK, "dial_first": "agent"}),
    ],
)
def test_a_wrong_field_or_parameter_is_400(
    client: Client, path: str, content: object
) -> None:
    answer = client.post(path, content)
    assert answer.status == 400
    assert answer.json["message"]


@pytest.mark.parametrize(
    "query",
    [
        "name=Nora",
        "limit=0",
        "limit=101",
        "limit=ten",
        "offset=-1",
        "phone=+442079",  # the plus sign not encoded: it arrives as a space
        "phone=020%207946",
    ],
)
def test_a_wrong_contact_search_is_400(client: Client, query: str) -> None:
    assert client.get(f"{CONTACTS}?{query}").status == 400


@pytest.mark.parametrize(
    "contact", ["02079460421", "101", "", "+44 20 7946 0421", "anonymous"]
)
def test_connecting_to_what_is_not_e164_is_400_and_calls_nobody(
    cloud: VoxloudCloud, client: Client, contact: str
) -> None:
    resource = client.post(CLICKS, CLICK).json["id"]

    answer = client.post(f"{CLICKS}/{resource}/connect", {"contact": contact})

    assert answer.status == 400
    assert cloud.placed_calls == ()


def test_an_update_needs_the_id_in_the_body_too(client: Client) -> None:
    created = client.post(HOOKS, HOOK).json["id"]
    for content in (HOOK, {**HOOK, "id": NOBODY}):
        assert client.put(f"{HOOKS}/{created}", content).status == 400
    wrong = {**HOOK, "id": created, "enabled": "true"}
    assert client.put(f"{HOOKS}/{created}", wrong).status == 400


def test_an_event_asked_for_without_a_call_id_is_400(client: Client) -> None:
    assert client.get(EVENTS).status == 400


@pytest.mark.parametrize("path", ["/api/v2/users", CONTACTS, HOOKS])
def test_a_body_where_none_belongs_is_400(client: Client, path: str) -> None:
    assert client.send("GET", path, {"first_name": "Nora"}).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "99999999999"},
        {"Content-Length": "ten"},
        {"Content-Length": None, "Transfer-Encoding": "chunked"},
    ],
)
def test_a_body_without_an_honest_length_is_400(
    client: Client, headers: dict[str, str | None]
) -> None:
    answer = client.send("POST", CONTACTS, body=b"0\r\n\r\n", headers=headers)
    assert answer.status == 400


def test_every_request_is_logged_with_its_status(
    cloud: VoxloudCloud, client: Client
) -> None:
    client.get(f"{CONTACTS}?limit=1")
    client.get("/api/v1/users")

    logged = [
        (one.method, one.path, one.query, one.status)
        for one in cloud.wait_for_requests(2)
    ]
    assert logged == [
        ("GET", CONTACTS, "limit=1", 200),
        ("GET", "/api/v1/users", "", 404),
    ]
