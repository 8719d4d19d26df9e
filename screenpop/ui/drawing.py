"""Our own drawings (resources/icons), read and painted without Qt's SVG module.

That module and the reader of XML that it brings cost 2.5 MiB of an idle program. The
drawings are ours and use little: on a grid of 24 units, paths, rectangles and circles,
each filled and stroked in a colour of its own or in the one that the icon is asked for
(``currentColor``). Whatever else a file says is refused, which a test finds out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from screenpop.domain.frozen import frozen
from screenpop.ui.path_data import BadDrawing, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GRID_UNITS: Final = 24
"""Width and height of every drawing."""

_TAG: Final = re.compile(
    r"""\s*<(?P<end>/?)(?P<name>\w+)
        (?P<attributes>(?:\s+[\w-]+="[^"&<>]*")*)
        \s*(?P<empty>/?)>\s*""",
    re.VERBOSE,
)
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_INK: Final = "currentColor"

# What holds where nothing is said (SVG 1.1, chapter 11).
_STYLE: Final = {
    "fill": "#000000",
    "stroke": "none",
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
}
_ROOT: Final = frozenset({"xmlns", "width", "height", "viewBox"})
_CAPS: Final = {
    "butt": Qt.PenCapStyle.FlatCap,
    "round": Qt.PenCapStyle.RoundCap,
}
_JOINS: Final = {
    "miter": Qt.PenJoinStyle.SvgMiterJoin,
    "round": Qt.PenJoinStyle.RoundJoin,
}


@frozen
class Shape:
    """One outline and how it is painted.

    Attributes:
        fill: "#rrggbb", "currentColor" or "none".
        stroke: The same for the line along the outline.
    """

    path: QPainterPath
    fill: str
    stroke: str
    width: float
    cap: Qt.PenCapStyle
    join: Qt.PenJoinStyle


@frozen
class Drawing:
    """The shapes of one file, the lowest first."""

    shapes: tuple[Shape, ...]

    def paint(self, painter: QPainter, box: QRectF, color: str) -> None:
        """Fill the box with it, in the colour ("#rrggbb") where it has none itself."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(box.topLeft())
        painter.scale(box.width() / GRID_UNITS, box.height() / GRID_UNITS)
        for shape in self.shapes:
            painter.setPen(_pen(shape, color))
            if shape.fill == "none":
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                painter.setBrush(QColor(color if shape.fill == _INK else shape.fill))
            painter.drawPath(shape.path)
        painter.restore()


def read_drawing(text: str) -> Drawing:
    """Read the text of a file.

    Raises:
        BadDrawing: It has an element, an attribute or a value that is not known here.
    """
    tags = tuple(_tags(text))
    if len(tags) < 2 or (tags[0][0], tags[-1][0]) != ("<svg>", "</svg>"):
        raise BadDrawing("no drawing from <svg> to </svg>")
    root = _only(tags[0][1], _ROOT | _STYLE.keys())
    if root.get("viewBox") != f"0 0 {GRID_UNITS} {GRID_UNITS}":
        raise BadDrawing(f"not on a grid of {GRID_UNITS} units")
    style = {**_STYLE, **{name: root[name] for name in _STYLE if name in root}}
    return Drawing(tuple(_shape(name, said, style) for name, said in tags[1:-1]))


def _tags(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each tag as "<name>", "</name>" or "<name/>", with what it says."""
    place = 0
    while place < len(text):
        found = _TAG.match(text, place)
        if found is None:
            raise BadDrawing(f"not understood: {text[place : place + 40]!r}")
        place = found.end()
        attributes = _ATTRIBUTE.findall(found["attributes"])
        yield f"<{found['end']}{found['name']}{found['empty']}>", dict(attributes)


def _shape(tag: str, said: Mapping[str, str], style: Mapping[str, str]) -> Shape:
    if tag == "<path/>":
        path = path_of(_only(said, {"d", *_STYLE}).get("d", ""))
    elif tag == "<rect/>":
        path = _rectangle(_only(said, {"x", "y", "width", "height", "rx", *_STYLE}))
    elif tag == "<circle/>":
        path = _circle(_only(said, {"cx", "cy", "r", *_STYLE}))
    else:
        raise BadDrawing(f"not known: {tag}")
    own = {**style, **{name: said[name] for name in _STYLE if name in said}}
    if own["stroke-linecap"] not in _CAPS or own["stroke-linejoin"] not in _JOINS:
        raise BadDrawing("a cap or join of lines that is not known")
    return Shape(
        path,
        fill=_color(own["fill"]),
        stroke=_color(own["stroke"]),
        width=_number(own, "stroke-width"),
        cap=_CAPS[own["stroke-linecap"]],
        join=_JOINS[own["stroke-linejoin"]],
    )


def _rectangle(said: Mapping[str, str]) -> QPainterPath:
    path = QPainterPath()
    x, y, width, height, radius = (
        _number(said, name) for name in ("x", "y", "width", "height", "rx")
    )
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def _circle(said: Mapping[str, str]) -> QPainterPath:
    path = QPainterPath()
    x, y, radius = (_number(said, name) for name in ("cx", "cy", "r"))
    path.addEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
    return path


def _only(said: Mapping[str, str], known: set[str] | frozenset[str]) -> dict[str, str]:
    unknown = said.keys() - known
    if unknown:
        raise BadDrawing(f"not known: {', '.join(sorted(unknown))}")
    return dict(said)


def _number(said: Mapping[str, str], name: str) -> float:
    try:
        return float(said[name])
    except (KeyError, ValueError) as error:
        raise BadDrawing(f"no number for {name}") from error


def _color(text: str) -> str:
    if text not in (_INK, "none") and _COLOR.fullmatch(text) is None:
        raise BadDrawing(f"no colour: {text}")
    return text


def _pen(shape: Shape, ink: str) -> QPen:
    if shape.stroke == "none":
        return QPen(Qt.PenStyle.NoPen)
    pen = QPen(QColor(ink if shape.stroke == _INK else shape.stroke))
    pen.setWidthF(shape.width)
    pen.setCapStyle(shape.cap)
    pen.setJoinStyle(shape.join)
    return pen
