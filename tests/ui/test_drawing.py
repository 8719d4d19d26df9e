"""Our icons look as their files say, and a file that says more is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from screenpop.config.paths import resources_dir
from screenpop.ui.drawing import read_drawing
from screenpop.ui.path_data import BadDrawing, path_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("qapp")

ICONS = sorted((resources_dir() / "icons").glob("*.svg"), key=lambda file: file.stem)
INK = "#b3261e"
SIDES = (16, 22, 33, 64)
LARGEST_DIFFERENCE = 16
"""Of 255, in one channel of a pixel on an edge."""

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'


def _seen(side: int, paint: Callable[[QPainter, QRectF], object]) -> bytes:
    image = QImage(side, side, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter, QRectF(0, 0, side, side))
    painter.end()
    return bytes(image.constBits())


@pytest.mark.parametrize("icon", ICONS, ids=lambda file: file.stem)
def test_an_icon_looks_as_a_reader_of_all_of_svg_draws_it(icon: Path) -> None:
    text = icon.read_text("utf-8")
    theirs = QSvgRenderer(QByteArray(text.replace("currentColor", INK).encode()))
    ours = read_drawing(text)
    for side in SIDES:
        expected = _seen(side, theirs.render)
        seen = _seen(side, lambda painter, box: ours.paint(painter, box, INK))
        assert any(expected)
        assert max(map(_distance, expected, seen)) <= LARGEST_DIFFERENCE, side


@pytest.mark.parametrize(
    "text",
    [
        "",
        _HEAD,
        "<svg/>",
        _HEAD + "<g></g></svg>",
        _HEAD + '<path d="M0 0h9" transform="scale(2)"/></svg>',
        _HEAD + '<path d="M0 0h9" fill="red"/></svg>',
        _HEAD + '<path d="M0 0h9" stroke-linecap="square"/></svg>',
        _HEAD + '<path d="M0 0h9" stroke-width="2px"/></svg>',
        _HEAD + '<rect width="9" height="9" rx="2" ry="3"/></svg>',
        _HEAD + '<circle cx="9" cy="9"/></svg>',
        _HEAD + "<path/></svg>",
        _HEAD + "text</svg>",
        _HEAD.replace("24 24", "32 32") + "</svg>",
        _HEAD.replace("<svg", '<svg opacity="0.5"') + "</svg>",
    ],
)
def test_a_file_that_says_more_than_we_draw_is_refused(text: str) -> None:
    with pytest.raises(BadDrawing):
        read_drawing(text)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "9 9",
        "M",
        "M9",
        "M9 9 9",
        "M9 9q1 1 2 2",
        "M9 9h",
        "M9 9z1",
        "M9 9 !",
        "M9 9a4 5 0 0 1 3 3",
        "M9 9a4 4 30 0 1 3 3",
        "M9 9a4 4 0 2 1 3 3",
    ],
)
def test_path_data_that_we_do_not_draw_is_refused(data: str) -> None:
    with pytest.raises(BadDrawing):
        path_of(data)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("M1 1 2 3 4 5", "M1 1L2 3L4 5"),
        ("m1 1 2 3-1-1", "M1 1L3 4L2 3"),
        ("M1,1h.5.5v-1z", "M1 1L1.5 1L2 1L2 0L1 1"),
        ("M2 2H5V7h-1v-2", "M2 2L5 2L5 7L4 7L4 5"),
        ("M0 0C1 2 3 4 5 6S9 9 9 3", "M0 0C1 2 3 4 5 6C7 8 9 9 9 3"),
        ("M0 0c1 2 3 4 5 6s4 3 4-3", "M0 0C1 2 3 4 5 6C7 8 9 9 9 3"),
        ("M1 1S3 4 5 6", "M1 1C1 1 3 4 5 6"),
        ("M3 3a2 2 0 0 1 0 0h1", "M3 3L4 3"),
    ],
)
def test_short_forms_of_path_data_draw_the_same(short: str, long: str) -> None:
    assert path_of(short) == path_of(long)


def _distance(one: int, other: int) -> int:
    return abs(one - other)
