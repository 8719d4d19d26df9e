"""How the colleagues of this desk's user are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.relay.team_words import Presence, PresenceState

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.services.team.sharing import TeamSharing

_BUSIEST_FIRST: Final = (
    PresenceState.CALL,
    PresenceState.RINGING,
    PresenceState.FREE,
    PresenceState.AWAY,
)


@frozen(kw_only=True)
class Colleague:
    """Somebody of the team whose desk is there.

    Attributes:
        name: As the administrator calls them; foreign text.
        extension: As the phone system names it; "" for one without.
        known_as: What people call that extension.
        state: "free", "ringing", "call" or "away".
    """

    account_id: str
    name: str
    extension: str
    known_as: str
    state: str


@frozen(kw_only=True)
class Person:
    """Somebody of the team, whatever accounts and desks they have.

    Attributes:
        state: The busiest of their desks'.
        lines: One for each account and extension of theirs.
    """

    name: str
    state: str
    lines: tuple[Colleague, ...]


class Colleagues:
    """Those whose desks say how they are."""

    def __init__(self, sharing: TeamSharing, app: Application) -> None:
        """Nobody is known; ``app`` learns what they are called."""
        self._sharing = sharing
        self._lines = app.lines
        app.lines.team = self.name_of

    def stop(self) -> None:
        """Name nobody any more."""
        self._lines.team = None

    def all(self) -> tuple[Colleague, ...]:
        """Everybody else, by name; who has several desks counts once."""
        found: dict[tuple[str, str, str], Colleague] = {}
        for account_id, each in self._sharing.items.all(Presence):
            if each.device == self._sharing.device_id:
                continue
            if each.state is PresenceState.GONE or not self._sharing.is_online:
                continue
            one = Colleague(
                account_id=account_id,
                name=each.agent,
                extension=each.extension,
                known_as=each.known_as or each.extension,
                state=each.state.value,
            )
            place = account_id, each.agent, each.extension
            known = found.get(place)
            if known is None or _rank(one) < _rank(known):
                found[place] = one
        return tuple(sorted(found.values(), key=lambda one: one.name.casefold()))

    def people(self) -> tuple[Person, ...]:
        """Everybody else once, by name."""
        found: dict[str, list[Colleague]] = {}
        for one in self.all():
            found.setdefault(one.name, []).append(one)
        return tuple(
            Person(name=name, state=min(lines, key=_rank).state, lines=tuple(lines))
            for name, lines in found.items()
        )

    def state_of(self, extension: str, account_id: str = "") -> str:
        """How whoever has an extension is; "" when that is not known."""
        states = [
            one
            for one in self.all()
            if one.extension == extension and account_id in ("", one.account_id)
        ]
        return min(states, key=_rank).state if extension and states else ""

    def name_of(self, account_id: str, extension: str) -> str:
        """Who has an extension; "" when that is not known, or it is several."""
        names = {
            each.agent
            for known_id, each in self._sharing.items.all(Presence)
            if known_id == account_id and each.extension == extension and extension
        }
        return names.pop() if len(names) == 1 else ""


def _rank(one: Colleague) -> int:
    return _BUSIEST_FIRST.index(PresenceState(one.state))
