"""What callers and CRMs send is shown as text, whole, and does nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.domain.plain_text import for_markup, plain, plain_all

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WAVE = "\U0001f44b\U0001f3fd"
FLAGS = "\U0001f1ee\U0001f1f9\U0001f1f1\U0001f1f9"


@pytest.mark.parametrize(
    "text",
    [
        "Mario Rossi",
        "Žydrūnas Šimkus",
        "Tom & Jerry <b>bold</b>",
        "<img src=file:///etc/passwd>",
        "&amp; &lt;",
        "محمد علي",
        "שלום",
        "山田太郎",
        # A Persian word with the joiner it needs.
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "क्\u200dष",
        FAMILY,
        WAVE,
        FLAGS,
        "ﷺ and ½",
        "a\N{REPLACEMENT CHARACTER}b",
    ],
)
def test_names_of_any_script_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  Mario   Rossi  ", "Mario Rossi"),
        ("Mario\nRossi", "Mario Rossi"),
        ("Mario\r\n\tRossi", "Mario Rossi"),
        ("Mario\u2028Rossi\u2029\u0085", "Mario Rossi"),
        ("Mario\u00a0Rossi", "Mario Rossi"),
        ("Mario\x00\x1b[31mRossi", "Mario [31mRossi"),
        ("\u202eissoR oiraM", "issoR oiraM"),
        ("\u2066Mario\u2069 \u202aRossi\u202c", "Mario Rossi"),
        ("\u200eMario\u200f", "Mario"),
        ("Ma\u200brio", "Mario"),
        ("Ma\u200drio", "Mario"),
        ("\ufeffMario\u2060", "Mario"),
        ("Ma\u00adrio", "Mario"),
        ("\u3164\u115f\u2800Mario\u034f", "Mario"),
        ("Mario\U000e0041\U000e007f", "Mario"),
        ("Mario\ufffe\U0001ffff", "Mario"),
        ("Mario\ud800Rossi", "Mario\N{REPLACEMENT CHARACTER}Rossi"),
        ("\udcff", "\N{REPLACEMENT CHARACTER}"),
        ("é" + "\u200d" * 50 + "a", "é\u200da"),
        ("\u200d\u200d", ""),
    ],
)
def test_what_hides_or_reorders_text_is_removed(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_tower_of_accents_stays_within_its_line() -> None:
    shown = plain("Z" + "\u0335" * 500 + "o")
    assert len(shown) < 10
    assert shown[0] == "Z"
    assert shown[-1] == "o"


def test_hidden_characters_do_not_let_a_tower_through() -> None:
    tower = "Z" + ("\u0335" * 6 + "\u200b") * 50
    assert len(plain(tower)) == len("Z") + 6


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Mario Rossi", 11, "Mario Rossi"),
        ("Mario Rossi", 10, "Mario Ros…"),
        ("Mario Rossi", 7, "Mario…"),
        ("Mario Rossi", 1, "…"),
        ("Mario Rossi", 0, ""),
        ("Mario Rossi", -5, ""),
        ("ae\u0301\u0302b c", 4, "a…"),
        (FAMILY + "ab", 5, "…"),
        (FAMILY + "ab", 6, FAMILY + "…"),
        ("a" + WAVE + "b", 3, "a…"),
        (FLAGS, 4, FLAGS),
        (FLAGS + "xy", 5, FLAGS + "…"),
        (FLAGS + "xy", 4, FLAGS[:2] + "…"),
    ],
)
def test_too_long_a_text_ends_between_letters(
    text: str, limit: int, shown: str
) -> None:
    assert plain(text, limit) == shown


def test_ten_kilobytes_become_three_hundred_characters() -> None:
    shown = plain("a" * 10_000)
    assert len(shown) == 300
    assert shown.endswith("a…")
    assert len(plain("é" * 10_000_000)) == 300


def test_markup_is_escaped_where_only_markup_is_taken() -> None:
    assert (
        for_markup('<a href="x">Tom & Jerry</a>\n')
        == "&lt;a href=&quot;x&quot;&gt;Tom &amp; Jerry&lt;/a&gt;"
    )
    assert for_markup("&lt;") == "&amp;lt;"
    assert for_markup("a<b<c", 4) == "a&lt;b…"


@given(st.text(max_size=80), st.integers(-2, 60))
@example("\u200d" * 3, 2)
@example("é\u200b\u200d", 5)
def test_any_text_becomes_one_safe_line(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= max(limit, 0)
    assert plain(shown, limit) == shown
    for char in shown:
        assert unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(char) not in {
            *("LRE", "RLE", "LRO", "RLO", "PDF"),
            *("LRI", "RLI", "FSI", "PDI"),
        }
    assert "  " not in shown
    assert shown == shown.strip()
    shown.encode()


@given(st.lists(st.text("ab |é\t\u200b", max_size=6), max_size=4), st.integers(-1, 8))
def test_many_texts_are_shown_as_each_by_itself(texts: list[str], limit: int) -> None:
    assert plain_all(texts, limit) == [plain(text, limit) for text in texts]


@given(st.text(max_size=80))
def test_escaped_text_holds_no_markup(text: str) -> None:
    escaped = for_markup(text)
    assert not set(escaped) & set('<>"')
