"""Start the import worker, follow it and stop it: the app's side."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import ImportFailed
from screenpop.services.import_worker import COMMAND, STOP, ImportReport
from screenpop.services.own_program import own_command
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.services.import_worker import ImportJob

_STOP_SECONDS: Final = 5.0


class ImportProcess:
    """One worker process for one file; ``run`` blocks, ``stop`` may come from anywhere.

    Raises:
        ImportFailed: The worker cannot be started.
    """

    def __init__(self, job: ImportJob) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                own_command(COMMAND),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_window_flags(),
            )
        except OSError as error:
            raise ImportFailed(
                tr("The import could not be started: {reason}", reason=error.strerror),
                tr("Install screenpop again."),
            ) from None
        self._job = job
        self._lock = threading.Lock()
        self._is_stopped = False
        self._patience = threading.Timer(_STOP_SECONDS, self._process.kill)
        self._patience.daemon = True

    def run(
        self,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool] | None = None,
    ) -> ImportReport:
        """Follow the worker to its end.

        Raises:
            ImportFailed: The file cannot be read, or the database not written.
        """
        answer: dict[str, Any] = {}
        with self._process:
            self._begin()
            assert self._process.stdout is not None  # noqa: S101 - it is a pipe
            for line in self._process.stdout:
                answer = json.loads(line)
                if "done" in answer:
                    on_progress(int(answer["done"]))
                if should_stop is not None and should_stop():
                    self.stop()
        self._patience.cancel()
        return self._report(answer)

    def stop(self) -> None:
        """Have the worker leave everything as it was; a deaf one is ended."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            self._close_input(STOP)
            self._patience.start()

    def _begin(self) -> None:
        with self._lock:
            if self._is_stopped:
                return
            try:
                assert self._process.stdin is not None  # noqa: S101 - it is a pipe
                self._process.stdin.write(self._job.to_line())
                self._process.stdin.flush()
            except OSError:
                # It died at once; its missing answer says so.
                self._is_stopped = True

    def _close_input(self, last_word: bytes) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(last_word)
                self._process.stdin.close()
        except OSError:
            # The worker is gone already, which is what is wanted.
            return

    def _report(self, answer: dict[str, Any]) -> ImportReport:
        if "title" in answer:
            raise ImportFailed(answer["title"], answer["advice"])
        if "imported" in answer:
            return ImportReport(
                imported=answer["imported"],
                skipped=answer["skipped"],
                doubles=answer["doubles"],
                problems=tuple(answer["problems"]),
                is_stopped=answer["is_stopped"],
                taken_up=answer["taken_up"],
                unreadable=answer["unreadable"],
            )
        if self._is_stopped:
            return ImportReport(imported=0, is_stopped=True)
        raise ImportFailed(
            tr("The import ended unexpectedly"),
            tr(
                "Nothing was changed. Start it again and it goes on from there; "
                "`screenpop doctor` may know more."
            ),
        )


def _window_flags() -> int:
    """No console window flashes up on Windows, and the worker has low priority."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return 0
