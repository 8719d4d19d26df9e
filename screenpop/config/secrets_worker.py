"""The worker process that talks to the keychain for the running app.

keyring with what it needs (D-Bus, cryptography) takes 11 MiB that the app would hold
for all its life, to read a few secrets at its start. So the app starts this program
once more with ``keychain-worker`` and writes one question a line to its input; each is
answered by one line. Secrets pass through these two pipes and through nothing else.
"""

from __future__ import annotations

import json
import threading
from typing import IO, TYPE_CHECKING, Any, Final

from screenpop.config.secrets import (
    SERVICE,
    entry_of,
    open_backend,
    remove,
    translated,
)
from screenpop.domain.errors import SecretError
from screenpop.wording import tr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

COMMAND: Final = "keychain-worker"


def serve(questions: IO[bytes], answers: IO[bytes]) -> int:
    """Answer one question after the other until their stream ends.

    A question is an object with ``do`` (get, set or delete), ``account``, ``name`` and
    for set ``value``. An answer has ``value`` (null for none), or the ``kind``,
    ``title`` and ``advice`` of an error.

    Returns:
        The exit status of the worker.
    """
    desk = _Desk(answers)
    for line in questions:
        # Whoever asked may be gone before a prompt is answered; then we end as well,
        # so the prompt must not hold the thread that sees the input end.
        threading.Thread(target=desk.answer, args=(line,), daemon=True).start()
    return 0


class _Desk:
    """Answers questions with one keychain, opened at the first of them."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._backend: KeyringBackend | None = None

    def answer(self, line: bytes) -> None:
        try:
            told: dict[str, object] = {"value": self._done(json.loads(line))}
        except SecretError as error:
            told = _told(error)
        except Exception as error:  # noqa: BLE001 - told to the app, which waits
            told = _told(
                SecretError(
                    tr("The keychain failed ({name})", name=type(error).__name__)
                )
            )
        try:
            self._answers.write(json.dumps(told).encode() + b"\n")
            self._answers.flush()
        except OSError:
            # The app is gone, and with it the wish for the answer.
            return

    def _done(self, question: dict[str, Any]) -> str | None:
        if self._backend is None:
            self._backend = open_backend()
        entry = entry_of(question["account"], question["name"])
        match question["do"]:
            case "get":
                return translated(
                    self._backend, lambda chain: chain.get_password(SERVICE, entry)
                )
            case "set":
                value = str(question["value"])
                translated(
                    self._backend,
                    lambda chain: chain.set_password(SERVICE, entry, value),
                )
            case _:
                translated(self._backend, lambda chain: remove(chain, entry))
        return None


def _told(error: SecretError) -> dict[str, object]:
    return {
        "kind": type(error).__name__,
        "title": error.title,
        "advice": error.advice,
    }
