"""What the user may set about lines of ours and about what follows a call.

Values and their readers; ``settings`` holds them, ``settings_reader`` asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.section_reader import SectionReader

LineColor = Literal[
    "auto", "indigo", "teal", "brown", "plum", "green", "rose", "blue", "violet"
]
LONGEST_DISPOSITION: Final = 40
MOST_DISPOSITIONS: Final = 30
_LONGEST_GREETING: Final = 200


@frozen(kw_only=True)
class LineSettings:
    """How the calls on one line or queue of ours are shown.

    Attributes:
        line: Which one, by its number or the name that the phone system gives it.
        name: What the card calls it; "" for what the phone system says.
        color: Its colour on the card; "auto" for one made of its name.
        greeting: What to say when picking up; shown from the first ring on.
        sound: What to play once when it rings: "" for `card.sound`, "none", "chime",
            "double", "low", or a sound file of this computer.
    """

    line: str
    name: str = ""
    color: LineColor = "auto"
    greeting: str = ""
    sound: str = ""


@frozen(kw_only=True)
class WrapUpSettings:
    """What is asked after a call.

    Attributes:
        dispositions: What calls can come to, for the user to choose from; with none,
            nothing is asked.
        seconds: How long the card stays for that after the call's end; 0 for until
            it is done or hidden.
    """

    dispositions: tuple[str, ...] = ()
    seconds: float = 60.0


NO_WRAP_UP: Final = WrapUpSettings()
"""What holds where nothing is said."""


def read_lines(reader: SectionReader) -> tuple[LineSettings, ...]:
    """The sections ``[[lines]]``; one without a line is left out."""
    lines = []
    for section in reader.sections("lines"):
        line = section.digits("line")
        default = LineSettings(line=line)
        made = LineSettings(
            line=line,
            name=section.text("name", ""),
            color=section.choice("color", default.color, get_args(LineColor)),
            greeting=section.text("greeting", "", _check_greeting),
            sound=section.text("sound", ""),
        )
        section.warn_of_unknown()
        if line:
            lines.append(made)
        elif not section.has("line"):
            section.complain("line", tr("this is missing; the section is left out"))
    return tuple(lines)


def read_wrap_up(section: SectionReader) -> WrapUpSettings:
    """The section ``[wrap_up]``."""
    default = NO_WRAP_UP
    wrap_up = WrapUpSettings(
        dispositions=read_dispositions(section),
        seconds=section.number("seconds", default.seconds, 0, 3600),
    )
    section.warn_of_unknown()
    return wrap_up


def read_dispositions(section: SectionReader) -> tuple[str, ...]:
    """The key ``dispositions``: each text once, and no more than can be shown."""
    texts = section.texts("dispositions", _check_disposition)
    once = tuple(dict.fromkeys(text.strip() for text in texts))
    if len(once) > MOST_DISPOSITIONS:
        text = tr(
            "there can be {count} at most; the rest is left out",
            count=MOST_DISPOSITIONS,
        )
        section.complain("dispositions", text)
    return once[:MOST_DISPOSITIONS]


def _check_disposition(text: str) -> str:
    if not text.strip():
        return tr("a disposition must say something")
    if len(text) > LONGEST_DISPOSITION or not text.isprintable():
        return tr(
            "a disposition has up to {count} characters, in one line",
            count=LONGEST_DISPOSITION,
        )
    return ""


def _check_greeting(text: str) -> str:
    if len(text) > _LONGEST_GREETING:
        return tr("a greeting has up to {count} characters", count=_LONGEST_GREETING)
    return ""
