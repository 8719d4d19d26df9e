"""Finer abilities around voicemail and lost callers, asked for like all others.

What is said at the top of ``providers.protocol`` about errors holds here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.providers.abilities import LostCaller, Sound, Voicemail


@frozen(kw_only=True)
class VoicemailFilter:
    """Which messages.

    Attributes:
        extension: Whose; "" for those of the account's own extension.
        is_everyones: Of all extensions, whatever the account's own is.
        box: The id of one box.
        caller: Who left it, as the user typed the number.
        since: Left at this moment or later.
        until: Left at this moment or earlier.
    """

    extension: str = ""
    is_everyones: bool = False
    box: str = ""
    caller: str = ""
    since: datetime | None = None
    until: datetime | None = None


@runtime_checkable
class SupportsVoicemailFilters(Protocol):
    """Narrows the list of messages."""

    async def filter_voicemails(self, only: VoicemailFilter) -> tuple[Voicemail, ...]:
        """Messages that fit, newest first.

        Raises:
            RequestRejected: The vendor cannot be asked one of these.
        """
        ...


@runtime_checkable
class SupportsVoicemailDownload(Protocol):
    """Fetches the sound of a message itself, so that it can be kept or played here."""

    async def download_voicemail(self, voicemail_id: str) -> Sound:
        """The sound of a message, by a link that is fresh.

        The account's key goes to the vendor's own address only.

        Raises:
            NotFound: There is no such message, or no sound of it.
        """
        ...


@frozen(kw_only=True)
class LostCallerFilter:
    """Which callers to call back.

    Attributes:
        line: The number of ours that they called, as the user typed it.
        since: Called last at this moment or later.
        until: Called last at this moment or earlier.
    """

    line: str = ""
    since: datetime | None = None
    until: datetime | None = None


@runtime_checkable
class SupportsLostCallerFilters(Protocol):
    """Narrows the list of callers to call back."""

    async def filter_lost_callers(
        self, only: LostCallerFilter
    ) -> tuple[LostCaller, ...]:
        """Those who fit and whom nobody has called back yet."""
        ...
