"""The key, the users and the contacts of the simulated company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator.people import Person

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock
    from screenpop.simulator.voxloud.cloud import VoxloudCloud
    from tests.simulator.loopback import Client

CONTACTS = "/api/v1/contacts"


def test_the_right_key_names_company_and_administrator(client: Client) -> None:
    answer = client.send("POST", "/api/v1/validate-auth")
    assert answer.status == 200
    assert answer.json == {"name": "Harbour Bikes Ltd", "email": "admin@example.com"}


def test_users_have_extensions_as_numbers_and_lines_to_call_from(
    cloud: VoxloudCloud, client: Client
) -> None:
    users = client.get("/api/v2/users").json

    assert [user["extension_number"] for user in users] == [101, 102, 103]
    first = users[0]
    assert set(first) == {
        "id",
        "first_name",
        "last_name",
        "extension_number",
        "outbound_cli",
    }
    lines = first["outbound_cli"]["available_dids"]
    assert [line["number"] for line in lines] == list(cloud.lines)
    assert first["outbound_cli"]["outbound_did"] == lines[0]


def test_a_contact_is_created_got_changed_and_deleted(
    clock: ManualClock, client: Client
) -> None:
    content = {
        "first_name": "Nora",
        "last_name": "Whitfield",
        "primary_phone": "+442079460421",
        "phones": ["+442079460422"],
        "primary_email": "nora@example.com",
        "emails": ["n.whitfield@example.com"],
        "company_name": "Whitfield & Co",
        "job_title": "Owner",
        "website": "www.example.com",
        "crm_contact_url": "https://crm.example.com/contacts/1",
    }
    created = client.post(CONTACTS, content).json
    one = f"{CONTACTS}/{created['id']}"

    assert created == {
        **content,
        "id": created["id"],
        "crm_name": "Voxloud",
        "created_at": "2026-03-02T09:00:00+00:00",
        "updated_at": "2026-03-02T09:00:00+00:00",
    }
    clock.advance(60)
    changed = client.put(one, {**content, "phones": []}).json
    assert changed == {
        **created,
        "phones": [],
        "updated_at": "2026-03-02T09:01:00+00:00",
    }
    assert client.get(one).json == changed
    assert client.delete(one).body == b""
    assert client.get(one).status == 404


def test_an_update_replaces_the_whole_contact(client: Client) -> None:
    content = {
        "first_name": "Nora",
        "primary_phone": "+442079460421",
        "company_name": "Whitfield Cycles",
    }
    created = client.post(CONTACTS, content).json
    del content["company_name"]

    changed = client.put(f"{CONTACTS}/{created['id']}", content).json

    assert changed["company_name"] is None


def test_search_matches_parts_of_any_number_whatever_the_case(client: Client) -> None:
    client.post(
        CONTACTS,
        {
            "first_name": "Nora",
            "primary_phone": "+442079460421",
            "phones": ["+12025550143"],
        },
    )
    client.post(CONTACTS, {"first_name": "Rui", "primary_phone": "+442079460733"})

    def found(query: str) -> list[str]:
        data = client.get(f"{CONTACTS}?{query}").json["data"]
        return [contact["first_name"] for contact in data]

    assert found("") == ["Nora", "Rui"]
    assert found("first_name=nO") == ["Nora"]
    assert found("phone=555") == ["Nora"]
    assert found("phone=%2B4420") == ["Nora", "Rui"]
    assert found("phone=%2B4420&first_name=rui") == ["Rui"]
    assert found("email=nobody") == []


def test_search_pages_with_offset_and_limit(
    cloud: VoxloudCloud, client: Client
) -> None:
    cloud.seed_contacts(
        [
            Person(
                first_name=f"P{index}", last_name="", number=f"+12025550{100 + index}"
            )
            for index in range(25)
        ]
    )

    def names(query: str) -> tuple[int, bool]:
        answer = client.get(f"{CONTACTS}?{query}").json
        return len(answer["data"]), answer["has_next"]

    assert names("") == (20, True)
    assert names("offset=20") == (5, False)
    assert names("offset=5&limit=20") == (20, False)
    assert names("offset=25") == (0, False)
    assert names("limit=100") == (25, False)
