"""Read and press what a screen reader would: `read_accessible.py PID [COMMAND …]`.

Run with the system's Python (`/usr/bin/python3`), the one that has PyGObject. Prints
JSON. Commands:

    tree                 all objects of the program: path, role, name, actions
    press NAME [WITHIN]  do the first action of the button with that name; with WITHIN,
                         the one in the window of that name
    listen               each announcement as one line, until ended
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gi  # type: ignore[import-not-found]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

# Run by another Python, which has no idea where the tests are.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.waiting import until  # noqa: E402

_DEEPEST = 12


def program(process_id: int, seconds: float = 10.0) -> Any:
    """The accessible object of the program with that process id; None if none came."""

    def look() -> Any:
        desktop = Atspi.get_desktop(0)
        for at in range(desktop.get_child_count()):
            found = desktop.get_child_at_index(at)
            if found is not None and found.get_process_id() == process_id:
                return found
        return None

    try:
        return until(look, "the program on the accessibility bus", seconds=seconds)
    except TimeoutError:
        return None


def walk(thing: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Every object with its depth, parents first."""
    if thing is None or depth > _DEEPEST:
        return
    yield thing, depth
    for at in range(thing.get_child_count()):
        yield from walk(thing.get_child_at_index(at), depth + 1)


def is_showing(thing: Any) -> bool:
    """Whether it is on the screen."""
    return bool(thing.get_state_set().contains(Atspi.StateType.SHOWING))


def described(thing: Any, depth: int) -> dict[str, object]:
    """The object as a record for JSON."""
    actions = thing.get_action_iface()
    count = actions.get_n_actions() if actions else 0
    return {
        "depth": depth,
        "role": thing.get_role_name(),
        "name": thing.get_name(),
        "description": thing.get_description(),
        "is_showing": is_showing(thing),
        "actions": [actions.get_action_name(at) for at in range(count)],
    }


def tree(root: Any) -> list[dict[str, object]]:
    """All objects of the program."""
    return [described(thing, depth) for thing, depth in walk(root)]


def press(root: Any, name: str, within: str = "") -> dict[str, bool]:
    """Do the first action of the button with that name."""
    for window, _ in walk(root):
        if within and window.get_name() != within:
            continue
        for thing, _ in walk(window):
            if thing.get_name() == name and is_showing(thing):
                actions = thing.get_action_iface()
                if actions is not None and actions.get_n_actions():
                    return {"pressed": bool(actions.do_action(0))}
    return {"pressed": False}


def listen(process_id: int) -> None:
    """Write each announcement of the program as one line of JSON, until ended."""

    def hear(event: Any) -> None:
        if event.source.get_process_id() == process_id:
            sys.stdout.write(json.dumps(event.any_data) + "\n")
            sys.stdout.flush()

    listener = Atspi.EventListener.new(hear)
    listener.register("object:announcement")
    GLib.MainLoop().run()


def main(arguments: list[str]) -> None:
    """Do the command and print its result."""
    process_id = int(arguments[0])
    command, rest = (arguments[1:2] or ["tree"])[0], arguments[2:]
    if command == "listen":
        listen(process_id)
    root = program(process_id)
    if root is None:
        sys.exit(f"no accessible program with process id {process_id}")
    result: object = tree(root) if command == "tree" else press(root, *rest)
    json.dump(result, sys.stdout)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
