"""Everything the phone system has besides calls, as lists to look through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotFound, RequestRejected
from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import HistoryChoice, NamedThing
from screenpop.providers.narrowed_lists import SINCE, UNTIL, chosen_moment
from screenpop.providers.tele2.client import PAGE_SIZE, SERVICE
from screenpop.providers.tele2.directory import (
    NUMBER_STYLES,
    box_thing,
    employee_thing,
    endpoint_thing,
    group_thing,
    prompt_thing,
    recording_thing,
    written,
)
from screenpop.providers.tele2.directory_payloads import (
    read_box,
    read_employee,
    read_endpoint,
    read_group,
    read_prompt,
)
from screenpop.providers.tele2.payloads import read_call
from screenpop.providers.tele2.requests import (
    BOXES,
    EMPLOYEES,
    ENDPOINTS,
    GROUPS,
    PROMPTS,
    RECORDINGS,
    CallQuery,
)
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.providers.tele2.client import Item, SmartMexClient
    from screenpop.providers.tele2.requests import Listing


@frozen
class _Catalogue:
    listing: Listing
    read: Callable[[Item], NamedThing]


_CATALOGUES: Final[dict[str, _Catalogue]] = {
    marked("employees"): _Catalogue(
        EMPLOYEES, lambda item: employee_thing(read_employee(item))
    ),
    marked("groups"): _Catalogue(GROUPS, lambda item: group_thing(read_group(item))),
    marked("voicemail boxes"): _Catalogue(
        BOXES, lambda item: box_thing(read_box(item))
    ),
    marked("VoIP phones"): _Catalogue(
        ENDPOINTS, lambda item: endpoint_thing(read_endpoint(item))
    ),
    marked("audio prompts"): _Catalogue(
        PROMPTS, lambda item: prompt_thing(read_prompt(item))
    ),
    marked("recordings"): _Catalogue(
        RECORDINGS, lambda item: recording_thing(read_call(item))
    ),
}
NAMES: Final = tuple(_CATALOGUES)
# Whoever looks for older recordings narrows them by time.
MOST_RECORDINGS: Final = 5 * PAGE_SIZE
_EMPLOYEE: Final = HistoryChoice(
    key="employee", label=marked("Employee (number or id)")
)
_CHOICES: Final = {
    "groups": (_EMPLOYEE,),
    "recordings": (
        HistoryChoice(key="caller", label=marked("Calling number")),
        HistoryChoice(key="callee", label=marked("Called number")),
        HistoryChoice(
            key="direction",
            label=marked("Direction"),
            choices=(("in", marked("Incoming")), ("out", marked("Outgoing"))),
        ),
        _EMPLOYEE,
        SINCE,
        UNTIL,
    ),
}


def choices(name: str) -> tuple[HistoryChoice, ...]:
    """What a catalogue can be narrowed by."""
    return _CHOICES.get(name, ())


async def read_all(client: SmartMexClient, name: str) -> tuple[NamedThing, ...]:
    """Everything in one catalogue; of recordings the latest.

    Raises:
        NotFound: There is none of that name.
    """
    await client.ready()
    found = _find(name)
    if found.listing is RECORDINGS:
        items = await client.items(RECORDINGS, {}, most=MOST_RECORDINGS)
    else:
        items = await client.items(found.listing, {})
    return tuple(map(found.read, items))


async def read_chosen(
    client: SmartMexClient,
    name: str,
    chosen: Mapping[str, str],
    *,
    contact_id: str,
    region: str,
) -> tuple[NamedThing, ...]:
    """What fits; numbers are tried in every way that the vendor may write them.

    Args:
        client: Whom to ask.
        name: Which catalogue.
        chosen: Value by key of its choices.
        contact_id: The id of the employee that was chosen; "" for none.
        region: To read numbers without a country code in.

    Raises:
        NotFound: There is no catalogue of that name.
        RequestRejected: It cannot be narrowed so, or not by this value.
    """
    await client.ready()
    found = _find(name)
    if not {one.key for one in choices(name)}.issuperset(chosen):
        raise RequestRejected(
            tr("{service} cannot narrow this list like that", service=SERVICE)
        )
    if found.listing is not RECORDINGS:
        params = {"contact_id": contact_id} if contact_id else {}
        return tuple(map(found.read, await client.items(found.listing, params)))
    for query in _queries(chosen, contact_id, region):
        items = await client.items(RECORDINGS, query, most=MOST_RECORDINGS)
        if items:
            return tuple(map(found.read, items))
    return ()


def _queries(
    chosen: Mapping[str, str], contact_id: str, region: str
) -> list[dict[str, str]]:
    """The same question with its numbers in each spelling, none twice."""
    since, until = (chosen_moment(chosen, one.key) for one in (SINCE, UNTIL))
    found: list[dict[str, str]] = []
    for style in NUMBER_STYLES:
        query = CallQuery(
            source=written(chosen.get("caller", ""), style, region),
            destination=written(chosen.get("callee", ""), style, region),
            direction=chosen.get("direction", ""),
            contact_id=contact_id,
            since=since,
            until=until,
        ).params()
        if query not in found:
            found.append(query)
    return found


async def read_one(client: SmartMexClient, name: str, thing_id: str) -> NamedThing:
    """One thing of a catalogue.

    Raises:
        NotFound: There is no such catalogue, or nothing with that id in it.
    """
    await client.ready()
    found = _find(name)
    item = await client.item(found.listing, thing_id)
    thing = found.read(item)
    if found.listing is not RECORDINGS:
        return thing
    # Not in the list: each link opens its recording for whoever has it.
    link = read_call(item).recording_url
    return NamedThing(
        thing.thing_id,
        thing.name,
        (*thing.details, *(((marked("sound"), link),) if link else ())),
    )


def _find(name: str) -> _Catalogue:
    if name not in _CATALOGUES:
        raise NotFound(tr("{service} has no catalogue of that name", service=SERVICE))
    return _CATALOGUES[name]
