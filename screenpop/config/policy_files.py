"""Policies in TOML files: a whole one, or what can be saved of a broken one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop.config.layers import layered
from screenpop.config.policy_guard import (
    PolicyRefusedError,
    read_guarded,
    refuse_folders,
)
from screenpop.config.policy_layer import (
    PolicyLayer,
    PolicyOrigin,
    layer_of,
    straightened,
)
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.toml_file import BrokenError, parse_toml
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.policy_places import PolicyPlaces

_MOST_DROP_INS: Final = 100
_HEAD: Final = re.compile(r"^[ \t]*\[\[?[\w.-]+\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)
_LOCKED: Final = re.compile(r"^[ \t]*locked[ \t]*=[ \t]*\[([^\]]*)", re.MULTILINE)
_QUOTED: Final = re.compile(r"[\"']([\w.-]+)[\"']")
_REPLACED: Final = "\ufffd"


def read_policy_files(places: PolicyPlaces) -> Iterator[PolicyLayer]:
    """A layer for each file there is, the weakest first; never raises."""
    for path in places.files:
        layer = _guarded(path, _origin_of(path), places)
        if layer is not None:
            yield layer
    for folder in places.folders:
        yield from _drop_ins(folder, places)


def layer_of_file(path: Path, data: bytes, origin: PolicyOrigin) -> PolicyLayer:
    """What the bytes of a policy file say, as far as they can be read."""
    try:
        return layer_of(origin, str(path), parse_toml(data))
    except BrokenError as error:
        text = tr("{error}; only what can be read of it holds", error=error)
        table, locked = _saved(data.decode("utf-8-sig", "replace"))
        problem = SettingsProblem(path.name, text)
        return layer_of(
            origin,
            str(path),
            table,
            locked=locked,
            problems=(problem,),
            is_broken=True,
        )


def refused_layer(path: Path, origin: PolicyOrigin, why: object) -> PolicyLayer:
    """A layer of nothing but what is wrong with it."""
    text = tr("{error}; this policy is refused", error=why)
    problem = SettingsProblem(path.name, text)
    return layer_of(origin, str(path), {}, problems=(problem,), is_broken=True)


def _origin_of(path: Path) -> PolicyOrigin:
    if path.name == "config.toml":
        return PolicyOrigin.EVERYBODY
    return PolicyOrigin.MACHINE_FILE


def _guarded(
    path: Path, origin: PolicyOrigin, places: PolicyPlaces
) -> PolicyLayer | None:
    try:
        data = read_guarded(path, places)
    except PolicyRefusedError as error:
        return refused_layer(path, origin, error)
    return None if data is None else layer_of_file(path, data, origin)


def _drop_ins(folder: Path, places: PolicyPlaces) -> Iterator[PolicyLayer]:
    origin = PolicyOrigin.DROP_IN
    try:
        refuse_folders(folder, places)
        names = sorted(each.name for each in folder.iterdir())
    except FileNotFoundError:
        return
    except PolicyRefusedError as error:
        yield refused_layer(folder, origin, error)
        return
    except OSError as error:
        why = tr("it cannot be read: {reason}", reason=error.strerror)
        yield refused_layer(folder, origin, why)
        return
    # What editors and package managers leave behind has other endings.
    paths = [folder / name for name in names if name.endswith(".toml")]
    for path in paths[:_MOST_DROP_INS]:
        if path.name.startswith("."):
            continue
        layer = _guarded(path, origin, places)
        if layer is not None:
            yield layer
    for path in paths[_MOST_DROP_INS:]:
        yield refused_layer(path, origin, tr("there are too many files beside it"))


# --- what can be saved ---------------------------------------------------------------


def _saved(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Everything in a broken document that can be read by itself, and its locks.

    A slip in one line must not free what the others lock.
    """
    lines = [line for line in text.splitlines() if _REPLACED not in line]
    document = "\n".join(lines)
    starts = [match.start() for match in _HEAD.finditer(document)]
    bounds = [0, *starts, len(document)]
    table: dict[str, Any] = {}
    for begin, end in pairwise(bounds):
        table = layered(table, _saved_section(document[begin:end]))
    named = (_QUOTED.findall(found) for found in _LOCKED.findall(document))
    return table, tuple(place for places in named for place in places)


def _saved_section(text: str) -> dict[str, Any]:
    """The section, or else those of its lines that can be read alone."""
    table = _parsed(text)
    if table is not None:
        return straightened(table)
    head, *lines = text.strip().splitlines() or [""]
    if head.lstrip().startswith("[["):
        whole = straightened(_parsed(head) or {})
        if any(isinstance(value, list) for value in whole.values()):
            return {}  # half an account is none
        head = head.replace("[[", "[").replace("]]", "]")
    if not _HEAD.match(head):
        head, lines = "", [head, *lines]
    saved: dict[str, Any] = {}
    for line in lines:
        saved = layered(saved, _parsed(f"{head}\n{line}\n") or {})
    return saved


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return parse_toml(text.encode())
    except BrokenError:
        return None
