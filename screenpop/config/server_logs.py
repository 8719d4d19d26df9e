"""Logs of a server: JSON lines on standard error, for whoever collects them.

What holds for the desktop's logs holds here: no secrets, no full numbers.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import queue
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from screenpop.config.redaction import Redactor

if TYPE_CHECKING:
    from screenpop.config.settings import LogLevel

_LONGEST_TEXT: Final = 16_000
_TALKATIVE: Final = ("httpx", "httpcore", "h11", "asyncio", "nats", "uvicorn")


class ServerLogs:
    """The running logs; ``stop`` ends them."""

    def __init__(
        self,
        *,
        level: LogLevel,
        known_secrets: Callable[[], Iterable[str]] = frozenset,
        stream: TextIO | None = None,
    ) -> None:
        """Start logging.

        Args:
            level: The least that is written.
            known_secrets: Gives the values that no line may hold.
            stream: Where to; standard error for none.
        """
        lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._intake = _Intake(lines, Redactor(known_secrets))
        writer = logging.StreamHandler(stream or sys.stderr)
        # A reader that is slow must not hold up the event loop.
        self._listener = logging.handlers.QueueListener(lines, writer)
        self._listener.start()
        root = logging.getLogger()
        root.setLevel(level.upper())
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        root.addHandler(self._intake)

    def stop(self) -> None:
        """Write what is queued."""
        logging.getLogger().removeHandler(self._intake)
        self._listener.stop()


class _Intake(logging.handlers.QueueHandler):
    """Makes a redacted line of a record, in the thread that it came from."""

    def __init__(self, lines: queue.SimpleQueue[Any], redactor: Redactor) -> None:
        super().__init__(lines)
        self._redactor = redactor
        self._tracebacks = logging.Formatter()

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        fields = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": self._redacted(_message_of(record)),
        }
        if record.exc_info:
            trace = self._tracebacks.formatException(record.exc_info)
            fields["traceback"] = self._redacted(trace)
        line = json.dumps(fields, ensure_ascii=False)
        line = line.encode("utf-8", "replace").decode()
        return logging.LogRecord(record.name, record.levelno, "", 0, line, None, None)

    def _redacted(self, text: str) -> str:
        return self._redactor(text[:_LONGEST_TEXT])


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg!r} with arguments that do not fit"
