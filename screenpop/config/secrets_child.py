"""The keychain through a short-lived process: the app's side of ``secrets_worker``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from screenpop.config.secrets import (
    PROMPT_SECONDS,
    check,
    environment_name,
    in_thread,
    missing,
)
from screenpop.domain.errors import (
    KeychainLocked,
    KeychainMissing,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from screenpop.wording import tr

# Accounts are opened one after the other, so that one worker serves a whole start.
_LINGER_SECONDS: Final = 3.0
_END_SECONDS: Final = 5.0
_ENVIRONMENT_PREFIX: Final = environment_name("", "").rstrip("_") + "_"
_KINDS: Final = {
    kind.__name__: kind
    for kind in (SecretError, SecretMissing, KeychainLocked, KeychainMissing)
}


class ChildSecretStore:
    """Secrets in the operating system's keychain, which another process talks to.

    That process ends by itself a few seconds after the last question, or with the app.
    One that waits for a prompt serves nobody else; the next question gets its own.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float = PROMPT_SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is started yet.

        Args:
            command: Runs ``secrets_worker.serve`` on its input and output.
            timeout_seconds: How long the user may take to unlock the keychain.
            environment: Where to look first, for servers without a keychain:
                usually ``os.environ``; None to look in the keychain only.
        """
        self._command = tuple(command)
        self._timeout_seconds = timeout_seconds
        self._environment = environment
        self._seen: set[str] = set()
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    async def get(self, account_id: str, name: str) -> Secret:
        """The secret; see ``SecretStore``."""
        value = (self._environment or {}).get(environment_name(account_id, name))
        if not value:
            value = await self._ask(do="get", account=account_id, name=name)
        if not value:
            raise missing(account_id, name)
        self._seen.add(value)
        return Secret(value)

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        """Store or overwrite the secret; see ``SecretStore``."""
        check(secret)
        value = secret.reveal()
        self._seen.add(value)
        await self._ask(do="set", account=account_id, name=name, value=value)

    async def delete(self, account_id: str, name: str) -> None:
        """Remove the secret; see ``SecretStore``."""
        await self._ask(do="delete", account=account_id, name=name)

    def known_values(self) -> frozenset[str]:
        """Every secret seen so far."""
        return frozenset(self._seen)

    async def _ask(self, **question: str) -> str | None:
        worker = self._take()
        line = json.dumps(question).encode() + b"\n"
        is_answered = False
        try:
            answer = await in_thread(lambda: worker.ask(line), self._timeout_seconds)
            # One that has closed its end is on its way out, and may seem to run still.
            is_answered = answer != b""
        finally:
            if is_answered:
                self._keep(worker)
            else:
                worker.kill()
        return _value_of(answer)

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_running:
                    return worker
                worker.kill()
        return _Worker(self._command)

    def _keep(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)
        # A thread, as the app's loop may end before it is due.
        timer = threading.Timer(_LINGER_SECONDS, self._let_go, (worker, worker.asked))
        timer.daemon = True
        timer.start()

    def _let_go(self, worker: _Worker, asked: int) -> None:
        with self._lock:
            if worker not in self._idle or worker.asked != asked:
                return
            self._idle.remove(worker)
        worker.end()


class _Worker:
    """One process; it is started by the first question.

    Attributes:
        asked: How many questions it was asked.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._is_unwanted = False
        self._lock = threading.Lock()
        self.asked = 0

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and self._process.poll() is None

    def ask(self, line: bytes) -> bytes:
        """Put one question and wait for its answer; blocks.

        Returns:
            The answer's line; empty when the process ended without one.

        Raises:
            SecretError: It cannot be started.
        """
        self.asked += 1
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(line)
            process.stdin.flush()
            return process.stdout.readline()
        except (OSError, ValueError):
            # It ended, or was ended as nobody waits any more.
            return b""

    def end(self) -> None:
        """Have it end by itself; one that does not is killed."""
        process = self._process
        if process is None:
            return
        try:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(_END_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
        self._close(process)

    def kill(self) -> None:
        """End it at once, with its prompt if it shows one."""
        with self._lock:
            self._is_unwanted = True
            process = self._process
        if process is not None:
            process.kill()
            self._close(process)

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is not None:
                return self._process
            if self._is_unwanted:
                raise SecretError(tr("The keychain is not needed any more"))
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this very program
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment_without_secrets(),
                    creationflags=_window_flags(),
                )
            except OSError as error:
                raise SecretError(
                    tr(
                        "The keychain's helper could not be started: {reason}",
                        reason=error.strerror,
                    ),
                    tr("Install screenpop again."),
                ) from None
            return self._process

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                # What was not written yet has no reader any more.
                continue


def _value_of(line: bytes) -> str | None:
    """What a line of the worker says.

    Raises:
        SecretError: Or one of its kin: it tells of an error, or nothing at all.
    """
    try:
        answer: Any = json.loads(line)
        if "kind" in answer:
            kind = _KINDS.get(answer["kind"], SecretError)
            raise kind(str(answer["title"]), str(answer["advice"]))
        value = answer["value"]
    except (ValueError, KeyError, TypeError):
        # Without the cause: it would hold the line, and the line a secret.
        raise SecretError(
            tr("The keychain's helper ended unexpectedly"),
            tr("Try again; `screenpop doctor` may know more."),
        ) from None
    return None if value is None else str(value)


def _environment_without_secrets() -> dict[str, str]:
    """What the worker gets: those for servers are read before it is asked."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_ENVIRONMENT_PREFIX)
    }


def _window_flags() -> int:
    """No console window flashes up on Windows."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0
