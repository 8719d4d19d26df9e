"""Start calls through click-to-call resources that are made once and reused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotFound,
    NotOffered,
    PermissionDenied,
    RequestRejected,
)
from screenpop.domain.numbers import read_number
from screenpop.providers.protocol import DialFirst, OriginateReceipt
from screenpop.providers.voxloud.client import SERVICE, quota_exceeded
from screenpop.providers.voxloud.mapping import (
    readable_number,
    to_dial_resource,
    to_line_holder,
)
from screenpop.providers.voxloud.payloads import ClickToCallPayload
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import (
        DialResource,
        OriginateRequest,
        ProviderContext,
    )
    from screenpop.providers.voxloud.client import VoxloudClient

NAME_PREFIX: Final = "screenpop"


class ClickToCall:
    """Finds or makes the resource for a call, and rings through it.

    There may be as many resources as the phone system has users and groups, and none
    can be changed: so one is kept for each extension, number shown and order of
    ringing, and found again by these (the server changes names).
    """

    def __init__(self, client: VoxloudClient, context: ProviderContext) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._context = context
        self._known: dict[tuple[str, str, DialFirst], str] = {}
        self._caller_ids: dict[str, str] = {}
        self._preparing = asyncio.Lock()

    async def prepare(self, request: OriginateRequest) -> None:
        """Have the number to show and the resource ready."""
        await self._resource_for(request)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Ring; the one request that does so is sent at most once.

        Raises:
            NotOffered: The account has no click-to-call.
            OutcomeUnknown: It was sent and no answer came.
        """
        number = self.dialable(request.number)
        resource_id, caller_id = await self._resource_for(request)
        try:
            await self._client.connect_click_to_call(resource_id, number)
        except NotFound:
            # Deleted meanwhile, so nothing rang: make it anew and ring for the first
            # time.
            self._known.clear()
            renewed_id, caller_id = await self._resource_for(request)
            if renewed_id == resource_id:
                raise not_offered() from None
            await self._client.connect_click_to_call(renewed_id, number)
        except PermissionDenied as error:
            raise not_offered(error.advice) from None
        except RequestRejected:
            # The number to show may have been taken from the user meanwhile.
            self._known.clear()
            self._caller_ids.clear()
            raise
        return OriginateReceipt(caller_id=caller_id)

    async def resources(self) -> tuple[DialResource, ...]:
        """All resources of the phone system.

        Raises:
            NotOffered: The account has no click-to-call.
        """
        try:
            found = await self._client.list_click_to_calls()
        except (PermissionDenied, NotFound) as error:
            raise not_offered(error.advice) from None
        return tuple(map(to_dial_resource, found))

    async def create(
        self, name: str, extension: str, caller_id: str, dial_first: DialFirst
    ) -> DialResource:
        """Make a resource.

        Raises:
            QuotaExceeded: There are as many as there may be.
            NotOffered: The account has no click-to-call.
        """
        wanted = ClickToCallPayload(
            name=name,
            extension=extension,
            outbound_number=self.dialable(caller_id),
            dial_first=dial_first.value,
        )
        try:
            created = await self._client.create_click_to_call(wanted)
        except NotFound as error:
            raise not_offered(error.advice) from None
        except PermissionDenied as error:
            # The refusal does not say why; at or above the number of users it is far
            # more likely that there is no room than that there is no such ability.
            if len(await self.resources()) >= len(await self._client.list_users()):
                raise quota_exceeded() from None
            raise not_offered(error.advice) from None
        return to_dial_resource(created)

    def forget(self, resource_id: str) -> None:
        """The resource is gone."""
        self._known = {
            key: known for key, known in self._known.items() if known != resource_id
        }

    def dialable(self, text: str) -> str:
        """The number in the only form that Voxloud takes, E.164.

        Raises:
            RequestRejected: It has no such form; the text does not repeat it.
        """
        number = read_number(readable_number(text), self._context.region)
        if not number.e164:
            raise RequestRejected(
                tr("This cannot be called through click-to-call"),
                tr(
                    "{service} calls full phone numbers only, no extensions.",
                    service=SERVICE,
                ),
            )
        return number.e164

    async def _resource_for(self, request: OriginateRequest) -> tuple[str, str]:
        """The resource's id and the number it shows."""
        async with self._preparing:
            caller_id = await self._caller_id_for(request)
            key = (request.extension, caller_id, request.dial_first)
            if key not in self._known:
                self._known[key] = await self._found_or_created(key)
            return self._known[key], caller_id

    async def _found_or_created(self, key: tuple[str, str, DialFirst]) -> str:
        extension, caller_id, dial_first = key
        for resource in await self.resources():
            shown = read_number(resource.caller_id, self._context.region).e164
            if (resource.extension, shown, resource.dial_first) == key:
                return resource.resource_id
        created = await self.create(
            f"{NAME_PREFIX}-{extension}", extension, caller_id, dial_first
        )
        return created.resource_id

    async def _caller_id_for(self, request: OriginateRequest) -> str:
        """The number to show: asked for, else the account's, else the user's own."""
        wanted = request.caller_id or self._context.options.get("outbound_number", "")
        if wanted:
            return self.dialable(wanted)
        if request.extension not in self._caller_ids:
            for user in map(to_line_holder, await self._client.list_users()):
                numbers = (user.caller_id, *user.caller_ids)
                own = next((number.number for number in numbers if number), "")
                if own:
                    self._caller_ids[user.extension] = self.dialable(own)
        if request.extension not in self._caller_ids:
            raise RequestRejected(
                tr(
                    "No number to show is known for extension {extension}",
                    extension=request.extension,
                ),
                tr(
                    "Choose one of the phone system's numbers in the account's "
                    "settings."
                ),
            )
        return self._caller_ids[request.extension]


def not_offered(advice: str = "") -> NotOffered:
    """This account has no click-to-call."""
    return NotOffered(
        tr("{service} does not offer click-to-call to this account", service=SERVICE),
        advice
        or tr("Ask whoever runs your phone system whether the plan includes it."),
    )
