"""Every error that screenpop raises on purpose.

    ScreenpopError
    ├── ConfigurationError      a setting or file the user can mend
    │   └── PolicyError         a setting that an administrator locked
    ├── UsageError              a request that makes no sense as given
    ├── SecretError             the keychain gave no secret
    │   ├── SecretMissing       it was never stored
    │   ├── KeychainLocked      the keychain is there but locked
    │   └── KeychainMissing     no usable keychain on this machine
    ├── StoreError              the local database
    │   ├── StoreBusy           locked by another program
    │   ├── StoreFull           no room, or a read-only disk
    │   ├── StoreCorrupt        the file is damaged
    │   └── StoreTooNew         written by a newer screenpop
    ├── ListenerError           the local webhook listener could not start
    ├── InstanceError           the running app could not be reached
    ├── PayloadError            a delivery or answer that could not be read
    ├── ImportFailed            a contact file that could not be read
    ├── SoundUnavailable        nothing here plays a sound
    ├── UpdateError             a new version could not be had or put in place
    │   └── UpdateRefused           what was offered is not trusted
    ├── RelayError              the team's relay and its broker
    │   ├── RelayUnavailable        no connection, or no answer in time
    │   ├── RelayRefused            it does not let us in, or not do that
    │   ├── RelayMissing            no such stream, consumer, bucket or key
    │   └── RelayConflict           somebody else changed it first
    └── ProviderError           a phone system
        ├── ProviderUnavailable     no answer, or 5xx: try again later
        │   └── OutcomeUnknown      sent, but no answer: it may have happened
        ├── ProviderThrottled       429: wait ``retry_after_seconds``
        ├── AuthenticationFailed    401: ask for the key again
        ├── PermissionDenied        403: the key may not do this
        ├── NotFound                404
        ├── NotOffered              the vendor or the plan has no such thing
        ├── QuotaExceeded           a limit of the account is used up
        └── RequestRejected         400, 405, 406, 409, 422: our request was wrong

Each carries a ``title`` (what went wrong, one line) and ``advice`` (what the user
can do), in the user's language; as text, and so in logs, an error reads in English.
Neither ever holds a secret, a URL with a secret, or a full phone number.
"""

from __future__ import annotations

from screenpop.wording import Marked, english, marked, tr_marked


class ScreenpopError(Exception):
    """The base of every error that a user may see.

    Attributes:
        title: What went wrong, one sentence without a full stop.
        advice: What the user can do about it; may be empty.
    """

    default_advice: Marked = Marked("")

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(english(title))
        self.title = title
        self.advice = advice or tr_marked(self.default_advice)

    def __str__(self) -> str:
        title, advice = english(self.title), english(self.advice)
        return f"{title}. {advice}" if advice else title


class ConfigurationError(ScreenpopError):
    """A setting or a file of ours is wrong and the user can mend it."""


class PolicyError(ConfigurationError):
    """An administrator locked this setting."""

    default_advice = marked("Ask your administrator to change it.")


class UsageError(ScreenpopError):
    """What was asked for makes no sense as given."""


class SecretError(ScreenpopError):
    """The keychain gave no secret."""


class SecretMissing(SecretError):
    """No secret of that name was ever stored."""


class KeychainLocked(SecretError):
    """The keychain is there but locked, or its prompt was dismissed."""

    default_advice = marked("Unlock your keychain and try again.")


class KeychainMissing(SecretError):
    """No usable keychain runs on this machine."""

    default_advice = marked(
        "Install and start a keychain: GNOME Keyring or KWallet on Linux; "
        "Windows and macOS have one built in."
    )


class StoreError(ScreenpopError):
    """The local database could not do its work."""


class StoreBusy(StoreError):
    """Another program holds the database."""


class StoreFull(StoreError):
    """The disk is full or cannot be written."""

    default_advice = marked("Free some disk space or make the folder writable.")


class StoreCorrupt(StoreError):
    """The database file is damaged."""


class StoreTooNew(StoreError):
    """A newer screenpop wrote this database."""

    default_advice = marked("Update screenpop; the database was left untouched.")


class ListenerError(ScreenpopError):
    """The webhook listener could not start."""


class InstanceError(ScreenpopError):
    """The running app could not be reached."""


class PayloadError(ScreenpopError):
    """A delivery or an answer has a shape that cannot be read."""


class ImportFailed(ScreenpopError):
    """A contact file could not be read."""


class SoundUnavailable(ScreenpopError):
    """Nothing on this computer plays a sound."""


class UpdateError(ScreenpopError):
    """A new version of the program could not be had or put in place."""


class UpdateRefused(UpdateError):
    """What was offered as a new version is not trusted; nothing of it is used."""

    default_advice = marked("Nothing was changed. screenpop looks again tomorrow.")


class RelayError(ScreenpopError):
    """The team's relay did not do what was asked."""


class RelayUnavailable(RelayError):
    """No connection to the team's relay, or no answer in time."""

    default_advice = marked("screenpop tries again by itself.")


class RelayRefused(RelayError):
    """The team's relay does not let us in, or does not let us do that."""

    default_advice = marked("Ask whoever runs your team's relay.")


class RelayMissing(RelayError):
    """The team's relay has no such thing."""


class RelayConflict(RelayError):
    """Somebody else changed it first."""


class ProviderError(ScreenpopError):
    """A phone system did not do what was asked."""


class ProviderUnavailable(ProviderError):
    """The phone system gave no answer or says it is out of order."""

    default_advice = marked("screenpop tries again by itself.")


class OutcomeUnknown(ProviderUnavailable):
    """The request was sent, but whether it took effect is not known."""

    default_advice = marked("Look at your phone before you try again.")


class ProviderThrottled(ProviderError):
    """The phone system asks for fewer requests.

    Attributes:
        retry_after_seconds: How long the vendor asks to wait; None when it does
            not say.
    """

    default_advice = marked("screenpop waits and tries again by itself.")

    def __init__(
        self, title: str, advice: str = "", *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(title, advice)
        self.retry_after_seconds = retry_after_seconds


class AuthenticationFailed(ProviderError):
    """The phone system refuses the key."""

    default_advice = marked("Enter the account's key again.")


class PermissionDenied(ProviderError):
    """The key is right but may not do this."""

    default_advice = marked("Ask whoever runs your phone system for the permission.")


class NotFound(ProviderError):
    """The phone system knows no such thing."""


class NotOffered(ProviderError):
    """This vendor, or this account's plan, has no such ability."""


class QuotaExceeded(ProviderError):
    """A limit of the account is used up."""


class RequestRejected(ProviderError):
    """The phone system found our request wrong."""
