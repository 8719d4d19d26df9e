"""A real running app without windows, as a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from screenpop.cli.account_desk import app_facts
from screenpop.config.paths import Paths
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE = 20


@contextlib.contextmanager
def running_app(*, ends_itself: bool = False) -> Iterator[None]:
    """The app of this home, up and with every account past its start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "screenpop", "--headless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for_app(
            lambda facts: (
                bool(facts["accounts"])
                and all(
                    each["state"] in ("live", "waiting") for each in facts["accounts"]
                )
            )
        )
        yield
        if not ends_itself:
            process.terminate()
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def wait_for_app(is_so: Callable[[Mapping[str, Any]], bool]) -> None:
    """Wait until the app says something of itself."""
    paths = Paths.from_environment()

    def ask() -> bool:
        facts = app_facts(paths)
        return bool(facts) and is_so(facts)

    until(ask, "the running app", seconds=PATIENCE)
