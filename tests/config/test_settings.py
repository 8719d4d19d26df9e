from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.config.settings import Settings
from screenpop.config.settings_reader import ReadSettings, read_settings

EXAMPLE = """
region = "IT"

[listener]
host = "127.0.0.1"
port = 8787
public_url = "https://pop.example.com"

[[accounts]]
id = "acme"
vendor = "voxloud"
base_url = "http://127.0.0.1:9001"
extension = "101"
"""


def read(text: str) -> ReadSettings:
    return read_settings(tomllib.loads(text))


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def test_the_documented_example_is_read_without_a_word() -> None:
    found = read(EXAMPLE)
    assert found.problems == ()
    assert found.settings.region == "IT"
    assert found.settings.listener.public_url == "https://pop.example.com"
    (account,) = found.settings.accounts
    assert (account.id, account.vendor, account.extension) == ("acme", "voxloud", "101")
    assert account.base_url == "http://127.0.0.1:9001"


def test_an_empty_file_gives_the_defaults() -> None:
    found = read("")
    assert found.problems == ()
    assert found.settings.listener == Settings().listener
    assert found.settings.accounts == ()


def test_every_problem_is_listed_with_its_place() -> None:
    text = """
    region = "Italy"
    [listener]
    port = 70000
    host = 5
    [card]
    corner = "middle"
    [[accounts]]
    id = "acme"
    vendor = "voxloud"
    [[accounts]]
    id = "Bad Id"
    [[accounts]]
    id = "acme"
    vendor = "voxloud"
    """
    found = complaints(text)
    places = [line.partition(":")[0] for line in found]
    assert places == [
        "region",
        "listener.host",
        "listener.port",
        "accounts[2].id",
        "accounts[2].vendor",
        "accounts[3].id",
        "card.corner",
    ]
    assert "accounts[2].vendor: this is missing; the account is left out" in found
    assert "listener.port: this must be from 0 to 65535; 8787 is used" in found


def test_a_wrong_value_costs_that_value_only() -> None:
    settings = read('[listener]\nport = "x"\nhost = "0.0.0.0"').settings
    assert settings.listener.port == 8787
    assert settings.listener.host == "0.0.0.0"  # noqa: S104


def test_unknown_settings_are_warnings() -> None:
    found = read("colour = 1\n[card]\nblink = true")
    assert [(problem.place, problem.is_warning) for problem in found.problems] == [
        ("card.blink", True),
        ("colour", True),
    ]


def test_other_keys_of_an_account_are_options_for_its_vendor() -> None:
    text = '[[accounts]]\nid="a"\nvendor="v"\npbx = "main"\ncount = 3\nfast = true'
    found = read(text)
    assert found.problems == ()
    options = dict(found.settings.accounts[0].options)
    assert options == {"pbx": "main", "count": "3", "fast": "true"}


def test_a_secret_in_the_file_is_warned_of() -> None:
    text = '[[accounts]]\nid="a"\nvendor="v"\napi_key = "k"'
    (problem,) = read(text).problems
    assert problem.place == "accounts[1].api_key"
    assert problem.is_warning
    assert "keychain" in problem.text


def test_an_extension_may_be_written_as_a_number() -> None:
    account = read('[[accounts]]\nid="a"\nvendor="v"\nextension=101').settings.accounts
    assert account[0].extension == "101"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com",
        "https://",
        "https://user:pw@example.com",
        "https://example.com/?x=1",
        "https://example.com:99999",
        "https://exa mple.com",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_no_base_address_is_refused(url: str) -> None:
    found = read(f"[listener]\npublic_url = '{url}'")
    assert [problem.place for problem in found.problems] == ["listener.public_url"]
    assert found.settings.listener.public_url == ""


def test_an_address_loses_its_trailing_slash() -> None:
    found = read('[listener]\npublic_url = "https://pop.example.com/x/"')
    assert found.settings.listener.public_url == "https://pop.example.com/x"


def test_a_region_may_be_small_and_uk_is_explained() -> None:
    assert read('region = "it"').settings.region == "IT"
    assert "GB" in complaints('region = "UK"')[0]


@pytest.mark.parametrize(
    ("variable", "value", "region"),
    [
        ("LANG", "it_IT.UTF-8", "IT"),
        ("LC_ALL", "de_AT@euro", "AT"),
        ("LANG", "C.UTF-8", ""),
        ("LANG", "en_001", ""),
        ("LANG", "es_419", ""),
        ("LANG", "POSIX", ""),
    ],
)
def test_region_comes_from_the_system_when_not_set(
    variable: str, value: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_TELEPHONE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert read("").settings.region == region


def test_an_account_reads_numbers_in_its_own_region_first() -> None:
    text = """
    region = "IT"
    [[accounts]]
    id = "a"
    vendor = "v"
    [[accounts]]
    id = "b"
    vendor = "v"
    region = "gb"
    """
    settings = read(text).settings
    assert [settings.region_of(one) for one in settings.accounts] == ["IT", "GB"]


def test_quiet_until_is_kept_in_utc() -> None:
    settings = read("[ui]\nquiet_until = 2026-11-22T10:00:00+02:00").settings
    assert settings.ui.quiet_until == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_quiet_until_at_the_end_of_time_is_a_problem_not_a_crash() -> None:
    found = complaints("[ui]\nquiet_until = 0001-01-01T00:00:00+23:59")
    assert found == ["ui.quiet_until: this date is out of range; it is ignored"]


def test_an_account_to_dial_with_must_exist() -> None:
    found = complaints('[dialing]\naccount = "nobody"')
    assert found[0].startswith("dialing.account: there is no account of that id")


@pytest.mark.parametrize(
    "text",
    [
        "listener = 3",
        "accounts = 'x'",
        "[accounts]\nid = 'a'",
        "accounts = [1, 2]",
        "[card]\nlink_hosts = [1, 'exa mple', 'ok.example']",
        "[lookup]\nsoft_seconds = nan",
        "[lookup]\nsoft_seconds = 1e400",
        "[card]\nmax_cards = true",
        "[ui]\nquiet_until = 2026-11-22",
        "[[accounts]]\nid = 1\nvendor = 'v'",
        "[[accounts]]\nid = 'a'\nvendor = 'v'\nx = { y = 1 }",
        '[[accounts]]\nid = "a"\nvendor = "v"\nlabel = "a\\u0000b"',
    ],
)
def test_wrong_shapes_are_problems_not_crashes(text: str) -> None:
    assert complaints(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "pop.example.com"])
def test_an_address_or_a_name_may_be_listened_at(host: str) -> None:
    found = read(f'[listener]\nhost = "{host}"')
    assert found.problems == ()
    assert found.settings.listener.host == host


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[listener]\nhost = "not a host"', "listener.host"),
        ('[dialing]\ncaller_id = "06 5550 1234"', "dialing.caller_id"),
        ('[dialing]\ndial_first = "me"', "dialing.dial_first"),
        ('[dialing]\npremium = "maybe"', "dialing.premium"),
        ("[dialing]\nabroad = true", "dialing.abroad"),
        ('[dialing]\ncountries = ["Italy"]', "dialing.countries"),
        ('[dialing]\nblocked = ["020 7946 0123"]', "dialing.blocked"),
        ('[dialing]\ndo_not_call = "+442079460123"', "dialing.do_not_call"),
        ('[logging]\nlevel = "loud"', "logging.level"),
        ("[retention]\njournal_days = 0", "retention.journal_days"),
    ],
)
def test_a_value_outside_its_range_is_named(text: str, place: str) -> None:
    (problem,) = read(text).problems
    assert problem.place == place


def test_a_number_too_long_to_print_is_a_problem() -> None:
    huge = 16**5000
    table = {"accounts": [{"id": "a", "vendor": "v", "x": huge, "extension": huge}]}
    found = read_settings(table)
    assert len(found.problems) == 2
    assert found.settings.accounts[0].extension == ""


_KEYS = st.sampled_from(
    [
        "region",
        "listener",
        "accounts",
        "card",
        "dialing",
        "lookup",
        "logging",
        "ui",
        "retention",
        "id",
        "vendor",
        "base_url",
        "extension",
        "label",
        "host",
        "port",
        "public_url",
        "corner",
        "max_cards",
        "answered_seconds",
        "link_hosts",
        "account",
        "caller_id",
        "dial_first",
        "soft_seconds",
        "level",
        "theme",
        "quiet_until",
        "journal_days",
        "api_key",
        "lines",
        "wrap_up",
        "policy",
        "dispositions",
        "other",
    ]
)
_SCALARS = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.sampled_from(["a", "IT", "https://example.com", "+12025550123", "dark"]),
)
_TABLES = st.recursive(
    st.dictionaries(_KEYS, _SCALARS),
    lambda inner: st.dictionaries(
        _KEYS, st.one_of(_SCALARS, inner, st.lists(st.one_of(_SCALARS, inner)))
    ),
    max_leaves=20,
)


@given(table=_TABLES)
def test_any_table_gives_usable_settings(table: dict[str, Any]) -> None:
    found = read_settings(table)
    ids = [account.id for account in found.settings.accounts]
    assert len(set(ids)) == len(ids)
    assert all(account.vendor for account in found.settings.accounts)
    assert 0 <= found.settings.listener.port <= 65535
    for problem in found.problems:
        assert str(problem).isprintable()
