"""What a user reads is marked for translation, in every layer."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from languages import NOT_FOR_USERS
from screenpop.domain import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "screenpop"
MARKS: Final = {"tr", "tr_count", "tr_in", "marked"}
ERRORS: Final = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.ScreenpopError)
} | {"UserNotice"}
SHOWING: Final = {
    *("setText", "setToolTip", "setTitle", "setWindowTitle", "setPlaceholderText"),
    *("setAccessibleName", "setAccessibleDescription", "setStatusTip", "setLabelText"),
    *("addAction", "addMenu", "showMessage", "say", "show_text", "show_hint"),
    *("heading", "label", "TextButton", "TextBlock", "Tick", "Labelled"),
}
FIELDS: Final = {"AccountField", "SourceField", "HistoryChoice"}
SENTENCE: Final = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}.* |^[A-Z][a-z]+( [a-z]+)+$")
NOT_FOR_EYES: Final = (
    *("ui/demo", "ui/drawing.py", "ui/path_data.py", "ui/theme/", "ui/lean_qt.py"),
    *("ui/event_loop.py", "ui/popup/sample.py", "ui/qt_texts.py", "ui/build_proof.py"),
)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the program, by its place in the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def called(node: ast.expr) -> str:
    """The last name of what a call calls."""
    if isinstance(node, ast.Call):
        node = node.func
    return getattr(node, "attr", "") or getattr(node, "id", "")


def is_literal(node: ast.AST) -> bool:
    """Whether it is a text, put together or not."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def has_letters(node: ast.AST) -> bool:
    """Whether a text holds anything to translate."""
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [each.value for each in values if isinstance(each, ast.Constant)]
    return any(re.search(r"[A-Za-z]{2}", str(text)) for text in texts)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in it."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def place(name: str, node: ast.expr) -> str:
    """Where it is and how it reads."""
    return f"screenpop/{name}:{node.lineno}: {ast.unparse(node)[:90]}"


def test_only_whole_sentences_are_translated() -> None:
    # A variable would never be found by whoever takes the texts out of the source.
    loose = [
        place(name, call)
        for name, tree in modules().items()
        if name != "wording.py"
        for call in calls(tree)
        if called(call) in MARKS and isinstance(call.func, ast.Name)
        for text in call.args[: 2 if called(call) in ("tr_count", "tr_in") else 1]
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str))
    ]
    assert loose == [], "mark the sentences with marked(), and use tr_marked() here"


def test_what_errors_and_notices_say_is_marked() -> None:
    plain = [
        place(name, text)
        for name, tree in modules().items()
        if not name.startswith(NOT_FOR_USERS)
        for call in calls(tree)
        if called(call) in ERRORS
        for text in call.args[:3]
        if is_literal(text) and has_letters(text) and " " in ast.unparse(text)
    ]
    assert plain == [], "these texts should stand in tr()"


def test_labels_of_fields_are_marked() -> None:
    plain = [
        place(name, keyword.value)
        for name, tree in modules().items()
        if not name.startswith(NOT_FOR_USERS)
        for call in calls(tree)
        if called(call) in FIELDS
        for keyword in call.keywords
        if keyword.arg in ("label", "help") and is_literal(keyword.value)
        if has_letters(keyword.value)
    ]
    assert plain == [], "these texts should stand in marked()"


def test_what_windows_show_is_marked() -> None:
    plain = []
    for name, tree in modules().items():
        if not name.startswith("ui/") or name.startswith(NOT_FOR_EYES):
            continue
        apart = set(map(id, _not_shown(tree)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in SHOWING:
                shown = [text for text in node.args if is_literal(text)]
                plain += [place(name, text) for text in shown if _reads(text)]
            elif is_literal(node) and id(node) not in apart and _is_sentence(node):
                assert isinstance(node, ast.expr)
                plain.append(place(name, node))
    assert plain == [], "these texts should stand in tr() or marked()"


def _reads(text: ast.expr) -> bool:
    words = str(getattr(text, "value", "")) or ast.unparse(text)
    return bool(re.search(r"[A-Z][a-z]+|[a-z]+ [a-z]+", words)) and has_letters(text)


def _is_sentence(node: ast.AST) -> bool:
    if str(getattr(node, "value", "")).startswith("screenpop "):
        return False  # a command to type
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [each.value for each in values if isinstance(each, ast.Constant)]
    return any(SENTENCE.search(str(text)) for text in texts)


def _not_shown(tree: ast.Module) -> Iterator[ast.AST]:
    """What is marked, and what is for developers: docstrings, logs, style sheets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and is_literal(node.value):
            yield node.value
        elif isinstance(node, ast.Call) and _is_for_developers(node):
            yield from ast.walk(node)
        elif isinstance(node, ast.JoinedStr):
            # Its parts are looked at with it.
            yield from node.values


def _is_for_developers(call: ast.Call) -> bool:
    name, owner = called(call), getattr(call.func, "value", None)
    is_log = isinstance(owner, ast.Name) and owner.id == "_log"
    return is_log or name in {
        *MARKS,
        "setStyleSheet",
        "cast",
        "TypeVar",
        "AssertionError",
    }
