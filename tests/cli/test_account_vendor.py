"""Every operation of the vendor's interface can be reached from a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator import demo_story, parse_faults
from screenpop.simulator.people import PastCall
from tests.cli.conftest import HOOK_TOKEN
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.simulator import ReceivedRequest, VendorCloud
    from tests.cli.conftest import Home, Run

CALLER = "+442079460421"
TYPES = {
    "CALL_INCOMING",
    "CALL_STARTED",
    "CALL_ANSWERED",
    "CALL_HANGUP",
    "PHONE_CALL",
    "FAX_CALL",
    "CLICK_TO_CALL",
}


def test_users_are_listed_with_the_numbers_they_show(run: Run, home: Home) -> None:
    assert "Amelia Hart" in run("account", "users", "acme").out
    users = run("account", "users", "acme", "--json").rows
    assert [user["extension"] for user in users] == ["101", "102", "103"]
    assert users[0]["caller_id"]["number"] == "+442079460100"


# --- webhook subscriptions ------------------------------------------------------------


def _subscriptions(run: Run) -> list[dict[str, object]]:
    return run("account", "subscriptions", "acme", "--json").rows


def test_ensure_registers_every_event_type_once(run: Run, home: Home) -> None:
    first = run("account", "subscriptions", "acme", "ensure", "--json").rows
    again = run("account", "subscriptions", "acme", "ensure", "--json").rows
    assert {each["event_type"] for each in first} == TYPES
    assert {each["change"] for each in first} == {"created"}
    assert {each["change"] for each in again} == {"kept"}
    assert {each["event_type"] for each in _subscriptions(run)} == TYPES


def test_what_is_listed_hides_the_secret_of_our_url(run: Run, home: Home) -> None:
    run("account", "subscriptions", "acme", "ensure")
    shown = run("account", "subscriptions", "acme").out
    assert "/hooks/acme/***" in shown
    listed = _subscriptions(run)
    assert all(each["is_ours"] for each in listed)
    assert HOOK_TOKEN not in shown + str(listed)


def test_one_subscription_is_made_shown_switched_and_deleted(
    run: Run, home: Home
) -> None:
    words = ("account", "subscriptions", "acme")
    made = run(*words, "create", "CALL_INCOMING", "--json").json
    found = made["subscription_id"]
    assert run(*words, "show", found, "--json").json == made
    assert run(*words, "disable", found).status == 0
    assert run(*words, "show", found, "--json").json["is_enabled"] is False
    assert run(*words, "enable", found).status == 0
    assert run(*words, "show", found, "--json").json["is_enabled"] is True
    assert run(*words, "delete", found).status == 0
    assert _subscriptions(run) == []
    gone = run(*words, "show", found)
    assert gone.status == 1
    assert "does not know it" in gone.err


# --- the call history -----------------------------------------------------------------


def _history(cloud: VendorCloud) -> None:
    cloud.seed_history(
        [
            PastCall(number=CALLER, minutes_ago=90, name="Nora", summary="A wheel."),
            PastCall(number="+442079460422", minutes_ago=30, was_answered=False),
            PastCall(number=CALLER, minutes_ago=10, is_inbound=False),
        ]
    )


def test_the_history_is_paged_and_searched(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    _history(cloud)
    words = ("account", "history", "acme")
    page = run(*words, "--size", "2", "--json").json
    assert (len(page["records"]), page["total"], page["has_next"]) == (2, 3, True)
    second = run(*words, "--size", "2", "--page", "2", "--json").json
    assert (len(second["records"]), second["has_next"]) == (1, False)
    by_number = run(*words, "--number", "020 7946 0421", "--json").json
    assert by_number["total"] == 2
    lately = run(*words, "--since", "1h", "--json").json
    assert lately["total"] == 2
    before = run(*words, "--until", "1h", "--json").json
    assert before["total"] == 1
    oldest = run(*words, "--oldest-first", "--json").json["records"]
    assert [each["started_at"] for each in oldest] == sorted(
        each["started_at"] for each in oldest
    )
    shown = run(*words, "--size", "2")
    assert "3 calls" in shown.out
    assert "--page 2" in shown.err


def test_one_call_is_found_by_its_record_and_by_its_call_id(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    _history(cloud)
    page = run("account", "history", "acme", "--json").json
    record, call_id = page["records"][-1], page["call_ids"][-1]
    by_id = run("account", "history", "acme", "--id", record["record_id"], "--json")
    assert by_id.json["record_id"] == record["record_id"]
    by_call = run("account", "history", "acme", "--call-id", call_id, "--json")
    assert [each["record_id"] for each in by_call.rows] == [record["record_id"]]
    assert "A wheel." in run("account", "history", "acme", "--call-id", call_id).out


def test_the_vendors_csv_is_kept_as_it_is(
    run: Run, home: Home, cloud: VendorCloud, tmp_path: Path
) -> None:
    _history(cloud)
    file = tmp_path / "history.csv"
    ran = run("account", "history", "acme", "--csv", str(file))
    assert ran.status == 0
    assert file.read_text().count("\n") >= 3
    nowhere = run("account", "history", "acme", "--csv", str(tmp_path / "no" / "x"))
    assert nowhere.status == 1
    assert "cannot be written" in nowhere.err


# --- click-to-dial set-ups --------------------------------------------------------


def test_a_dial_setup_is_made_shown_used_and_deleted(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    words = ("account", "dial-setups", "acme")
    options = ("--extension", "101", "--caller-id", "020 7946 0100")
    made = run(*words, "create", "--name", "desk", *options, "--json").json
    found = made["resource_id"]
    assert made["caller_id"] == "+442079460100"
    assert run(*words, "--json").rows == [made]
    shown = run(*words, "show", found, "--json").json
    # The server has two ways to write the name.
    assert {**shown, "name": made["name"]} == made
    assert "101" in run(*words).out
    ran = run(*words, "connect", found, "020 7946 0421", "--yes")
    assert ran.status == 0
    assert "7946" not in ran.out
    (call,) = cloud.wait_for_placed_calls(1)
    assert call.call_id
    assert run(*words, "delete", found).status == 0
    assert run(*words, "--json").rows == []


def test_nothing_rings_without_a_yes(run: Run, home: Home, cloud: VendorCloud) -> None:
    ran = run("account", "dial-setups", "acme", "connect", "some-id", CALLER)
    assert ran.status == 2
    assert "--yes" in ran.err
    assert CALLER not in ran.err
    assert cloud.placed_calls == ()


def test_an_emergency_number_is_not_called_by_a_command(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    ran = run("account", "dial-setups", "acme", "connect", "some-id", "999", "--yes")
    assert ran.status == 2
    assert "emergency" in ran.err
    assert cloud.requests == ()


def test_a_used_up_quota_is_told_from_other_refusals(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    cloud.set_faults(parse_faults(["quota"]))
    options = ("--extension", "101", "--caller-id", "+442079460100")
    ran = run("account", "dial-setups", "acme", "create", *options)
    assert ran.status == 1
    assert "allows no further" in ran.err


# --- the vendor's contacts --------------------------------------------------------


def test_contacts_of_the_vendor_are_made_found_changed_and_deleted(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    made = run(
        "contacts", "create", "--name", "Ida Marsh",
        "--number", "020 7946 0777", "--company", "Marsh Ltd", "--account", "acme",
        "--json",
    ).json  # fmt: skip
    assert made["source"] == "acme"
    place = (made["source"], made["source_id"])
    hits = run("contacts", "search", "Marsh", "--account", "acme", "--json").rows
    assert [hit["contact"]["source_id"] for hit in hits] == [made["source_id"]]
    by_number = run("contacts", "search", "7946 0777", "--json").rows
    assert len(by_number) == 1
    edited = run("contacts", "edit", *place, "--company", "Marsh & Sons", "--json").json
    assert (edited["company"], edited["name"]) == ("Marsh & Sons", "Ida Marsh")
    assert run("contacts", "show", *place, "--json").json == edited
    assert run("contacts", "delete", *place, "--yes").status == 0
    gone = run("contacts", "show", *place)
    assert gone.status == 1


def test_who_calls_is_found_in_the_vendors_contacts(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    cloud.seed_contacts(demo_story("voxloud").people)
    known = next(each for each in demo_story("voxloud").people if each.in_cloud)
    answer = run("lookup", known.number, "--json").json
    best = answer["matches"][0]
    assert best["contact"]["name"] == known.name
    assert best["reason"].startswith("same number")
    assert {report["source"] for report in answer["reports"]} == {"local", "acme"}
    assert until(lambda: cloud.requests, "the question to the vendor")


# --- all of it ------------------------------------------------------------------------

OPERATIONS = {
    "POST /api/v1/validate-auth",
    "POST /api/v1/contacts",
    "PUT /api/v1/contacts/ID",
    "GET /api/v1/contacts",
    "GET /api/v1/contacts/ID",
    "DELETE /api/v1/contacts/ID",
    "GET /api/v2/users",
    "POST /api/v1/webhook-subscriptions",
    "PUT /api/v1/webhook-subscriptions/ID",
    "GET /api/v1/webhook-subscriptions",
    "GET /api/v1/webhook-subscriptions/ID",
    "DELETE /api/v1/webhook-subscriptions/ID",
    "POST /api/v1/telephony-events",
    "GET /api/v1/telephony-events/ID",
    "GET /api/v1/telephony-events",
    "POST /api/v1/click-to-call",
    "GET /api/v1/click-to-call",
    "GET /api/v1/click-to-call/ID",
    "DELETE /api/v1/click-to-call/ID",
    "POST /api/v1/click-to-call/ID/connect",
}


def test_nothing_the_vendor_offers_is_out_of_reach(
    run: Run, home: Home, cloud: VendorCloud, tmp_path: Path
) -> None:
    _history(cloud)
    run("account", "check", "acme")
    run("account", "users", "acme")
    _try_subscriptions(run)
    _try_history(run, tmp_path)
    _try_dial_setups(run)
    _try_contacts(run)
    assert {_operation(each) for each in cloud.requests} == OPERATIONS
    assert {each.status // 100 for each in cloud.requests} == {2}
    assert (tmp_path / "all.csv").exists()


def _operation(request: ReceivedRequest) -> str:
    path = request.path.partition("?")[0]
    return f"{request.method} " + "/".join(
        "ID" if any(map(str.isdigit, part)) and part not in ("v1", "v2") else part
        for part in path.split("/")
    )


def _try_subscriptions(run: Run) -> None:
    words = ("account", "subscriptions", "acme")
    found = run(*words, "create", "FAX_CALL", "--json").json["subscription_id"]
    run(*words, "list")
    run(*words, "show", found)
    run(*words, "disable", found)
    run(*words, "delete", found)


def _try_history(run: Run, folder: Path) -> None:
    words = ("account", "history", "acme")
    page = run(*words, "--json").json
    run(*words, "--id", page["records"][0]["record_id"])
    run(*words, "--call-id", page["call_ids"][0])
    run(*words, "--csv", str(folder / "all.csv"))


def _try_dial_setups(run: Run) -> None:
    words = ("account", "dial-setups", "acme")
    options = ("--extension", "101", "--caller-id", "+442079460100")
    found = run(*words, "create", *options, "--json").json["resource_id"]
    run(*words, "list")
    run(*words, "show", found)
    run(*words, "connect", found, CALLER, "--yes")
    run(*words, "delete", found)


def _try_contacts(run: Run) -> None:
    options = ("--name", "Ida Marsh", "--number", "+442079460777", "--account", "acme")
    made = run("contacts", "create", *options, "--json").json
    place = (made["source"], made["source_id"])
    run("contacts", "search", "Ida", "--account", "acme")
    run("contacts", "show", *place)
    run("contacts", "edit", *place, "--company", "Marsh Ltd")
    run("contacts", "delete", *place, "--yes")
