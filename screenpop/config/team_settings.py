"""What the user may set about the team's relay; the membership itself is no setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.section_reader import SectionReader

_SCHEMES: Final = ("wss://", "tls://", "ws://", "nats://")


@frozen(kw_only=True)
class TeamSettings:
    """How this computer reaches its team's relay.

    Attributes:
        is_enabled: Whether calls of the team are taken at all.
        servers: Where its broker is, instead of where the relay says it is.
        presence: Whether colleagues see how the user is: free, in a call, away.
        share_rules: Whether the user's word about a number, spam or who it is, is
            their team's, and the team's is theirs.
    """

    is_enabled: bool = True
    servers: tuple[str, ...] = ()
    presence: bool = True
    share_rules: bool = False


USUAL_TEAM: Final = TeamSettings()
"""What holds where nothing is said."""


def read_team(section: SectionReader) -> TeamSettings:
    """The section ``[team]``."""
    team = TeamSettings(
        is_enabled=section.flag("is_enabled", default=USUAL_TEAM.is_enabled),
        servers=section.texts("servers", _check_server),
        presence=section.flag("presence", default=USUAL_TEAM.presence),
        share_rules=section.flag("share_rules", default=USUAL_TEAM.share_rules),
    )
    section.warn_of_unknown()
    return team


def _check_server(text: str) -> str:
    if text.startswith(_SCHEMES):
        return ""
    return tr("a broker's address begins with wss:// or tls://")
