"""Keys and tokens in the keychain of the operating system, never in a file of ours."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from screenpop.domain.errors import (
    KeychainLocked,
    KeychainMissing,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from screenpop.wording import tr

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE: Final = "screenpop"
PROMPT_SECONDS: Final = 60.0
# Windows keeps 2,560 bytes of UTF-16 (jaraco/keyring#540).
_LONGEST_SECRET: Final = 1200
_HOOK_TOKEN_BYTES: Final = 32
_ALLOWED_MODULES: Final = tuple(
    f"keyring.backends.{name}"
    for name in ("SecretService", "kwallet", "libsecret", "macOS", "Windows")
)
_CHAINER: Final = "keyring.backends.chainer"
_LINUX_CANDIDATES: Final = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
)
_CANDIDATES: Final = {
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
}


class SecretStore(Protocol):
    """Keeps the secrets of accounts by name."""

    async def get(self, account_id: str, name: str) -> Secret:
        """The secret.

        Raises:
            SecretMissing: It was never stored.
            KeychainLocked: The keychain is locked or does not answer.
            KeychainMissing: There is no keychain fit for secrets.
            SecretError: It failed in another way.
        """
        ...

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        """Store or overwrite the secret.

        Raises:
            SecretError: As for ``get``, or the secret is empty or too long.
        """
        ...

    async def delete(self, account_id: str, name: str) -> None:
        """Remove the secret; one that is not there is fine.

        Raises:
            SecretError: As for ``get``.
        """
        ...

    def known_values(self) -> frozenset[str]:
        """Every secret seen so far, for those who must keep them out of texts."""
        ...


def new_hook_token() -> Secret:
    """A fresh 256-bit token for a webhook's path, safe in URLs."""
    from secrets import token_urlsafe  # 10 ms that a start saves

    return Secret(token_urlsafe(_HOOK_TOKEN_BYTES))


def environment_name(account_id: str, name: str) -> str:
    """The variable a server reads a secret from: SCREENPOP_SECRET_ACME_API_KEY."""
    return f"SCREENPOP_SECRET_{account_id}_{name}".upper().replace("-", "_")


class MemorySecretStore:
    """Secrets for as long as the process lives, for the demo and for tests."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str], Secret] = {}
        self._seen: set[str] = set()

    async def get(self, account_id: str, name: str) -> Secret:
        """The secret; see ``SecretStore``."""
        secret = self._secrets.get((account_id, name))
        if secret is None:
            raise missing(account_id, name)
        return secret

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        """Store or overwrite the secret; see ``SecretStore``."""
        self.put(account_id, name, secret)

    def put(self, account_id: str, name: str, secret: Secret) -> None:
        """Store a secret before there is an event loop."""
        check(secret)
        self._seen.add(secret.reveal())
        self._secrets[account_id, name] = secret

    async def delete(self, account_id: str, name: str) -> None:
        """Remove the secret; see ``SecretStore``."""
        self._secrets.pop((account_id, name), None)

    def known_values(self) -> frozenset[str]:
        """Every secret seen so far."""
        return frozenset(self._seen)


class KeychainSecretStore:
    """Secrets in the operating system's keychain, through keyring.

    Every access runs in a thread of its own, for an unlock prompt may stand open for
    as long as nobody looks.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = PROMPT_SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            timeout_seconds: How long the user may take to unlock the keychain.
            environment: Where to look first, for servers without a keychain:
                usually ``os.environ``; None to look in the keychain only.
        """
        self._timeout_seconds = timeout_seconds
        self._environment = environment
        self._seen: set[str] = set()
        self._backend: KeyringBackend | None = None

    async def get(self, account_id: str, name: str) -> Secret:
        """The secret; see ``SecretStore``."""
        value = (self._environment or {}).get(environment_name(account_id, name))
        if not value:
            entry = entry_of(account_id, name)
            value = await self._ask(lambda chain: chain.get_password(SERVICE, entry))
        if not value:
            raise missing(account_id, name)
        self._seen.add(value)
        return Secret(value)

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        """Store or overwrite the secret; see ``SecretStore``."""
        check(secret)
        value = secret.reveal()
        self._seen.add(value)
        entry = entry_of(account_id, name)
        await self._ask(lambda chain: chain.set_password(SERVICE, entry, value))

    async def delete(self, account_id: str, name: str) -> None:
        """Remove the secret; see ``SecretStore``."""
        entry = entry_of(account_id, name)
        await self._ask(lambda chain: remove(chain, entry))

    def known_values(self) -> frozenset[str]:
        """Every secret seen so far."""
        return frozenset(self._seen)

    async def check(self) -> str:
        """The name of the keychain in use, for the doctor.

        Raises:
            SecretError: There is none, or it does not open.
        """
        await self._ask(lambda chain: chain.get_password(SERVICE, "doctor/probe"))
        backend = self._backend
        return "" if backend is None else type(backend).__module__.rpartition(".")[2]

    async def _ask(self, question: Callable[[KeyringBackend], T]) -> T:
        def work() -> T:
            if self._backend is None:
                self._backend = open_backend()
            return translated(self._backend, question)

        return await in_thread(work, self._timeout_seconds)


def translated(backend: KeyringBackend, question: Callable[[KeyringBackend], T]) -> T:
    """The answer, with keyring's errors made ours.

    Raises:
        SecretError: Or one of its kin.
    """
    from keyring import errors

    try:
        return question(backend)
    except (errors.KeyringLocked, errors.InitError) as error:
        raise KeychainLocked(tr("The keychain is locked")) from error
    except errors.NoKeyringError as error:
        raise KeychainMissing(tr("There is no keychain on this machine")) from error
    # Backends let through what their system libraries raise: D-Bus, Win32, macOS.
    except Exception as error:
        kind = type(error).__name__
        if "Locked" in kind or "Dismissed" in kind:
            raise KeychainLocked(tr("The keychain is locked")) from error
        raise SecretError(
            tr("The keychain failed ({kind})", kind=kind),
            tr("See that your keychain runs and is unlocked, then try again."),
        ) from error


def remove(backend: KeyringBackend, entry: str) -> None:
    """Delete an entry; one that is not there is fine."""
    from keyring.errors import PasswordDeleteError

    try:
        backend.delete_password(SERVICE, entry)
    except PasswordDeleteError:
        # Several backends say so for "was not there" and for "refused" alike.
        if backend.get_password(SERVICE, entry) is not None:
            raise


def open_backend() -> KeyringBackend:
    """The keychain to use.

    Named outright: keyring's own search imports every plug-in there is, which takes
    80 ms, and settles for a plain-text file when one of them offers that.

    Raises:
        KeychainMissing: None is fit.
    """
    from keyring import core

    try:
        chosen = core.load_env() or core.load_config()
    except (ImportError, AttributeError, ValueError, RuntimeError, OSError) as error:
        raise KeychainMissing(
            tr("The keychain chosen in keyring's settings cannot be opened"),
            tr("Take PYTHON_KEYRING_BACKEND or keyringrc.cfg away, or mend it."),
        ) from error
    if chosen is not None:
        return _allowed(chosen)
    for name in _CANDIDATES.get(sys.platform, _LINUX_CANDIDATES):
        try:
            return core.load_keyring(name)
        except (ImportError, RuntimeError, OSError):
            continue  # not on this machine; the next one may be
    raise KeychainMissing(tr("There is no keychain on this machine"))


def _allowed(backend: KeyringBackend) -> KeyringBackend:
    module = type(backend).__module__
    parts = list(getattr(backend, "backends", ())) if module == _CHAINER else [backend]
    refused = [part for part in parts if not _is_allowed(part)]
    if refused or not parts:
        names = ", ".join(type(part).__module__ for part in refused) or module
        raise KeychainMissing(
            tr(
                "keyring is set to {names}, which does not keep secrets safe",
                names=names,
            ),
        )
    return backend


def _is_allowed(backend: KeyringBackend) -> bool:
    module = type(backend).__module__
    return any(
        module == allowed or module.startswith(f"{allowed}.")
        for allowed in _ALLOWED_MODULES
    )


def entry_of(account_id: str, name: str) -> str:
    """What the secret is called in the keychain."""
    return f"{account_id}/{name}"


def missing(account_id: str, name: str) -> SecretMissing:
    """The error for a secret that was never stored."""
    return SecretMissing(
        tr(
            'No {name} is stored for the account "{account_id}"',
            name=name,
            account_id=account_id,
        ),
        tr(
            "Store it with: screenpop account set-secret {account_id} {name}",
            account_id=account_id,
            name=name,
        ),
    )


def check(secret: Secret) -> None:
    """See that a keychain can take the secret.

    Raises:
        SecretError: It is empty or too long.
    """
    length = len(secret.reveal())
    if not length:
        raise SecretError(tr("The secret is empty"), tr("Enter it again."))
    if length > _LONGEST_SECRET:
        raise SecretError(
            tr("The secret has {count} characters", count=length),
            tr(
                "A keychain entry holds {count}; check what was pasted.",
                count=_LONGEST_SECRET,
            ),
        )


async def in_thread(work: Callable[[], T], timeout_seconds: float) -> T:
    """Run ``work`` in a daemon thread, which a hanging prompt cannot keep alive.

    An executor would not do: the loop and the interpreter wait for its threads.

    Raises:
        KeychainLocked: There was no answer in time.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    answer: Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (handed over, not swallowed)
            _deliver(loop, answer, answer.set_exception, error)
        else:
            _deliver(loop, answer, answer.set_result, result)

    threading.Thread(target=run, name="keychain", daemon=True).start()
    try:
        async with asyncio.timeout(timeout_seconds):
            return await answer
    except TimeoutError:
        raise KeychainLocked(
            tr(
                "The keychain gave no answer for {count} seconds",
                count=f"{timeout_seconds:.0f}",
            ),
            tr("Look for its prompt, unlock it and try again."),
        ) from None


def _deliver(
    loop: AbstractEventLoop,
    answer: Future[T],
    settle: Callable[[T], None] | Callable[[BaseException], None],
    outcome: object,
) -> None:
    def settle_now() -> None:
        if not answer.done():
            settle(outcome)  # type: ignore[arg-type]

    try:
        loop.call_soon_threadsafe(settle_now)
    except RuntimeError:
        # The loop is gone: a prompt was answered that nobody waits for any more.
        return
