"""Logs: JSON lines in a rotated file, without secrets and without full numbers.

What each level means, and every file written here, is in ``docs/files-and-logs.md``.
"""

from __future__ import annotations

import collections
import contextvars
import faulthandler
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, TextIO

from screenpop.config.line_file import LineFile, owner_only
from screenpop.config.redaction import Redactor
from screenpop.wording import english

if TYPE_CHECKING:
    from screenpop.config.settings import LogLevel

call_id: Final = contextvars.ContextVar("call_id", default="")
"""The call being worked on; set where a delivery is taken up."""

_KEPT_LINES: Final = 500
_LONGEST_TEXT: Final = 16_000
_LONGEST_READ: Final = 10 * _LONGEST_TEXT
_TALKATIVE: Final = ("httpx", "httpcore", "h11", "asyncio", "qasync", "keyring")
_log = logging.getLogger(__name__)


class Logs:
    """The running logs; ``stop`` ends them.

    Attributes:
        file: Where they are written; None when the folder cannot be written to.
        last_crash: What the Python interpreter left when the last run died of a fault,
            for the user to look at; None when it ended well.
    """

    def __init__(
        self,
        folder: Path,
        *,
        level: LogLevel = "info",
        known_secrets: Callable[[], Iterable[str]] = frozenset,
        program: str = "screenpop",
    ) -> None:
        """Start logging.

        Args:
            folder: Created when missing.
            level: The least that is written.
            known_secrets: Gives the values that no line may hold.
            program: The stem of the files' names; processes that run at the same
                time need different ones.
        """
        self._recent: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        self._before: list[tuple[logging.Logger, int]] = []
        self._crash_stream: TextIO | None = None
        self._had_faulthandler = False
        self.last_crash: Path | None = None
        self.file: Path | None = folder / f"{program}.log"
        problem = ""
        self._lines: LineFile | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open_crash_file(folder / f"{program}-crash.log")
            self._lines = LineFile(self.file)
        except OSError as error:
            self.file, problem = None, error.strerror or type(error).__name__
        self._intake = _Intake(self._lines, Redactor(known_secrets), self._recent)
        self._is_running = True
        self._install(level)
        if problem:
            _log.warning("no log file is written: %s", problem)

    def recent_lines(self) -> tuple[str, ...]:
        """The last lines, redacted as in the file, oldest first."""
        return tuple(self._recent)

    def set_level(self, level: LogLevel) -> None:
        """Change the least that is written."""
        logging.getLogger().setLevel(level.upper())

    def stop(self) -> None:
        """Write what is queued and leave logging as it was before."""
        if not self._is_running:
            return
        self._is_running = False
        for logger, level in reversed(self._before):
            logger.setLevel(level)
        self._before.clear()
        logging.getLogger().removeHandler(self._intake)
        sys.excepthook = self._excepthook_before
        threading.excepthook = self._thread_hook_before
        if self._lines is not None:
            self._lines.close()
        if self._crash_stream is not None:
            faulthandler.disable()
            if self._had_faulthandler and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)
            self._crash_stream.close()
            self._crash_stream = None

    def __enter__(self) -> Logs:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _install(self, level: LogLevel) -> None:
        root = logging.getLogger()
        levels = {root: logging.getLevelName(level.upper())}
        # At INFO, httpx writes whole URLs, keys in the query included.
        levels |= {logging.getLogger(name): logging.WARNING for name in _TALKATIVE}
        for logger, new in levels.items():
            self._before.append((logger, logger.level))
            logger.setLevel(new)
        root.addHandler(self._intake)
        self._excepthook_before = sys.excepthook
        self._thread_hook_before = threading.excepthook
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread

    def _open_crash_file(self, path: Path) -> None:
        if path.exists() and path.stat().st_size:
            self.last_crash = path.with_name(f"{path.stem}-last.log")
            path.replace(self.last_crash)
        descriptor = owner_only(str(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._crash_stream = os.fdopen(descriptor, "w", encoding="utf-8")
        self._had_faulthandler = faulthandler.is_enabled()
        faulthandler.enable(self._crash_stream)


class _Intake(logging.Handler):
    """Makes a redacted line of a record, in the thread and context it came from."""

    def __init__(
        self,
        lines: LineFile | None,
        redactor: Redactor,
        recent: collections.deque[str],
    ) -> None:
        super().__init__()
        self._lines = lines
        self._redactor = redactor
        self._recent = recent
        self._tracebacks = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line and have it written; other handlers see the record as it is."""
        try:
            line = self._line_of(record)
        except Exception:  # noqa: BLE001 - as every handler of the library's does
            self.handleError(record)
            return
        self._recent.append(line)
        if self._lines is not None:
            self._lines.put(line)

    def _line_of(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        fields = {
            "at": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": self._redacted(_message_of(record)),
        }
        call = call_id.get()
        if call:
            fields["call"] = self._redacted(call)
        if record.exc_info:
            text = self._tracebacks.formatException(record.exc_info)
            fields["traceback"] = self._redacted(text)
        if record.stack_info:
            fields["stack"] = self._redacted(record.stack_info)
        return json.dumps(fields, ensure_ascii=False)

    def _redacted(self, text: str) -> str:
        # Cut after redaction: half a secret would not be recognised.
        text = self._redactor(text[:_LONGEST_READ])
        if len(text) > _LONGEST_TEXT:
            text = f"{text[:_LONGEST_TEXT]} …"
        # Lone surrogates cannot be written as UTF-8.
        return text.encode("utf-8", "replace").decode()


def _message_of(record: logging.LogRecord) -> str:
    if isinstance(record.args, tuple):
        record.args = tuple(map(_in_english, record.args))
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg!r} with arguments that do not fit"


def _in_english(value: object) -> object:
    return english(value) if isinstance(value, str) else value


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _log.critical("uncaught error", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(details: threading.ExceptHookArgs) -> None:
    if details.exc_value is not None and details.exc_type is not SystemExit:
        name = details.thread.name if details.thread else "?"
        _log.critical(
            "uncaught error in thread %s",
            name,
            exc_info=(details.exc_type, details.exc_value, details.exc_traceback),
        )
