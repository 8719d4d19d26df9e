"""Answers that refuse, come late, come broken, or do not come."""

from __future__ import annotations

import http.client
import json
import threading
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator.faults import Faults
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from tests.simulator.loopback import Client, Reply

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock

CONTACTS = "/api/v1/contacts"
CONTACT = {"first_name": "Nora", "primary_phone": "+442079460421"}


def count(client: Client, cloud: VoxloudCloud) -> int:
    cloud.set_faults(Faults())
    return len(client.get(CONTACTS).json["data"])


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(unauthorized=True), 401),
        (Faults(forbidden=True), 403),
        (Faults(throttle=True), 429),
        (Faults(server_error=500), 500),
        (Faults(server_error=503), 503),
    ],
)
def test_a_refused_request_is_not_carried_out(
    cloud: VoxloudCloud, client: Client, faults: Faults, status: int
) -> None:
    cloud.set_faults(faults)
    answer = client.post(CONTACTS, CONTACT)
    assert answer.status == status
    assert answer.json["status"] == status
    assert count(client, cloud) == 0


@pytest.mark.parametrize(("seconds", "header"), [(None, None), (7, "7"), (0.5, "0.5")])
def test_a_throttled_answer_may_say_how_long_to_wait(
    cloud: VoxloudCloud, client: Client, seconds: float | None, header: str | None
) -> None:
    cloud.set_faults(Faults(throttle=True, retry_after_seconds=seconds))
    assert client.get(CONTACTS).headers.get("Retry-After") == header


def test_a_lost_answer_leaves_the_request_carried_out(
    cloud: VoxloudCloud, client: Client
) -> None:
    cloud.set_faults(Faults(lost_answer=True))
    with pytest.raises(http.client.RemoteDisconnected):
        client.post(CONTACTS, CONTACT)
    assert cloud.requests[0].status == 0
    assert count(client, cloud) == 1


def test_a_hanging_answer_never_comes(cloud: VoxloudCloud, client: Client) -> None:
    cloud.set_faults(Faults(hang=True))
    with pytest.raises(TimeoutError):
        client.send("POST", CONTACTS, CONTACT, timeout=0.02)
    cloud.wait_for_requests(1)
    assert count(client, cloud) == 1


def test_half_an_answer_is_noticed(cloud: VoxloudCloud, client: Client) -> None:
    cloud.set_faults(Faults(half_answer=True))
    with pytest.raises(http.client.IncompleteRead):
        client.get("/api/v2/users")


def test_html_and_nothing_come_with_200(cloud: VoxloudCloud, client: Client) -> None:
    cloud.set_faults(Faults(html_instead_of_json=True))
    page = client.get("/api/v2/users")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        _ = page.json

    cloud.set_faults(Faults(empty_answer=True))
    assert client.get("/api/v2/users").body == b""


def ask_in_background(client: Client) -> tuple[threading.Thread, list[Reply]]:
    replies: list[Reply] = []
    thread = threading.Thread(
        target=lambda: replies.append(client.send("POST", "/api/v1/validate-auth"))
    )
    thread.start()
    return thread, replies


def test_a_late_answer_waits_for_its_time(
    cloud: VoxloudCloud, client: Client, clock: ManualClock
) -> None:
    cloud.set_faults(Faults(answer_delay_seconds=60))
    thread, replies = ask_in_background(client)
    clock.wait_for_sleepers(1)
    assert not replies
    clock.advance(60)
    thread.join()
    assert replies[0].status == 200


def test_a_dripping_answer_arrives_in_the_end() -> None:
    with VoxloudCloud(faults=Faults(slow_drip_seconds=0.0001)) as dripping:
        answer = Client(dripping).send("POST", "/api/v1/validate-auth")
    assert answer.json["name"] == "Harbour Bikes Ltd"


def test_stopping_ends_a_dripping_answer(clock: ManualClock) -> None:
    cloud = VoxloudCloud(clock=clock, faults=Faults(slow_drip_seconds=1))
    client = Client(cloud)
    with cloud:
        connection = http.client.HTTPConnection(cloud.base_url.removeprefix("http://"))
        headers = {"Voverc-Auth": cloud.credentials["api_key"]}
        connection.request("POST", "/api/v1/validate-auth", headers=headers)
        answer = connection.getresponse()
        assert answer.read(1) == b"{"
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()
    with cloud:
        cloud.set_faults(Faults())
        assert client.get(CONTACTS).status == 200


def test_faults_can_be_kept_to_some_paths_and_a_number_of_requests(
    cloud: VoxloudCloud, client: Client
) -> None:
    cloud.set_faults(Faults(server_error=503, only_path="contacts", first_requests=2))
    paths = ["/api/v2/users", CONTACTS, CONTACTS, CONTACTS]
    assert [client.get(path).status for path in paths] == [200, 503, 503, 200]


def test_an_outage_keeps_port_key_and_state() -> None:
    cloud = VoxloudCloud()
    with pytest.raises(UsageError):
        _ = cloud.base_url
    client = Client(cloud)
    with cloud:
        client.post(CONTACTS, CONTACT)
        before = cloud.base_url
    with pytest.raises(ConnectionRefusedError):
        client.get(CONTACTS)
    with cloud:
        assert cloud.base_url == before
        assert len(client.get(CONTACTS).json["data"]) == 1


def test_stopping_closes_connections_that_are_kept_alive() -> None:
    with VoxloudCloud() as cloud:
        connection = http.client.HTTPConnection(cloud.base_url.removeprefix("http://"))
        for _ in range(2):
            connection.request("GET", "/api/v2/users")
            assert connection.getresponse().read()
    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_port_that_is_taken_is_an_error(cloud: VoxloudCloud) -> None:
    taken = int(cloud.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        VoxloudCloud(port=taken).start()
