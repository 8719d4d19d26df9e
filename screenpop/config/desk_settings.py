"""What the user may set about the desktop around the program: hotkeys and quiet.

Values and their readers; ``settings`` holds them, ``settings_reader`` asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.config.section_reader import SectionReader

QuietLevel = Literal["none", "silent", "name", "tray"]
"""From no quiet at all to no card: without sound and voice; without the name, too."""


@frozen(kw_only=True)
class HotkeySettings:
    """Keys that work from every program, like "Ctrl+Alt+Space"; none while "".

    Attributes:
        focus_card: Gives the newest card the keyboard.
        dial_selection: Asks whether to dial the number that is marked anywhere.
        search: Opens the dialer's search.
    """

    focus_card: str = ""
    dial_selection: str = ""
    search: str = ""


@frozen(kw_only=True)
class QuietSettings:
    """When the program keeps quiet by itself, and how much.

    The levels: "none" changes nothing; "silent" shows the card without sound and
    announcement; "name" also hides who calls until it is asked for; "tray" shows no
    card. Calls are counted and logged at every level.

    Attributes:
        focus_mode: While the system's do-not-disturb or focus mode is on.
        sharing: While the screen is shared, or presented on, as far as that is known.
        times: Times of the week, such as "mon-fri 18:00-08:00" or "sat-sun".
        times_level: What holds at those times.
    """

    focus_mode: QuietLevel = "tray"
    sharing: QuietLevel = "name"
    times: tuple[str, ...] = ()
    times_level: QuietLevel = "tray"


NO_HOTKEYS: Final = HotkeySettings()
USUAL_QUIET: Final = QuietSettings()
"""What holds where nothing is said."""


def read_hotkeys(section: SectionReader) -> HotkeySettings:
    """The section ``[hotkeys]``."""
    hotkeys = HotkeySettings(
        focus_card=section.text("focus_card", "", _check_shortcut),
        dial_selection=section.text("dial_selection", "", _check_shortcut),
        search=section.text("search", "", _check_shortcut),
    )
    section.warn_of_unknown()
    return hotkeys


def read_quiet(section: SectionReader) -> QuietSettings:
    """The section ``[quiet]``."""
    default = USUAL_QUIET
    levels = get_args(QuietLevel)
    quiet = QuietSettings(
        focus_mode=section.choice("focus_mode", default.focus_mode, levels),
        sharing=section.choice("sharing", default.sharing, levels),
        times=section.texts("times", check_time),
        times_level=section.choice("times_level", default.times_level, levels),
    )
    section.warn_of_unknown()
    return quiet


# Late, both: most have set neither keys nor times.


def _check_shortcut(text: str) -> str:
    from screenpop.domain.shortcuts import check_shortcut

    return check_shortcut(text)


def check_time(text: str) -> str:
    """What is wrong with a time of the week, in words; "" when nothing is."""
    from screenpop.domain.week_times import check_week_time

    return check_week_time(text)
