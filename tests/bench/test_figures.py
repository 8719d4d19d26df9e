"""The benchmark's own arithmetic; nothing here measures time."""

from __future__ import annotations

import pytest

from tests.bench.figures import Bound, Row, Spread, Target, percentile, table
from tests.bench.picture import picture, used


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)]
)
def test_a_percentile_is_one_of_the_values(share: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_the_99th_of_few_values_is_the_greatest() -> None:
    assert percentile([1.0, 5.0, 2.0], 0.99) == 5.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="needs values"):
        percentile(values, share)


def test_a_spread_shows_median_least_and_greatest() -> None:
    assert Spread((30.0, 10.0, 21.5)).text("ms") == "21.5 (10-30) ms"
    assert Spread((12_345.6,)).text("/s") == "12,346 /s"
    assert Spread(()).text("ms") == "-"


@pytest.mark.parametrize(
    ("bound", "limit", "program", "is_met"),
    [
        (Bound.AT_MOST_TIMES, 1.5, 15.0, True),
        (Bound.AT_MOST_TIMES, 1.5, 15.1, False),
        (Bound.AT_LEAST_TIMES, 0.5, 5.0, True),
        (Bound.AT_LEAST_TIMES, 0.5, 4.9, False),
        (Bound.AT_MOST, 25.0, 25.0, True),
        (Bound.AT_LEAST, 25.0, 25.0, True),
        (Bound.AT_LEAST, 25.0, 24.9, False),
        (Bound.BELOW, 25.0, 25.0, False),
    ],
)
def test_a_target_judges_medians(
    bound: Bound, limit: float, program: float, is_met: bool
) -> None:
    row = Row("step", "ms", Target(bound, limit))
    for floor in (9.0, 10.0, 99.0):
        row.add(floor, program)
    assert row.is_met is is_met


def test_what_was_not_measured_is_not_met() -> None:
    row = Row("step", "ms", Target(Bound.AT_MOST_TIMES, 2.0))
    row.add(None, 1.0)
    assert not row.is_met


def test_a_line_without_a_target_never_fails() -> None:
    assert Row("step", "ms").is_met


def test_the_table_is_markdown_and_names_the_peer() -> None:
    row = Row("pixel", "ms", Target(Bound.AT_MOST_TIMES, 0.5), beside="Chromium")
    row.add(10.0, 6.0)
    assert table([row]).splitlines()[-1] == (
        "| pixel | Chromium: 10 ms | 6 ms | 0.60 | ≤ 0.5 x Chromium | **no** |"
    )


@pytest.mark.parametrize(
    ("bound", "limit", "share"),
    [
        (Bound.AT_MOST_TIMES, 2.0, 0.75),
        (Bound.AT_LEAST_TIMES, 0.5, 1 / 3),
        (Bound.AT_MOST, 30.0, 0.5),
        (Bound.AT_LEAST, 30.0, 2.0),
        (Bound.AT_MOST, 0.0, None),
    ],
)
def test_the_picture_shows_how_much_of_a_target_is_used(
    bound: Bound, limit: float, share: float | None
) -> None:
    row = Row("step & more", "ms", Target(bound, limit))
    row.add(10.0, 15.0)
    assert used(row) == pytest.approx(share)
    drawn = picture([row, Row("only told", "ms")])
    assert "only told" not in drawn
    assert ("step &amp; more" in drawn) is (share is not None)
    if share is not None:
        assert f"{share:.0%}" in drawn
        assert f'<rect class="{"met" if share <= 1 else "missed"}"' in drawn
