"""``screenpop account``: list, check, url, set-secret and remove."""

from __future__ import annotations

import pytest

from screenpop.simulator import VendorCloud, parse_faults
from tests.cli.conftest import HOOK_TOKEN, Home, Run


def test_without_accounts_the_list_says_how_to_add_one(
    run: Run, empty_home: Home
) -> None:
    ran = run("account", "list")
    assert (ran.status, ran.err) == (0, "")
    assert "account add" in ran.out


def test_the_list_tells_each_account_and_that_no_app_runs(run: Run, home: Home) -> None:
    assert "acme" in run("account", "list").out
    row = run("account", "list", "--json").json
    assert (row["id"], row["vendor"], row["extension"]) == ("acme", "voxloud", "101")
    assert row["state"] is None


def test_a_right_key_is_accepted_and_says_whose_it_is(run: Run, home: Home) -> None:
    ran = run("account", "check", "acme")
    assert (ran.status, ran.err) == (0, "")
    assert "Harbour Bikes Ltd" in ran.out
    assert run("account", "check", "acme", "--json").json["email"] == (
        "admin@example.com"
    )


def test_a_wrong_key_fails_with_one_sentence_and_what_to_do(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENPOP_SECRET_ACME_API_KEY", "wrong-key-0123456789")
    ran = run("account", "check", "acme")
    assert ran.status == 1
    assert ran.err == (
        "screenpop: Voxloud does not accept the key. Enter the account's key again.\n"
    )


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("forbidden", "does not allow this"),
        ("throttle", "fewer requests"),
        ("throttle=7", "fewer requests"),
        ("server-error=503", "out of order"),
        ("half-answer", "broke off its answer"),
        ("html", "web page instead of data"),
        ("empty-answer", "cannot be read"),
        ("lost-answer", "broke off its answer"),
    ],
)
def test_each_trouble_of_the_vendor_has_its_own_sentence(
    run: Run, home: Home, cloud: VendorCloud, fault: str, says: str
) -> None:
    cloud.set_faults(parse_faults([fault]))
    ran = run("account", "check", "acme")
    assert ran.status == 1
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_a_vendor_that_cannot_be_reached_is_named(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    cloud.stop()
    ran = run("account", "check", "acme")
    assert ran.status == 1
    assert "takes connections at 127.0.0.1" in ran.err


def test_a_missing_key_says_how_to_store_it(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENPOP_SECRET_ACME_API_KEY")
    ran = run("account", "check", "acme")
    # The tests' keyring refuses everything: there is no keychain to look in.
    assert ran.status == 1
    assert "keyring" in ran.err or "keychain" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "nobody"),
        ("url", "nobody"),
        ("remove", "nobody", "--yes"),
        ("set-secret", "nobody", "api_key"),
        ("users", "nobody"),
        ("history", "nobody"),
        ("subscriptions", "nobody"),
        ("subscriptions", "acme", "show"),
        ("subscriptions", "acme", "list", "more"),
        ("subscriptions", "acme", "dance"),
        ("subscriptions", "acme", "create", "NO_SUCH_TYPE"),
        ("dial-setups", "nobody"),
        ("dial-setups", "acme", "show"),
        ("dial-setups", "acme", "connect", "1"),
        ("dial-setups", "acme", "create"),
        ("history", "acme", "--page", "0"),
        ("history", "acme", "--since", "whenever"),
        ("history", "acme", "--id", "1", "--call-id", "2"),
        ("set-secret", "acme", "no_such_key"),
        ("set-secret", "acme"),
        ("remove", "acme"),
        ("frobnicate",),
        (),
    ],
)
def test_wrong_usage_ends_with_two(
    run: Run, home: Home, words: tuple[str, ...]
) -> None:
    ran = run("account", *words, stdin="new-key\n")
    assert ran.status == 2
    assert ran.err
    assert ran.out == ""


def test_the_url_is_printed_with_a_warning_that_it_holds_a_secret(
    run: Run, home: Home
) -> None:
    ran = run("account", "url", "acme")
    assert ran.status == 0
    assert ran.out == f"http://127.0.0.1:8787/hooks/acme/{HOOK_TOKEN}\n"
    assert "secret" in ran.err


def test_the_url_is_the_public_one_when_there_is_one(run: Run, home: Home) -> None:
    home.write(home.config + '\n[listener]\npublic_url = "https://pop.example.com/"\n')
    ran = run("account", "url", "acme")
    assert ran.out == f"https://pop.example.com/hooks/acme/{HOOK_TOKEN}\n"


def test_there_is_no_url_while_any_port_will_do_and_no_app_runs(
    run: Run, home: Home
) -> None:
    home.write(home.config + "\n[listener]\nport = 0\n")
    ran = run("account", "url", "acme")
    assert (ran.status, ran.out) == (1, "")
    assert "port" in ran.err


def test_there_is_no_url_for_a_vendor_far_away_without_a_public_one(
    run: Run, home: Home
) -> None:
    lines = home.config.splitlines()
    home.write("\n".join(line for line in lines if "base_url" not in line))
    ran = run("account", "url", "acme")
    assert ran.status == 1
    assert "listener.public_url" in ran.err


def test_a_removed_account_is_gone_at_the_vendor_too(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    run("account", "subscriptions", "acme", "ensure")
    ran = run("account", "remove", "acme", "--yes")
    assert ran.status == 0
    assert "[[accounts]]" not in home.config
    deleted = [each for each in cloud.requests if each.method == "DELETE"]
    assert len(deleted) == 7
    # The tests' keyring refuses everything, and that is said.
    assert "keychain" in ran.err


def test_what_is_left_at_a_vendor_out_of_order_is_said(
    run: Run, home: Home, cloud: VendorCloud, expects_log: object
) -> None:
    run("account", "subscriptions", "acme", "ensure")
    cloud.set_faults(parse_faults(["server-error=500"]))
    assert callable(expects_log)
    expects_log("subscriptions of acme were left")
    ran = run("account", "remove", "acme", "--yes")
    assert ran.status == 0
    assert "[[accounts]]" not in home.config


def test_without_a_terminal_nothing_is_removed_unasked(run: Run, home: Home) -> None:
    ran = run("account", "remove", "acme")
    assert ran.status == 2
    assert "--yes" in ran.err
    assert "[[accounts]]" in home.config
