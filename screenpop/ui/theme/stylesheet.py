"""The style sheet for Qt's own widgets, made of the colour roles. Knows no Qt.

Dynamic properties choose a variant: `kind` = "primary" | "quiet" | "danger" of a
QPushButton, `tone` = "soft" | "faint" | "good" | "bad" | "warn" | "accent" of a QLabel,
`panel` = "true" of a QFrame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.ui.theme.palette import Colors, mixed

if TYPE_CHECKING:
    from collections.abc import Callable


def stylesheet(colors: Colors, px: Callable[[float], int]) -> str:
    """The sheet for the whole application in these colours and this size."""
    parts = (_buttons, _fields, _lists, _menus, _scroll_bars, _labels)
    return "\n".join(part(colors, px) for part in parts)


def _buttons(colors: Colors, px: Callable[[float], int]) -> str:
    strong = mixed(colors.accent, colors.text, 0.16)
    return f"""
QPushButton, QToolButton {{
  background: {colors.surface}; color: {colors.text};
  border: 1px solid {colors.control_border}; border-radius: {px(6)}px;
  padding: {px(4)}px {px(12)}px; min-height: {px(20)}px; outline: none;
}}
QPushButton:hover, QToolButton:hover {{ background: {colors.hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {colors.pressed}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {colors.accent};
  padding: {px(4) - 1}px {px(12) - 1}px; }}
QPushButton:disabled, QToolButton:disabled {{
  color: {colors.control_border}; border-color: {colors.border};
}}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[kind="primary"] {{
  background: {colors.accent}; color: {colors.on_accent}; border-color: {colors.accent};
}}
QPushButton[kind="primary"]:hover {{ background: {strong}; }}
QPushButton[kind="primary"]:focus {{ border-color: {colors.text}; }}
QPushButton[kind="primary"]:disabled {{
  background: {colors.hover}; color: {colors.control_border};
  border-color: {colors.border};
}}
QPushButton[kind="quiet"], QToolButton {{
  background: transparent; border-color: transparent;
}}
QPushButton[kind="quiet"]:hover, QToolButton:hover {{ background: {colors.hover}; }}
QPushButton[kind="quiet"]:focus, QToolButton:focus {{ border-color: {colors.accent}; }}
QPushButton[kind="danger"] {{ color: {colors.bad}; border-color: {colors.bad}; }}
QPushButton[kind="danger"]:disabled {{
  color: {colors.control_border}; border-color: {colors.border};
}}
ActionButton {{ border: none; padding: 0; min-height: 0; }}
QToolButton {{ padding: {px(4)}px; }}
QToolButton:focus {{ padding: {px(4) - 1}px; }}
QToolButton:checked {{ background: {colors.accent_soft}; color: {colors.accent}; }}
"""


def _fields(colors: Colors, px: Callable[[float], int]) -> str:
    fields = "QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox"
    focused = ", ".join(f"{name.strip()}:focus" for name in fields.split(","))
    return f"""
{fields} {{
  background: {colors.surface}; color: {colors.text};
  border: 1px solid {colors.control_border}; border-radius: {px(6)}px;
  padding: {px(4)}px {px(8)}px;
  selection-background-color: {colors.selection}; selection-color: {colors.text};
}}
QLineEdit, QComboBox, QAbstractSpinBox {{ min-height: {px(20)}px; }}
{focused} {{
  border: 2px solid {colors.accent}; padding: {px(4) - 1}px {px(8) - 1}px;
}}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{
  color: {colors.control_border}; border-color: {colors.border};
  background: {colors.window};
}}
QComboBox::drop-down {{ border: none; width: {px(24)}px; }}
QComboBox QAbstractItemView {{ border: 1px solid {colors.border}; padding: {px(4)}px; }}
QCheckBox, QRadioButton {{ spacing: {px(8)}px; min-height: {px(24)}px; }}
"""


def _lists(colors: Colors, px: Callable[[float], int]) -> str:
    return f"""
QTableView, QTreeView, QListView {{
  background: {colors.surface}; color: {colors.text};
  border: 1px solid {colors.border}; border-radius: {px(8)}px;
  gridline-color: transparent; outline: 0;
  selection-background-color: {colors.selection}; selection-color: {colors.text};
}}
QTableView::item, QTreeView::item, QListView::item {{
  padding: {px(4)}px {px(8)}px; border: none;
}}
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover {{
  background: {colors.hover};
}}
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {{
  background: {colors.selection}; color: {colors.text};
}}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
  background: {colors.surface}; color: {colors.text_soft}; border: none;
  border-bottom: 1px solid {colors.border}; padding: {px(8)}px;
}}
QTabWidget::pane {{ border: none; border-top: 1px solid {colors.border}; }}
QTabBar::tab {{
  background: transparent; color: {colors.text_soft}; border: none;
  border-bottom: 2px solid transparent; padding: {px(8)}px {px(12)}px; outline: none;
}}
QTabBar::tab:focus {{ color: {colors.text}; background: {colors.hover}; }}
QTabBar::tab:hover {{ color: {colors.text}; }}
QTabBar::tab:selected {{
  color: {colors.accent}; border-bottom-color: {colors.accent};
}}
QTabBar::scroller {{ width: {px(52)}px; }}
QTabBar QToolButton {{
  background: {colors.window}; border: none; border-radius: {px(6)}px;
  padding: {px(2)}px; margin: {px(3)}px 0;
}}
QTabBar QToolButton:hover {{ background: {colors.hover}; }}
QFrame[panel="true"] {{
  background: {colors.surface}; border: 1px solid {colors.border};
  border-radius: {px(8)}px;
}}
QGroupBox {{
  border: none; margin-top: {px(28)}px; padding: 0; color: {colors.text};
}}
QGroupBox::title {{ subcontrol-origin: margin; padding: {px(4)}px 0; }}
QProgressBar {{
  background: {colors.hover}; border: none; border-radius: {px(3)}px;
  max-height: {px(6)}px; color: transparent;
}}
QProgressBar::chunk {{ background: {colors.accent}; border-radius: {px(3)}px; }}
"""


def _menus(colors: Colors, px: Callable[[float], int]) -> str:
    return f"""
QMenu {{
  background: {colors.surface}; color: {colors.text};
  border: 1px solid {colors.border}; padding: {px(4)}px;
}}
QMenu::item {{
  padding: {px(6)}px {px(24)}px {px(6)}px {px(8)}px; border-radius: {px(4)}px;
}}
QMenu::icon {{ padding-left: {px(8)}px; }}
QMenu::item:selected {{ background: {colors.selection}; }}
QMenu::item:disabled {{ color: {colors.text_faint}; }}
QMenu::separator {{
  height: 1px; background: {colors.border}; margin: {px(4)}px {px(8)}px;
}}
QToolTip {{
  background: {colors.surface}; color: {colors.text};
  border: 1px solid {colors.control_border}; padding: {px(4)}px {px(8)}px;
}}
"""


def _scroll_bars(colors: Colors, px: Callable[[float], int]) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: {px(10)}px; }}
QScrollBar:horizontal {{ height: {px(10)}px; }}
QScrollBar::handle {{
  background: {colors.control_border}; border-radius: {px(3)}px;
  margin: {px(2)}px; min-height: {px(24)}px; min-width: {px(24)}px;
}}
QScrollBar::handle:hover {{ background: {colors.text_faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _labels(colors: Colors, _px: Callable[[float], int]) -> str:
    tones = {
        "soft": colors.text_soft,
        "faint": colors.text_faint,
        "good": colors.good,
        "bad": colors.bad,
        "warn": colors.warn,
        "accent": colors.accent,
    }
    return "\n".join(
        f'QLabel[tone="{tone}"] {{ color: {color}; }}' for tone, color in tones.items()
    )
