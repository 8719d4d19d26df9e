"""All that a search can aim at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.fuzz import from_network, from_people, from_services, from_vendors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fuzz.target import Target

TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (
        *from_vendors.TARGETS,
        *from_people.TARGETS,
        *from_network.TARGETS,
        *from_services.TARGETS,
    )
}
