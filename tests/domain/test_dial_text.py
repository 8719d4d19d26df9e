"""What a person pastes and what a link asks to call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.numbers import NumberKind

ROME = "+390655501234"


def _key(text: str, region: str = "IT") -> str:
    target = read_dial_text(text, region)
    return target.number.key if target.number else ""


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("tel:+390655501234", ROME),
        ("TEL:+390655501234", ROME),
        ("Tel:+390655501234", ROME),
        ("tel://+390655501234", ROME),
        ("tel:+390655501234/", ROME),
        (" tel:+390655501234 \n", ROME),
        ("tel:+39-06-5550-1234", ROME),
        ("tel:+39.06.5550.1234", ROME),
        ("tel:+39(06)5550-1234", ROME),
        ("tel:(06)55501234", ROME),
        ("tel:06-55501234", ROME),
        ("tel:0655501234", ROME),
        ("tel:00390655501234", ROME),
        ("tel:390655501234", ROME),
        ("tel:+39 06 5550 1234", ROME),
        ("tel: +390655501234", ROME),
        ("tel:%2B390655501234", ROME),
        ("tel:%2b39%2006%205550%201234", ROME),
        ("tel:+39%2D06%2D5550%2D1234", ROME),
        ("tel:%28%2B39%29%2006%2055501234", ROME),
        ("tel:+39%C2%A006%C2%A055501234", ROME),
        ("tel:+39\u201106\u201155501234", ROME),
        ("tel:\u202a+390655501234\u202c", ROME),
        ("tel: 390655501234", ROME),  # a plus sign that a form decoded
        ("tel:+390655501234?call", ROME),
        ("tel:+39+06+5550+1234", ROME),  # its spaces, by a form
        ("tel:+390655501234;isub=12345", ROME),
        ("tel:+390655501234;phone-context=example.com", ROME),
        ("tel:0655501234;phone-context=+39", ROME),
        ("tel:06-5550-1234;phone-context=+39", ROME),
        ("tel:55501234;phone-context=+3906", ROME),
        ("tel:02079460123;phone-context=+44", "+442079460123"),
        ("tel:2025550100;PHONE-CONTEXT=+1", "+12025550100"),
        ("tel:863-1234;phone-context=+1-914-555", "+19148631234"),  # RFC 3966
        ("tel:7042;phone-context=example.com", "ext:7042"),  # RFC 3966
        ("tel:+1-201-555-0123", "+12015550123"),  # RFC 3966
        ("tel:101", "ext:101"),
        ("tel:112", "ext:112"),
        ("callto:+390655501234", ROME),
        ("callto://+390655501234", ROME),
        ("CALLTO:0655501234", ROME),
        ("callto:anna@example.com", "anna@example.com"),
        ("sip:101@pbx.example.com", "ext:101"),
        ("SIP:101@pbx.example.com", "ext:101"),
        ("sip:+390655501234@pbx.example.com;user=phone", ROME),
        ("sip:%2B390655501234@pbx.example.com", ROME),
        ("sips:anna@example.com?subject=hello", "anna@example.com"),
        ("sip://101@pbx.example.com", "ext:101"),
    ],
)
def test_a_link_is_read_by_its_grammar(link: str, key: str) -> None:
    target = read_dial_text(link, "IT")
    assert target.number is not None, target.problem
    assert target.number.key == key
    assert target.candidates == (target.number,)
    assert target.origin is DialOrigin.LINK
    assert target.problem == ""


@pytest.mark.parametrize(
    ("link", "extension"),
    [
        ("tel:+390655501234;ext=12", "12"),
        ("tel:+390655501234;EXT=1-2", "12"),
        ("tel:+390655501234;isub=1;ext=12", "12"),
        ("tel:+390655501234%3Bext%3D12", "12"),
        ("tel:+12025550100,,123456789#", "123456789"),
        ("tel:+12025550100,,123456789%23", "123456789"),
        ("tel:+12025550100p12", "12"),
        ("tel:+390655501234;ext=", ""),
        ("tel:+39 06 55501234 x12", "12"),
        ("tel:+39%2006%2055501234%20ext.%2012", "12"),
        ("tel:101;ext=12", "101"),
    ],
)
def test_what_is_dialled_after_the_number_is_kept_apart(
    link: str, extension: str
) -> None:
    target = read_dial_text(link, "IT")
    assert target.number is not None, target.problem
    assert target.number.extension == extension


@pytest.mark.parametrize(
    "link",
    [
        "tel:",
        "tel://",
        "tel:+",
        "tel:-",
        "tel:--help",
        "tel:%2D%2Dhelp",
        "tel:-x",
        "tel:1 --config=/tmp/evil",
        "tel:$(touch x)",
        "tel:`id`",
        "tel:+390655501234;ext=$(id)",
        "tel:+390655501234;ext=1;rm",
        "tel:+390655501234;ext=12345678901234567890123",
        "tel:+39065550\n1234",
        "tel:+39065550%0A1234",
        "tel:+39065550%0d%0a1234",
        "tel:+390655501234%00",
        "tel:+390655501234%",
        "tel:+390655501234%zz",
        "tel:%ff%fe390655501234",
        "tel:%252B390655501234",
        "tel:anna",
        "tel:1-800-EXAMPLE",
        "tel:+390655501234,+390655505678",
        "tel:+390655501234 tel:+390655505678",
        "tel:+390655501234<script>",
        "tel:+390655501234 ext 12345678",
        "tel:+390655501234+390655505678",
        "tel:5550123;phone-context=+",
        "tel:1;phone-context=+39",
        "tel:12345678901234567890",
        "callto:anna.test",
        "sip:",
        "sip:@",
        "sip:anonymous@anonymous.invalid",
        "sip:a@b@c",
        "sip:anna@exa mple.com",
        "javascript:alert(1)",
    ],
)
def test_a_link_that_is_no_plain_number_is_refused(link: str) -> None:
    target = read_dial_text(link, "US")
    extension_kept = target.number.key if target.number else ""
    if "ext=1;rm" in link:
        # An unknown parameter means nothing to us and changes nothing.
        assert extension_kept == ROME
        return
    assert target.number is None
    assert target.candidates == ()
    assert target.problem.endswith(".")


@pytest.mark.parametrize(
    "link",
    [
        "tel:*21*0655501234#",
        "tel:*21*+390655501234%23",
        "tel:%2A21%2A0655501234%23",
        "tel:%2a%2306%23",
        "tel:##002#",
        "tel:*67%202025550100",
        "tel:#31#+390655501234",
        "tel:\uff10\uff16*\uff11",
        "tel:\uff0a21\uff0a0655501234\uff03",
        "callto:*72",
    ],
)
def test_a_link_cannot_hold_a_service_code(link: str) -> None:
    target = read_dial_text(link, "IT")
    assert target.number is None
    assert "service code" in target.problem


@pytest.mark.parametrize("scheme", ["", "tel:", "sip:"])
def test_a_text_of_a_megabyte_is_refused(scheme: str) -> None:
    target = read_dial_text(scheme + "1" * 1_000_000, "IT")
    assert target.number is None
    assert "too long" in target.problem


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("06 5550 1234", "IT", ROME),
        ("+39 06 5550 1234\n", "IT", ROME),
        ("390655501234", "IT", ROME),
        ("x101", "IT", "ext:101"),
        ("112", "IT", "ext:112"),
        ("1-800-EXAMPLE", "US", "+18003926753"),
        ("101@pbx.example.com", "IT", "ext:101"),
        ("anna@example.com", "IT", "anna@example.com"),
        ("call me on 06 5550 1234", "IT", ROME),
        ("Call me on +39 06 5550 1234.", "IT", ROME),
        ("you can reach me (06/55501234) until five", "IT", ROME),
        ("Our number:\n+39 06 5550 1234\nThank you", "IT", ROME),
        ("Mobile +44 7700 900123, Anna", "IT", "+447700900123"),
        ("Tel. 06 5550 1234 - www.example.com", "IT", ROME),
        ("06 5550 1234, again: +39 06 55501234", "IT", ROME),
        ("my number is 390655501234 ok", "IT", ROME),
        ('<a href="tel:+390655501234">call</a>', "IT", ROME),
        ("see tel:+390655501234.", "IT", ROME),
        ("or tel:+390655501234 (+39 06 5550 1234)", "IT", ROME),
        ("I am at ext. 101 all day", "IT", "ext:101"),
        ("extension 204 please", "US", "ext:204"),
        ("chiamami all'interno 12", "IT", "ext:12"),
        ("+10005550123 is odd", "US", "+10005550123"),
    ],
)
def test_the_number_is_found_in_what_a_person_pasted(
    text: str, region: str, key: str
) -> None:
    target = read_dial_text(text, region)
    assert target.number is not None, target.problem
    assert target.number.key == key
    assert target.origin is DialOrigin.TYPED


def test_an_extension_is_found_with_its_number() -> None:
    target = read_dial_text("Call +39 06 5550 1234 ext. 12, thanks", "IT")
    assert target.number is not None
    assert (target.number.e164, target.number.extension) == (ROME, "12")


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("Call +39 06 5550 1234 (ext. 12), thanks", "12"),
        ("Dial +39 06 5550 1234,,98765432101# then wait", "98765432101"),
    ],
)
def test_what_stands_behind_the_number_in_a_sentence_belongs_to_it(
    text: str, extension: str
) -> None:
    target = read_dial_text(text, "IT")
    assert target.number is not None
    assert (target.number.e164, target.number.extension) == (ROME, extension)


@pytest.mark.parametrize(
    "text",
    [
        "06 5550 1234 or +44 20 7946 0123",
        "06 5550 1234\n+44 20 7946 0123",
        "office 06 5550 1234; London 0044 20 7946 0123",
        "tel:+390655501234 tel-free, or tel:+442079460123",
        "tel. +390655501234, or <tel:+442079460123>",
    ],
)
def test_several_numbers_are_offered_in_their_order(text: str) -> None:
    target = read_dial_text(f"Call {text}", "IT")
    assert target.number is None
    assert [each.key for each in target.candidates] == [ROME, "+442079460123"]
    assert "choose" in target.problem


def test_only_so_many_numbers_are_offered() -> None:
    text = "\n".join(f"202555{each:04}" for each in range(100, 113))
    assert len(read_dial_text(text, "US").candidates) == 9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "--help",
        "Mario Rossi",
        "anonymous",
        "on 2021-04-09 at 16:30",
        "order 123, item 45",
        "1.50 EUR",
        "see tel:*21*0655501234#",
    ],
)
def test_no_number_is_made_up(text: str) -> None:
    target = read_dial_text(text, "IT")
    assert target.number is None
    assert target.candidates == ()
    assert target.problem.endswith(".")


def test_a_typed_service_code_is_taken_as_typed() -> None:
    target = read_dial_text("*21*0655501234#", "IT")
    assert target.number is not None
    assert target.number.kind is NumberKind.SERVICE_CODE
    assert target.origin is DialOrigin.TYPED


def test_who_wants_to_hide_their_number_is_told_that_the_prefix_is_gone() -> None:
    target = read_dial_text("#31#0655501234", "IT")
    assert target.number is not None
    assert target.number.e164 == ROME
    assert "prefix" in target.note
    assert read_dial_text("0655501234", "IT").note == ""


@given(st.text(max_size=40), st.sampled_from(["tel:", "callto:", "sip:", "TEL://"]))
def test_a_link_never_yields_more_than_one_plain_number(text: str, scheme: str) -> None:
    target = read_dial_text(scheme + text, "IT")
    assert target.origin is DialOrigin.LINK
    assert len(target.candidates) <= 1
    if target.number is None:
        assert target.problem
    else:
        assert target.number.kind is not NumberKind.SERVICE_CODE
        assert not target.number.dial_text.startswith("-")


@given(st.text("0123456789", min_size=1, max_size=15), st.text(max_size=10))
def test_a_problem_never_repeats_the_number(digits: str, around: str) -> None:
    target = read_dial_text(f"tel:{digits}{around}", "IT")
    assert not set(target.problem) & set("0123456789")
