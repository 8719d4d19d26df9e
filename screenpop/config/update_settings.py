"""What may be set about updates of the program itself.

Values and their reader; ``settings`` holds them, ``settings_reader`` asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.config.section_reader import SectionReader

UpdateChannel = Literal["stable", "beta"]
UpdateRing = Literal["broad", "early", "pilot"]
"""From the last to hear of a new version to the first."""


@frozen(kw_only=True)
class UpdateSettings:
    """Where new versions are looked for, and how early this computer takes them.

    Attributes:
        enabled: Whether new versions are looked for at all.
        channel: Finished versions only, or those before them as well.
        ring: How early this computer is offered a new version: with the pilots, early,
            or with everybody.
        manifest_url: Where the signed list of versions is; "" for the project's own.
    """

    enabled: bool = True
    channel: UpdateChannel = "stable"
    ring: UpdateRing = "broad"
    manifest_url: str = ""


USUAL_UPDATES: Final = UpdateSettings()
"""What holds where nothing is said."""


def read_updates(section: SectionReader) -> UpdateSettings:
    """The section ``[updates]``."""
    default = USUAL_UPDATES
    updates = UpdateSettings(
        enabled=section.flag("enabled", default=default.enabled),
        channel=section.choice("channel", default.channel, get_args(UpdateChannel)),
        ring=section.choice("ring", default.ring, get_args(UpdateRing)),
        manifest_url=section.url("manifest_url"),
    )
    section.warn_of_unknown()
    return updates
