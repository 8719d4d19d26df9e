"""The program's icon as the files that Windows and macOS want, from our own drawing.

Qt paints it; the containers are written here. ``write_ico`` and ``write_icns`` need the
environment with Qt, and no display.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from screenpop.ui.theme.palette import LIGHT

ROOT: Final = Path(__file__).resolve().parent.parent
DRAWING: Final = ROOT / "resources" / "icons" / "app.svg"

ICO_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 256)
"""Edges in pixels: what Explorer and the taskbar ask for at 100 to 250 %."""

# Larger ones are packed: as plain pixels, 256 alone would be 256 kB.
_LARGEST_PLAIN: Final = 48

ICNS_KINDS: Final = {
    "icp4": 16,
    "icp5": 32,
    "ic11": 32,
    "ic12": 64,
    "ic07": 128,
    "ic08": 256,
    "ic13": 256,
    "ic09": 512,
    "ic14": 512,
    "ic10": 1024,
}
"""The kinds of picture that hold a PNG, and their edges in pixels."""

# The drawing's edge lies at 1/24; macOS has shapes fill 824 of 1024 pixels.
_MACOS_SCALE: Final = (824 / 1024) / (22 / 24)


def write_ico(path: Path) -> None:
    """Write the icon of the Windows program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ico({size: _ico_picture(size) for size in ICO_SIZES}))


def write_icns(path: Path) -> None:
    """Write the icon of the macOS app."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sizes = set(ICNS_KINDS.values())
    path.write_bytes(icns({size: _png(paint(size, _MACOS_SCALE)) for size in sizes}))


def paint(size: int, scale: float = 1.0) -> QImage:
    """The icon, ``size`` pixels wide, the drawing scaled around its middle."""
    renderer = QSvgRenderer(QByteArray(coloured_drawing().encode()))
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    margin = size * (1 - scale) / 2
    renderer.render(painter, QRectF(margin, margin, size * scale, size * scale))
    painter.end()
    return image


def coloured_drawing() -> str:
    """The drawing as it is seen where nobody chooses a colour for it."""
    return DRAWING.read_text("utf-8").replace("currentColor", LIGHT.accent)


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon file of pictures by their edge in pixels, each a PNG or a bitmap."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    place = len(head) + 16 * len(pictures)
    entries = []
    for size, picture in pictures.items():
        edge = size % 256  # 256 is written as 0
        entries.append(
            struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(picture), place)
        )
        place += len(picture)
    return b"".join((head, *entries, *pictures.values()))


def icns(pictures: dict[int, bytes]) -> bytes:
    """An icon file of macOS of PNGs by their edge in pixels."""
    parts = [
        struct.pack(">4sI", kind.encode(), 8 + len(pictures[size])) + pictures[size]
        for kind, size in ICNS_KINDS.items()
    ]
    return struct.pack(">4sI", b"icns", 8 + sum(map(len, parts))) + b"".join(parts)


def _ico_picture(size: int) -> bytes:
    image = paint(size)
    return _png(image) if size > _LARGEST_PLAIN else _bitmap(image)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _bitmap(image: QImage) -> bytes:
    """The pixels from the bottom up, and a mask that hides none of them."""
    size = image.width()
    # BITMAPINFOHEADER; its height counts the mask too.
    head = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    pixels = bytes(image.constBits())
    rows = [pixels[at : at + 4 * size] for at in range(0, len(pixels), 4 * size)]
    mask = bytes((size + 31) // 32 * 4 * size)
    return head + b"".join(reversed(rows)) + mask
