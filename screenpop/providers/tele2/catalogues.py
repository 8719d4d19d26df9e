"""Everything the phone system has besides calls, as lists to look through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotFound
from screenpop.providers.tele2.client import SERVICE
from screenpop.providers.tele2.directory import (
    box_thing,
    employee_thing,
    endpoint_thing,
    group_thing,
    prompt_thing,
)
from screenpop.providers.tele2.directory_payloads import (
    read_box,
    read_employee,
    read_endpoint,
    read_group,
    read_prompt,
)
from screenpop.providers.tele2.requests import (
    BOXES,
    EMPLOYEES,
    ENDPOINTS,
    GROUPS,
    PROMPTS,
)

if TYPE_CHECKING:
    from screenpop.providers.abilities import NamedThing
    from screenpop.providers.tele2.client import Item, SmartMexClient
    from screenpop.providers.tele2.requests import Listing


@dataclass(frozen=True, slots=True)
class _Catalogue:
    listing: Listing
    read: Callable[[Item], NamedThing]


_CATALOGUES: Final = {
    "employees": _Catalogue(
        EMPLOYEES, lambda item: employee_thing(read_employee(item))
    ),
    "groups": _Catalogue(GROUPS, lambda item: group_thing(read_group(item))),
    "voicemail boxes": _Catalogue(BOXES, lambda item: box_thing(read_box(item))),
    "VoIP phones": _Catalogue(
        ENDPOINTS, lambda item: endpoint_thing(read_endpoint(item))
    ),
    "audio prompts": _Catalogue(PROMPTS, lambda item: prompt_thing(read_prompt(item))),
}
NAMES: Final = tuple(_CATALOGUES)


async def read_all(client: SmartMexClient, name: str) -> tuple[NamedThing, ...]:
    """Everything in one catalogue.

    Raises:
        NotFound: There is none of that name.
    """
    await client.ready()
    found = _find(name)
    return tuple(map(found.read, await client.items(found.listing, {})))


async def read_one(client: SmartMexClient, name: str, thing_id: str) -> NamedThing:
    """One thing of a catalogue.

    Raises:
        NotFound: There is no such catalogue, or nothing with that id in it.
    """
    await client.ready()
    found = _find(name)
    return found.read(await client.item(found.listing, thing_id))


def _find(name: str) -> _Catalogue:
    if name not in _CATALOGUES:
        raise NotFound(f"{SERVICE} has no catalogue of that name")
    return _CATALOGUES[name]
