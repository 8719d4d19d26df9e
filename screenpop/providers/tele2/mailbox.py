"""Messages that callers left, and callers to call back, at SmartMEX."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.domain.errors import NotFound
from screenpop.domain.frozen import frozen
from screenpop.domain.service_address import ServiceAddress
from screenpop.providers.mailbox import VoicemailFilter
from screenpop.providers.sounds import fetch_linked, sound_of
from screenpop.providers.tele2 import mapping
from screenpop.providers.tele2.client import SERVICE
from screenpop.providers.tele2.directory import NUMBER_STYLES, written
from screenpop.providers.tele2.payloads import read_lost_caller, read_voicemail
from screenpop.providers.tele2.requests import (
    LOST_CALLS,
    VOICEMAILS,
    LostCallQuery,
    VoicemailQuery,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.providers.abilities import LostCaller, Sound, Voicemail
    from screenpop.providers.mailbox import LostCallerFilter
    from screenpop.providers.tele2.client import Item, SmartMexClient
    from screenpop.providers.tele2.requests import Listing
    from screenpop.providers.tele2.staff import Staff

EVERYTHING = VoicemailFilter()


@frozen
class Mailbox:
    """The two lists of one account."""

    client: SmartMexClient
    staff: Staff
    region: str
    number_style: str

    async def messages(
        self, only: VoicemailFilter = EVERYTHING
    ) -> tuple[Voicemail, ...]:
        """Messages that fit, newest first: the own employee's unless asked else."""
        own = "" if only.is_everyones else self.staff.own.extension
        extension = only.extension or own
        contact_id = await self.staff.contact_id(extension) if extension else ""

        def asked(number: str) -> dict[str, str]:
            return VoicemailQuery(
                source=number,
                contact_id=contact_id,
                box_id=only.box,
                since=only.since,
                until=only.until,
            ).params()

        items = await self._items(VOICEMAILS, only.caller, asked)
        found = [mapping.to_voicemail(read_voicemail(item)) for item in items]
        return tuple(sorted(map(self._marked, found), key=mapping.voicemail_age))

    async def message(self, voicemail_id: str) -> Voicemail:
        """One message, with a fresh link to it."""
        item = await self.client.item(VOICEMAILS, voicemail_id)
        return self._marked(mapping.to_voicemail(read_voicemail(item)))

    async def sound(self, voicemail_id: str) -> Sound:
        """The sound of a message: with the key at the own address, else without."""
        message = await self.message(voicemail_id)
        if not message.audio_url:
            raise NotFound(
                tr("{service} has no sound of this message", service=SERVICE)
            )
        return await linked_sound(self.client, message.audio_url)

    async def lost_callers(self, only: LostCallerFilter) -> tuple[LostCaller, ...]:
        """Those who fit and whom nobody has called back yet."""

        def asked(number: str) -> dict[str, str]:
            query = LostCallQuery(
                destination=number, since=only.since, until=only.until
            )
            return query.params()

        items = await self._items(LOST_CALLS, only.line, asked)
        return tuple(mapping.to_lost_caller(read_lost_caller(item)) for item in items)

    def _marked(self, message: Voicemail) -> Voicemail:
        """Whether its sound needs the key is not documented: our own address does."""
        return replace(message, needs_key=_is_own(self.client, message.audio_url))

    async def _items(
        self, listing: Listing, number: str, asked: Callable[[str], dict[str, str]]
    ) -> tuple[Item, ...]:
        """A list; a number is tried in every way that the vendor may write it."""
        if not number.strip():
            return await self.client.items(listing, asked(""))
        styles = (self.number_style, *NUMBER_STYLES)
        spelled = [written(number, style, self.region) for style in styles]
        for spelling in dict.fromkeys(spelled):
            if items := await self.client.items(listing, asked(spelling)):
                return items
        return ()


async def linked_sound(client: SmartMexClient, url: str) -> Sound:
    """What is behind a link: with the key at the own address, else without."""
    if _is_own(client, url):
        return sound_of(await client.sound(url))
    return await fetch_linked(url, service=SERVICE)


def _is_own(client: SmartMexClient, url: str) -> bool:
    address = ServiceAddress.checked(client.base_url, allow_plain_http=True)
    return address.has_same_origin(url)
