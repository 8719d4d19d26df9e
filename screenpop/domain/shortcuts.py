"""Keys that work from every program, as people write them: "Ctrl+Alt+Space"."""

from __future__ import annotations

from typing import Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import marked, tr, tr_marked

MODIFIERS: Final = ("Ctrl", "Alt", "Shift", "Meta")
"""In the order in which they are written; Meta is the Windows or the command key."""

_LETTERS: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = tuple("0123456789")
_FUNCTION_KEYS: Final = tuple(f"F{number}" for number in range(1, 25))
_NAMED: Final = (
    "Space",
    "Insert",
    "Delete",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Left",
    "Up",
    "Right",
    "Down",
    "Pause",
)
KEYS: Final = (*_LETTERS, *_DIGITS, *_FUNCTION_KEYS, *_NAMED)
"""Every key that may be used, by its name."""

_KEY_OF: Final = {key.casefold(): key for key in KEYS}
_MODIFIER_OF: Final = {
    **{name.casefold(): name for name in MODIFIERS},
    "control": "Ctrl",
    "win": "Meta",
    "super": "Meta",
    "cmd": "Meta",
    "option": "Alt",
}
_ADVICE: Final = marked("Write it like Ctrl+Alt+Space.")


@frozen
class Shortcut:
    """A key with the modifiers held down.

    Attributes:
        modifiers: Some of ``MODIFIERS``, in their order.
        key: One of ``KEYS``.
    """

    modifiers: tuple[str, ...]
    key: str

    def __str__(self) -> str:
        return "+".join((*self.modifiers, self.key))


def read_shortcut(text: str) -> Shortcut:
    """The shortcut that ``text`` names, whatever the case and order of its words.

    Raises:
        ConfigurationError: It names none, or one that people need for typing.
    """
    *held, key = [word.strip().casefold() for word in text.split("+")]
    if key not in _KEY_OF:
        raise ConfigurationError(
            tr("“{text}” names no key", text=text[:40]), tr_marked(_ADVICE)
        )
    unknown = [word for word in held if word not in _MODIFIER_OF]
    if unknown:
        raise ConfigurationError(
            tr("“{unknown}” is no key to hold", unknown=unknown[0][:40]),
            tr_marked(_ADVICE),
        )
    names = {_MODIFIER_OF[word] for word in held}
    shortcut = Shortcut(tuple(one for one in MODIFIERS if one in names), _KEY_OF[key])
    if is_needed_for_typing(shortcut):
        raise ConfigurationError(
            tr("{shortcut} is needed for typing", shortcut=shortcut),
            tr("Hold Ctrl, Alt or Meta as well."),
        )
    return shortcut


def check_shortcut(text: str) -> str:
    """What is wrong with a shortcut, in words; "" when nothing is."""
    try:
        read_shortcut(text)
    except ConfigurationError as error:
        return error.title
    return ""


def is_needed_for_typing(shortcut: Shortcut) -> bool:
    """Whether it would be taken from every text that is written."""
    is_held = bool(set(shortcut.modifiers) - {"Shift"})
    return not is_held and shortcut.key not in (*_FUNCTION_KEYS, "Pause")
