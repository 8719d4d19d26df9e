"""What public clients of these vendors send works at the simulators, as they send it.

Which clients were read is told in ``docs/vendors/README.md``; the requests are written
here in words of our own, with everything that is particular about each client.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from websockets.sync.client import connect

from screenpop.simulator import create_cloud
from screenpop.simulator.tele2.cloud import Tele2Cloud
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.simulator import VendorCloud

ANA = "+442079460123"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    cloud: VendorCloud,
    method: str,
    target: str,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send it as it is; an object goes as JSON."""
    parts = urlsplit(cloud.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    try:
        connection.request(method, target, data, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    finally:
        connection.close()


# --- Voxloud: a workflow tool's node, and a microcontroller ---------------------------


@pytest.fixture
def voxloud() -> Iterator[VendorCloud]:
    with create_cloud("voxloud") as running:
        yield running


def node(cloud: VendorCloud, method: str, path: str, body: object = None) -> Answer:
    """Every request carries a JSON object, an empty one if need be."""
    headers = {"Voverc-Auth": cloud.credentials["api_key"], **JSON}
    headers["Accept"] = "application/json"
    return send(cloud, method, path, {} if body is None else body, headers)


def test_a_workflow_node_keeps_contacts(voxloud: VendorCloud) -> None:
    tried = send(
        voxloud,
        "POST",
        "/api/v1/validate-auth",
        headers={"Voverc-Auth": voxloud.credentials["api_key"]},
    )
    assert tried.json["name"]
    filled = {
        "first_name": "Ana",
        "last_name": "Example",
        "primary_phone": ANA,
        "phones": [],
        "primary_email": "ana@example.com",
        "emails": [],
    }
    left_empty = ("company_name", "job_title", "website", "crm_name", "crm_contact_url")
    body = filled | dict.fromkeys(left_empty, "")
    made = node(voxloud, "POST", "/api/v1/contacts", body)
    path = f"/api/v1/contacts/{made.json['id']}"
    changed = node(voxloud, "PUT", path, body | {"last_name": "Changed"})
    assert changed.json["last_name"] == "Changed"
    assert node(voxloud, "GET", path).json["last_name"] == "Changed"
    search = {"first_name": "Ana", "last_name": "", "phone": "", "email": ""}
    query = urlencode(search | {"offset": "", "limit": ""})
    found = node(voxloud, "GET", f"/api/v1/contacts?{query}").json
    assert [each["id"] for each in found["data"]] == [made.json["id"]]
    assert node(voxloud, "DELETE", path).status < 300
    assert node(voxloud, "GET", path).status == 404


def test_a_workflow_node_subscribes_once_and_leaves_nothing(
    voxloud: VendorCloud,
) -> None:
    path = "/api/v1/webhook-subscriptions"
    wanted = {"callback_url": "http://127.0.0.1:9/w", "event_type": "CALL_INCOMING"}
    assert not any(
        each.items() >= wanted.items() for each in node(voxloud, "GET", path).json
    )
    assert node(voxloud, "POST", path, wanted).status < 300
    ours = [
        each
        for each in node(voxloud, "GET", path).json
        if each["callback_url"] == wanted["callback_url"]
        and each["event_type"] == wanted["event_type"]
    ]
    assert len(ours) == 1
    assert node(voxloud, "DELETE", f"{path}/{ours[0]['id']}").status < 300
    assert node(voxloud, "GET", path).json == []


def test_a_workflow_node_and_a_microcontroller_call(voxloud: VendorCloud) -> None:
    users = node(voxloud, "GET", "/api/v2/users").json
    own = users[0]["outbound_cli"]["available_dids"][0]["number"]
    body = {"name": "bell", "extension": "101", "outboundNumber": own}
    body["dial_first"] = "extension"
    made = node(voxloud, "POST", "/api/v1/click-to-call", body).json
    path = f"/api/v1/click-to-call/{made['id']}"
    assert node(voxloud, "GET", path).json["id"] == made["id"]
    (listed,) = node(voxloud, "GET", "/api/v1/click-to-call").json
    assert listed["id"] == made["id"]
    headers = {"Voverc-Auth": voxloud.credentials["api_key"], **JSON}
    small = b'{"contact":"%b"}' % ANA.encode()
    rung = send(voxloud, "POST", f"{path}/connect", small, headers)
    assert rung.json == {"contact": ANA}
    assert len(voxloud.placed_calls) == 1
    assert node(voxloud, "DELETE", path).status < 300


# --- MobTexting: the vendor's client for Python, and a CRM on a white label -----------

CALL = {"bridge": "442079460100", "from": "442079460150", "to": "442079460123"}


@pytest.fixture
def mobtexting() -> Iterator[VendorCloud]:
    with create_cloud("mobtexting") as running:
        yield running


def python_client(
    cloud: VendorCloud, method: str, path: str, body: bytes | None = None
) -> Answer:
    """The token stands in the address and, without a scheme, in the header."""
    token = cloud.credentials["api_token"]
    target = path.replace("?", f"?access_token={token}&", 1)
    headers = {"Accept": "application/json", "Authorization": token}
    return send(cloud, method, target, body, headers | (FORM if body else {}))


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("POST", None), ("POST", b"record=1&mid=a-1")]
)
def test_the_vendors_own_client_calls_by_address(
    mobtexting: VendorCloud, method: str, body: bytes | None
) -> None:
    path = f"/api/v2/voice/c2c?{urlencode(CALL)}"
    answer = python_client(mobtexting, method, path, body)
    assert answer.json["status"] == 200
    assert len(mobtexting.placed_calls) == 1


def test_the_older_page_is_served_too(mobtexting: VendorCloud) -> None:
    callback = "https://www.example.com/ack?status={status}&start={start_at}"
    token = mobtexting.credentials["api_token"]
    query = urlencode({"access_token": token} | CALL | {"callback": callback})
    query = query.replace("442079460123", "flow:19")
    assert send(mobtexting, "GET", f"/api/v2/voice/c2c?{query}").json["status"] == 200


def test_the_vendors_own_client_reads_the_log(mobtexting: VendorCloud) -> None:
    days = quote("Apr 01, 2021-Apr 12, 2021")
    path = f"/api/v2/voice/calls?datetime[end_at]={days}"
    assert python_client(mobtexting, "GET", path).json["data"] == []
    # It asks the call log for recordings, and gives its headers as parameters.
    token = mobtexting.credentials["api_token"]
    query = f"access_token={token}&datetime[r.created_at]={days}"
    mistaken = urlencode({"Accept": "application/json", "Authorization": token})
    target = f"/api/v2/voice/calls?{query}&{mistaken}"
    assert send(mobtexting, "GET", target).json["data"] == []


def test_a_crm_on_a_white_label_calls(mobtexting: VendorCloud) -> None:
    headers = {"Authorization": f"Bearer {mobtexting.credentials['api_token']}"}
    headers |= {"Accept": "application/json", **JSON}
    made = send(
        mobtexting,
        "POST",
        "/api/v2/voice/c2c",
        CALL | {"record": 1},
        headers,
    )
    assert made.json["status"] != "ERROR"
    assert len(mobtexting.placed_calls) == 1


# --- PrimeVOX: a client in TypeScript -------------------------------------------------


def test_a_typescript_client_reads_the_call_list() -> None:
    with create_cloud("primevox") as cloud:
        call = cloud.incoming_call("+12025550143")
        call.ring()
        call.answer()
        call.hang_up()
        call.publish_record()
        query = (
            f"auth={cloud.credentials['api_key']}"
            f"&containerID={cloud.credentials['container_id']}&tenantID=0"
        )
        accept = {"Accept": "application/json, text/plain, */*"}
        answer = send(cloud, "GET", f"/api/call_list.php?{query}", headers=accept)
        # It walks through the whole answer, so that nothing at its top may be null.
        assert None not in answer.json.values()
        (found,) = answer.json["data"].values()
        assert {"callUuid", "callDate", "cidNum", "numDialed"} <= found.keys()


# --- Tele2: the platform's example, a CRM, and Microsoft's connector ------------------


@pytest.fixture
def tele2() -> Iterator[Tele2Cloud]:
    with Tele2Cloud() as running:
        yield running


def test_the_platforms_example_follows_calls_in_a_browser(tele2: Tele2Cloud) -> None:
    body = {"token": tele2.credentials["api_key"], "scope": "company"}
    names = ["CallStarted", "CallConnected", "CallCompleted"]
    made = send(
        tele2,
        "POST",
        "/api/session_keys/create",
        body | {"subscribe": names},
        {"Accept": "*/*", **JSON},
    )
    url = tele2.base_url.replace("http", "ws") + "/api/ws"
    page = {"Origin": "http://127.0.0.1:8000"}
    with connect(url, additional_headers=page, close_timeout=1) as socket:
        sign_in = {"type": "AuthRequest", "wss_token": made.json["data"]}
        socket.send(json.dumps(sign_in))
        until(lambda: tele2.streams, "the stream to be signed in")
        call = tele2.incoming_call(ANA)
        call.ring()
        event: dict[str, Any] = {}
        while event.get("eventType") != "CallStarted":
            event = json.loads(socket.recv(timeout=5))
    assert event["data"]["caller"]


def test_a_crm_dials_and_verifies_a_recording(tele2: Tele2Cloud) -> None:
    headers = {"Authorization": f"Bearer {tele2.credentials['api_key']}", **JSON}
    employee = int(tele2.extension)
    body = {"destination": "+447700900123", "contactID": employee}
    assert send(tele2, "POST", "/api/v2/dial", body, headers).status == 200
    call = tele2.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    path = "/api/v2/trigger/call_records?initial_record_id=0"
    (record, *_) = send(tele2, "GET", path, headers=headers).json["data"]
    path = f"/api/v2/call_records/{record['recordingID']}"
    same = send(tele2, "GET", path, headers=headers).json["data"]
    assert (same["callID"], same["recordingURL"][:8]) == (record["callID"], "https://")


def test_a_connector_asks_for_what_is_newer_than_the_first_of_a_page(
    tele2: Tele2Cloud,
) -> None:
    headers = {"Authorization": f"Bearer {tele2.credentials['api_key']}"}
    path = "/api/v2/trigger/call_history?initial_call_id="

    def finish_a_call() -> None:
        call = tele2.incoming_call(ANA)
        call.ring()
        call.hang_up()

    assert send(tele2, "GET", f"{path}0", headers=headers).status == 404
    finish_a_call()
    finish_a_call()
    page = send(tele2, "GET", f"{path}0", headers=headers).json["data"]
    assert len(page) == 2
    mark = page[0]["callID"]
    assert send(tele2, "GET", f"{path}{mark}", headers=headers).status == 404
    finish_a_call()
    (newer,) = send(tele2, "GET", f"{path}{mark}", headers=headers).json["data"]
    assert newer["callID"] > mark


def test_a_connector_makes_and_removes_a_webhook(tele2: Tele2Cloud) -> None:
    headers = {"Authorization": f"Bearer {tele2.credentials['api_key']}", **JSON}
    body = {"endpoint": "https://flows.example.com/h?sig=made-up"}
    made = send(tele2, "POST", "/api/v2/webhooks/CallConnected", body, headers)
    path = f"/api/v2/webhooks/{made.json['data']}"
    assert send(tele2, "DELETE", path, headers=headers).status == 200
    assert send(tele2, "DELETE", path, headers=headers).status == 404
