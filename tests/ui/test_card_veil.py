"""Names hide while others may look on, and come back when asked for or safe."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screenpop.services.quietness import NOT_QUIET, Quiet, QuietReason
from screenpop.ui.card_veil import CardVeil
from screenpop.ui.popup.view_model import ActionKind, card_view
from tests.ui.card_samples import NOW, known

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from screenpop.services.events import CallCard


@dataclass
class Screen:
    """A desktop whose screen may be shared, and what is seen of cards."""

    must_look: bool = False
    is_shared: bool = False
    now: Quiet = NOT_QUIET
    seen: list[CallCard] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def look(self) -> None:
        await asyncio.sleep(0)
        if self.is_shared:
            self.now = Quiet("name", QuietReason.SHARING)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    def veil(self) -> CardVeil:
        quiet: Any = self
        return CardVeil(quiet, self.seen.append, self.start)


def _everything(card: CallCard) -> str:
    return repr(card_view(card, NOW))


async def test_a_veiled_card_tells_nothing_of_who_calls_and_offers_to_show_it() -> None:
    screen = Screen(now=Quiet("name", QuietReason.SHARING))
    seen = screen.veil().seen(known(), is_new=True)
    view = card_view(seen, NOW)
    text = _everything(seen)
    for secret in (known().title, known().company, known().number_text):
        assert secret
        assert secret not in text
    assert view.title == "Name hidden"
    assert view.accessible_name == "Incoming call from Name hidden"
    assert [one.kind for one in view.identity_actions] == [ActionKind.REVEAL]
    # Which line rings is no secret.
    assert known().line_text in view.line


async def test_who_it_is_can_be_seen_on_purpose_and_when_nobody_looks_on() -> None:
    screen = Screen(now=Quiet("name", QuietReason.SHARING))
    veil = screen.veil()
    assert veil.seen(known(), is_new=True).is_veiled
    veil.reveal(known().ref)
    assert screen.seen == [known()]
    # What follows for that call is seen as well, and other calls are not.
    assert not veil.seen(known()).is_veiled
    assert veil.seen(known("other")).is_veiled
    screen.now = NOT_QUIET
    veil.refresh()
    assert not any(card.is_veiled for card in screen.seen[-2:])


async def test_a_desktop_that_must_be_asked_is_asked_before_a_name_is_seen() -> None:
    for is_shared in (False, True):
        screen = Screen(must_look=True, is_shared=is_shared)
        veil = screen.veil()
        assert veil.seen(known(), is_new=True).is_veiled
        await asyncio.gather(*screen.tasks)
        assert screen.seen[-1].is_veiled is is_shared
