"""Whatever callers send, scheme, host and program are those of the template."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.open_template import (
    PLACEHOLDERS,
    CallWords,
    ProgramTemplate,
    UrlTemplate,
)

ANA = CallWords(
    number="020 7946 0123",
    e164="+442079460123",
    national="2079460123",
    name="Ana Bell & Sons",
    call_id="c-17",
    line="Sales UK",
)
HOSTILE = (
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "x\r\nLocation: https://evil.example.org",
    "../../../evil",
    "..",
    ".",
    "@evil.example.org/",
    "//evil.example.org/",
    "\\\\evil.example.org\\share",
    "?next=https://evil.example.org",
    "#fragment",
    "%0d%0a%2f%2f",
    "\u202egro.elpmaxe.live\u202c",
    "{e164}",
    "-rf /",
    "a" * 5000,
    "\x00",
)


def test_each_gap_is_filled_with_what_it_names() -> None:
    gaps = "&".join(f"{word}={{{word}}}" for word in PLACEHOLDERS)
    filled = UrlTemplate.checked(f"https://crm.example.com/call?{gaps}").filled(ANA)
    assert parse_qs(urlsplit(filled).query) == {
        "number": ["02079460123"],
        "e164": ["+442079460123"],
        "digits": ["442079460123"],
        "national": ["2079460123"],
        "name": ["Ana Bell & Sons"],
        "call_id": ["c-17"],
        "line": ["Sales UK"],
    }


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "text",
    [
        "https://crm.example.com/contact/{name}",
        "https://crm.example.com/{name}/{line}/x",
        "https://crm.example.com:8443/?q={name}#{call_id}",
        "https://crm.example.com{call_id}",
        "crm:{name}",
        "crm://open/{name}?call={call_id}",
    ],
)
def test_no_value_changes_scheme_or_host(text: str, value: str) -> None:
    if text.endswith("com{call_id}"):
        with pytest.raises(ConfigurationError):
            UrlTemplate.checked(text, ("crm",))
        return
    template = UrlTemplate.checked(text, ("crm",))
    words = CallWords(number=value, e164=value, name=value, call_id=value, line=value)
    filled = template.filled(words)
    before, after = urlsplit(text), urlsplit(filled)
    assert (after.scheme, after.netloc) == (before.scheme, before.netloc)
    assert "\n" not in filled
    assert "\r" not in filled
    assert len(after.path.split("/")) == len(before.path.split("/"))
    assert not {"..", "."} & set(after.path.split("/"))
    assert len(filled) <= 2000


@given(value=st.text(max_size=300))
def test_no_text_at_all_leaves_the_templates_host(value: str) -> None:
    template = UrlTemplate.checked("https://crm.example.com/a/{name}/b?l={line}")
    filled = template.filled(CallWords(name=value, line=value, call_id=value))
    parts = urlsplit(filled)
    assert (parts.scheme, parts.netloc) == ("https", "crm.example.com")
    assert parts.path.startswith("/a/")
    assert parts.path.endswith("/b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://crm.example.com/{e164}", "starts with https"),
        ("javascript:alert({e164})", "starts with https"),
        ("file:///home/{name}", "starts with https"),
        ("data:text/html,{name}", "starts with https"),
        ("{name}://crm.example.com/", "starts with https"),
        ("//crm.example.com/{e164}", "starts with https"),
        ("https:crm.example.com", "names no host"),
        ("https:///{e164}", "names no host"),
        ("https://{name}/", "The host"),
        ("https://crm.{name}.example.com/", "The host"),
        ("https://me@crm.example.com/{e164}", "The host"),
        ("https://crm.example.com{e164}/", "The host"),
        ("https://crm.example.com%2eevil.example.org/", "The host"),
        ("https://crm.example.com/{phone}", "no placeholder {phone}"),
        ("https://crm.example.com/{}", "no placeholder"),
        ("https://crm.example.com/{e164", "not closed"),
        ("https://crm.example.com/a b", "blanks"),
        ("https://crm.example.com\\evil", "blanks"),
        ("https://crm.example.com/\r\n", "blanks"),
        ("", "starts with https"),
    ],
)
def test_a_template_that_could_open_anything_else_is_refused(
    text: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        UrlTemplate.checked(text)
    assert words in str(caught.value)


def test_an_administrator_can_allow_a_scheme_but_not_every_one() -> None:
    assert UrlTemplate.checked("crm:{e164}", ("crm",)).filled(ANA) == (
        "crm:%2B442079460123"
    )
    for scheme in ("javascript", "file", "data", "vbscript"):
        with pytest.raises(ConfigurationError):
            UrlTemplate.checked(f"{scheme}:{{e164}}", (scheme,))


@pytest.mark.parametrize("word", ["number", "e164", "digits", "national"])
def test_without_the_number_that_it_asks_for_nothing_is_opened(word: str) -> None:
    template = UrlTemplate.checked(f"https://crm.example.com/?q={{{word}}}")
    assert template.filled(CallWords(name="Ana")) == ""
    assert template.filled(CallWords(number="anonymous", e164="not a number")) == ""


# --- programs -------------------------------------------------------------------------


def test_values_are_single_arguments_of_the_program() -> None:
    program = ProgramTemplate.checked(["crm", "--number", "{e164}", "--name={name}"])
    assert program.filled(ANA) == (
        "crm",
        "--number",
        "+442079460123",
        "--name=Ana Bell & Sons",
    )


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_becomes_an_option_or_another_argument(value: str) -> None:
    program = ProgramTemplate.checked(["crm", "{name}", "x{line}"])
    argv = program.filled(CallWords(name=value, line=value))
    assert len(argv) == 3
    assert argv[0] == "crm"
    assert not argv[1].startswith(("-", "/", "@"))
    assert argv[2].startswith("x")
    assert all(one.isprintable() for one in argv)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        [" "],
        ["{name}"],
        ["crm.bat", "{e164}"],
        ["C:\\tools\\crm.CMD"],
        ["crm.bat. .", "{e164}"],
        ["sh", "-c", "notify-send '{name}'"],
        ["/usr/bin/env", "bash", "-c", "echo {line}"],
        ["C:\\Windows\\System32\\CMD.EXE", "/c", "start {e164}"],
        ["crm", "{shell}"],
        ["crm", "{e164"],
        ["crm", "a\nb"],
        ["crm", *["x"] * 40],
    ],
)
def test_a_program_that_a_call_could_choose_is_refused(argv: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        ProgramTemplate.checked(argv)


def test_a_shell_that_gets_nothing_of_the_call_may_be_run() -> None:
    argv = ("sh", "-c", "paplay ~/bell.ogg")
    assert ProgramTemplate.checked(argv).filled(CallWords(name="x")) == argv


def test_without_the_number_no_program_is_run() -> None:
    assert ProgramTemplate.checked(["crm", "{e164}"]).filled(CallWords()) == ()
