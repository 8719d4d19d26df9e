"""What only some vendors have: lists, narrowed histories, counts, and who has what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator import VendorCloud, create_cloud
from screenpop.simulator.people import PastCall
from tests.cli.conftest import HOOK_TOKEN

if TYPE_CHECKING:
    from tests.cli.conftest import Home, Run

CALLER = "+12025550121"
OTHER = "+12025550122"
AtHome = Callable[..., VendorCloud]


@pytest.fixture
def at_home(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtHome]:
    """``at_home("tele2", "source = …")``: one account at that vendor."""
    with ExitStack() as stack:

        def settle(vendor: str, *lines: str) -> VendorCloud:
            cloud = stack.enter_context(create_cloud(vendor))
            text = "\n".join(
                (
                    'region = "GB"',
                    "[[accounts]]",
                    'id = "acme"',
                    f'vendor = "{vendor}"',
                    f'base_url = "{cloud.base_url}"',
                    *lines,
                )
            )
            empty_home.write(f"{text}\n")
            monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", HOOK_TOKEN)
            for name, value in cloud.credentials.items():
                monkeypatch.setenv(f"SCREENPOP_SECRET_ACME_{name.upper()}", value)
            return cloud

        yield settle


def past(cloud: VendorCloud) -> None:
    cloud.seed_history(
        [
            PastCall(number=CALLER, minutes_ago=90),
            PastCall(number=OTHER, minutes_ago=30, was_answered=False),
            PastCall(number=CALLER, minutes_ago=10, is_inbound=False),
        ]
    )


# --- lists ------------------------------------------------------------------------


def test_every_list_of_the_vendor_can_be_looked_through(
    run: Run, at_home: AtHome
) -> None:
    at_home("tele2")
    names = run("account", "catalogue", "acme", "--json").json
    assert names == [
        "employees",
        "groups",
        "voicemail boxes",
        "VoIP phones",
        "audio prompts",
        "recordings",
    ]
    assert run("account", "catalogue", "acme").out.splitlines() == names
    for name in names[:-1]:
        assert run("account", "catalogue", "acme", name, "--json").rows, name


def test_one_thing_of_a_list_is_shown_with_all_that_is_told(
    run: Run, at_home: AtHome
) -> None:
    at_home("tele2")
    words = ("account", "catalogue", "acme", "employees")
    first = run(*words, "--json").rows[0]
    shown = run(*words, first["thing_id"]).out
    assert f"avatar: https://media.example.com/{first['thing_id']}.png" in shown
    gone = run(*words, "999")
    assert (gone.status, gone.out) == (1, "")


def test_flows_are_listed_with_their_variables(run: Run, at_home: AtHome) -> None:
    at_home("mobtexting", 'flows = "220 Reminder (Name, otp); 221 Survey"')
    ran = run("account", "catalogue", "acme", "voice flows")
    assert "Reminder" in ran.out
    assert "variable Name, variable otp" in ran.out
    one = run("account", "catalogue", "acme", "voice flows", "221", "--json").json
    assert one["name"] == "Survey"


def test_the_recording_log_is_listed_without_its_links(
    run: Run, at_home: AtHome
) -> None:
    cloud = at_home("mobtexting")
    call = cloud.incoming_call(CALLER)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    ran = run("account", "catalogue", "acme", "recordings")
    assert CALLER in ran.out
    assert "http" not in ran.out
    words = ("account", "catalogue", "acme", "recordings")
    assert run(*words, "--where", "until=2026-01-01", "--json").rows == []
    (listed,) = run(*words, "--where", "since=2026-01-01", "--json").rows
    one = run(*words, listed["thing_id"], "--json").json
    assert dict(one["details"])["sound"].startswith("https://media.example.com/")
    assert "since: From" in run(*words, "--where", "help=").out
    odd = run(*words, "--where", "caller=1")
    assert (odd.status, odd.out) == (2, "")
    assert "since, until" in odd.err


def test_an_unknown_list_is_told_with_those_there_are(
    run: Run, at_home: AtHome
) -> None:
    at_home("tele2")
    ran = run("account", "catalogue", "acme", "pigeons")
    assert ran.status == 2
    assert "audio prompts" in ran.err


def test_what_the_settings_keep_off_is_told_with_how_to_have_it(
    run: Run, at_home: AtHome
) -> None:
    at_home("tele2")
    ran = run("account", "subscriptions", "acme")
    assert ran.status == 1
    assert "Webhook" in ran.err
    at_home("tele2", 'source = "webhook"')
    assert "the account may have 20" in run("account", "subscriptions", "acme").out


def test_a_vendor_without_lists_says_so(run: Run, home: Home) -> None:
    assert "no further lists" in run("account", "catalogue", "acme").err
    assert run("account", "catalogue", "acme", "groups").status == 1


# --- the call history ---------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["mango_voice", "primevox", "tele2"])
def test_the_history_is_narrowed_at_the_vendor(
    run: Run, at_home: AtHome, vendor: str
) -> None:
    past(at_home(vendor))
    words = ("account", "history", "acme", "--json")
    assert len(run(*words).json["records"]) == 3
    outbound = run(*words, "--direction", "outbound").json["records"]
    assert [each["direction"] for each in outbound] == ["outbound"]
    by_caller = run(*words, "--caller", "+1 202 555 0122").json["records"]
    assert [each["outcome"] != "answered" for each in by_caller] == [True]
    by_callee = run(*words, "--callee", CALLER).json["records"]
    assert [each["direction"] for each in by_callee] == ["outbound"]


def test_what_only_one_vendor_can_be_asked_is_listed_and_asked(
    run: Run, at_home: AtHome
) -> None:
    past(at_home("primevox"))
    words = ("account", "history", "acme")
    listed = run(*words, "--where", "help=").out
    assert "follow_up: Flagged for follow-up (1 yes)" in listed
    assert "2 voicemail check" in listed
    answered = run(*words, "--where", "answered=1", "--json").json["records"]
    assert len(answered) == 1
    for wrong in ("pigeons=1", "severity=9"):
        ran = run(*words, "--where", wrong)
        assert ran.status == 2, wrong
    both = run(*words, "--where", "answered=1", "--direction", "inbound")
    assert (both.status, both.out) == (2, "")


def test_calls_are_counted_where_the_vendor_counts(run: Run, at_home: AtHome) -> None:
    past(at_home("mango_voice"))
    words = ("account", "history", "acme", "--count")
    assert run(*words).out == "3 calls\n"
    assert run(*words, "--direction", "inbound", "--json").json == {"count": 2}
    assert run(*words, "--where", "direction=internal", "--json").json == {"count": 0}
    ran = run(*words, "--caller", CALLER)
    assert ran.status == 1
    assert "does not count calls by that" in ran.err


def test_a_vendor_that_cannot_narrow_or_count_says_so(run: Run, home: Home) -> None:
    for words in (("--direction", "inbound"), ("--count",)):
        ran = run("account", "history", "acme", *words)
        assert ran.status == 1
        assert "does not offer this" in ran.err
    ran = run("account", "history", "acme", "--where", "a=b")
    assert ran.status == 2


# --- what somebody has to enter at the vendor ---------------------------------------


def test_what_is_entered_by_hand_is_printed_to_copy(run: Run, at_home: AtHome) -> None:
    at_home("mobtexting", "[listener]", "port = 8788")
    url = run("account", "url", "acme").out.strip()
    ran = run("account", "setup", "acme")
    assert "\nBearer simulated-" in ran.out
    assert f"\n{url}\n" in ran.out
    assert '"bridge":"{{bridge}}"' in ran.out
    assert "holds a secret" in ran.err
    steps = run("account", "setup", "acme", "--json").json
    assert [step["is_secret"] for step in steps] == [False, True, False, False]


def test_nothing_is_entered_by_hand_where_the_vendor_can_be_told(
    run: Run, home: Home
) -> None:
    home.write(f"{home.config}\n[listener]\nport = 8788\n")
    assert run("account", "setup", "acme").out.startswith("Nothing:")


# --- what there is and how it is set ------------------------------------------------


def offers(run: Run) -> dict[str, str]:
    shown = run("account", "show", "acme", "--json").json
    return {each["key"]: each["offer"] for each in shown["operations"]}


def test_an_account_says_what_works_and_what_the_vendor_does_not_offer(
    run: Run, home: Home
) -> None:
    found = offers(run)
    assert found["click_to_dial"] == found["history_export"] == "works"
    assert found["voicemail"] == found["flow_calls"] == "missing"
    text = run("account", "show", "acme").out
    assert "extension: 101" in text
    row = next(line for line in text.splitlines() if line.startswith("Voicemail "))
    assert row.endswith("not offered by the vendor")


def test_what_is_only_switched_off_is_not_called_missing(
    run: Run, at_home: AtHome
) -> None:
    at_home("tele2", 'source = "poll"')
    found = offers(run)
    assert (found["event_stream"], found["webhook_subscription"]) == ("off", "off")
    assert found["webhook"] == "off"
    assert "“How calls are seen”" in run("account", "show", "acme").out
    assert run("account", "set", "acme", "source", "stream").status == 0
    assert offers(run)["event_stream"] == "works"


def test_calls_by_request_are_listed_by_day_number_or_id(
    run: Run, at_home: AtHome
) -> None:
    at_home("mobtexting")
    listed = ("account", "catalogue", "acme", "outgoing calls")
    for where in ("date=2026-03-02", f"mobile={CALLER}", "cid=4711"):
        assert run(*listed, "--where", where).status == 0
    assert run(*listed, "--where", "date=soon").status == 1
    assert "does not know" in run(*listed, "4711").err


def test_opt_outs_are_among_the_events_to_subscribe_to(
    run: Run, at_home: AtHome
) -> None:
    at_home("mobtexting")
    ran = run("account", "subscriptions", "acme", "create", "voice:nothing")
    assert ran.status == 2
    assert "voice:message:out, voice:unsubscription" in ran.err


def test_a_setting_is_changed_and_a_wrong_one_refused(
    run: Run, at_home: AtHome, empty_home: Home
) -> None:
    at_home("mobtexting")
    for name, value in (
        ("redials", "2"),
        ("record_calls", "yes"),
        ("longest_minutes", "30"),
        ("webhook_id", "124555-78787"),
        ("flow_request", "outgoing"),
        ("campaign", "reminders"),
        ("retry_minutes", "15"),
    ):
        assert run("account", "set", "acme", name, value).status == 0
        assert f'{name} = "{value}"' in empty_home.config
    assert run("account", "set", "acme", "redials", "").status == 0
    assert "redials" not in empty_home.config
    for name, value in (("redials", "9"), ("api_token", "x"), ("pigeons", "1")):
        assert run("account", "set", "acme", name, value).status == 2
    assert "pigeons" not in empty_home.config
