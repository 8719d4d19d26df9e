"""Addresses and programs with gaps that a call fills: typed, escaped, never a shell.

Whoever writes the template sets scheme, host and program; what callers and CRMs send
only ever fills gaps behind them. Values are cut to what they may hold, percent-encoded
whole in addresses, and single arguments for programs. The filled address is read once
more: should its scheme or host differ from the template's, nothing is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.links import LONGEST, openable
from screenpop.domain.plain_text import plain
from screenpop.wording import tr

_GAP: Final = re.compile(r"\{([^{}]*)\}")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,30}):")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_LONGEST_TEXT: Final = 120
_LONGEST_NUMBER: Final = 40
_MOST_ARGUMENTS: Final = 32
# What a browser or a system runs or reads rather than visits; no admin can mean it.
_NEVER: Final = frozenset(
    {
        "about",
        "blob",
        "chrome",
        "data",
        "file",
        "jar",
        "javascript",
        "ms-msdt",
        "search-ms",
        "shell",
        "vbscript",
        "view-source",
    }
)
# Windows hands these to its shell, whatever the arguments were.
_SHELL_SCRIPTS: Final = (".bat", ".cmd")
# These read an argument as commands: a caller's name would become one.
_SHELLS: Final = frozenset(
    {
        *("ash", "bash", "csh", "dash", "fish", "ksh", "sh", "tcsh", "zsh"),
        *("busybox", "cmd", "command", "cscript", "mshta", "powershell", "pwsh"),
        *("nu", "osascript", "wscript", "wsl", "xonsh"),
    }
)
# So that a name can become neither an option nor a file of arguments.
_OPTION_MARKS: Final = "-/@"


@frozen(kw_only=True)
class CallWords:
    """What the gaps stand for on one call, as it came: foreign text.

    Attributes:
        number: The party's number as the phone system sent it.
        e164: Its canonical form; "" when it has none.
        national: Without the country code; "" when it has none.
        name: Who it surely is; "" when nobody knows.
        line: The name of our line, else its number.
    """

    number: str = ""
    e164: str = ""
    national: str = ""
    name: str = ""
    call_id: str = ""
    line: str = ""

    def value(self, word: str) -> str:
        """What fills the gap ``word``, cut to what such a thing may hold."""
        return _TYPES[word](self)


def _dialled(text: str) -> str:
    kept = (char for char in text if char in "+0123456789*#")
    return "".join(kept)[:_LONGEST_NUMBER]


def _digits(text: str) -> str:
    kept = (char for char in text if char in "0123456789")
    return "".join(kept)[:_LONGEST_NUMBER]


def _e164(text: str) -> str:
    return text if _E164.fullmatch(text) else ""


def _text(text: str) -> str:
    shown = plain(text, _LONGEST_TEXT)
    # Browsers take these for steps between folders, encoded or not.
    return "" if set(shown) <= {"."} else shown


_TYPES: Final[dict[str, Callable[[CallWords], str]]] = {
    "number": lambda words: _dialled(words.number),
    "e164": lambda words: _e164(words.e164),
    "digits": lambda words: _digits(_e164(words.e164)),
    "national": lambda words: _digits(words.national),
    "name": lambda words: _text(words.name),
    "call_id": lambda words: _text(words.call_id),
    "line": lambda words: _text(words.line),
}
PLACEHOLDERS: Final = tuple(_TYPES)
_NUMBERS: Final = frozenset({"number", "e164", "digits", "national"})


@frozen
class UrlTemplate:
    """An address with gaps, checked.

    Attributes:
        scheme: In small letters.
        authority: Host and port as written; "" where the scheme has none.
    """

    text: str
    scheme: str
    authority: str

    @classmethod
    def checked(cls, text: str, schemes: Collection[str] = ()) -> UrlTemplate:
        """The template, if it can only ever open what it names.

        Args:
            text: As the user or an administrator wrote it.
            schemes: What may be opened besides ``https``.

        Raises:
            ConfigurationError: It cannot be used, and why.
        """
        found = _SCHEME.match(text)
        scheme = found.group(1).lower() if found else ""
        if scheme in _NEVER or scheme not in ("https", *schemes):
            raise ConfigurationError(
                tr("An address to open starts with https://"),
                tr("Other schemes must be allowed by an administrator."),
            )
        if len(text) > LONGEST or not text.isprintable() or set(text) & set(" \\"):
            raise ConfigurationError(
                tr("An address to open holds no blanks, backslashes or line breaks"),
                tr("Write %20 for a blank."),
            )
        _check_gaps(text)
        rest = text[len(scheme) + 1 :]
        authority = (
            re.split(r"[/?#]", rest[2:], maxsplit=1)[0] if rest[:2] == "//" else ""
        )
        if scheme in ("https", "http") and not authority:
            raise ConfigurationError(tr("The address to open names no host"))
        if set(authority) & set("{}@%"):
            raise ConfigurationError(
                tr("The host of an address to open stands as it is"),
                tr("Placeholders, user names and % belong behind the host."),
            )
        template = cls(text, scheme, authority)
        if not template._is_as_written(template._with(CallWords(e164="+12025550142"))):
            raise ConfigurationError(tr("This is no address that can be opened"))
        return template

    def filled(self, words: CallWords) -> str:
        """The address for a call; "" when it cannot be opened for this one.

        That is so when a number it asks for is not known.
        """
        missing = (
            word
            for word in _words_of(self.text)
            if word in _NUMBERS and not words.value(word)
        )
        if any(missing):
            return ""
        address = self._with(words)
        return address if self._is_as_written(address) else ""

    def _with(self, words: CallWords) -> str:
        return _GAP.sub(
            lambda gap: quote(words.value(gap.group(1)), safe=""), self.text
        )

    def _is_as_written(self, address: str) -> bool:
        """Whether the values have changed nothing but what stands in the gaps."""
        if len(address) > LONGEST or not address.isprintable():
            return False
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        if (parts.scheme, parts.netloc) != (self.scheme, self.authority):
            return False
        if self.scheme != "https":
            return True
        return openable(address, (parts.hostname or "",)) == address


@frozen
class ProgramTemplate:
    """A program of this computer and its arguments, with gaps in the arguments."""

    argv: tuple[str, ...]

    @classmethod
    def checked(cls, argv: Sequence[str]) -> ProgramTemplate:
        """The template, if nothing of a call can choose the program.

        Raises:
            ConfigurationError: It cannot be used, and why.
        """
        if not argv or not argv[0].strip():
            raise ConfigurationError(tr("The program to run is missing"))
        if len(argv) > _MOST_ARGUMENTS or not all(one.isprintable() for one in argv):
            raise ConfigurationError(tr("The program's arguments cannot be used"))
        if "{" in argv[0] or "}" in argv[0]:
            raise ConfigurationError(
                tr("The program to run stands as it is"),
                tr("Placeholders belong into its arguments."),
            )
        # Windows passes over dots and blanks at the end.
        if argv[0].lower().rstrip(" .").endswith(_SHELL_SCRIPTS):
            raise ConfigurationError(
                tr("Batch files are not run"),
                tr(
                    "Windows reads their arguments as commands. Name the program "
                    "itself."
                ),
            )
        for argument in argv[1:]:
            _check_gaps(argument)
        if any(map(_words_of, argv[1:])) and any(map(_is_shell, argv)):
            raise ConfigurationError(
                tr("No shell is run with what callers send"),
                tr("Name the program itself, or a script of yours that may be run."),
            )
        return cls(tuple(argv))

    def filled(self, words: CallWords) -> tuple[str, ...]:
        """Program and arguments for a call; none when a number is not known."""
        wanted = {word for one in self.argv[1:] for word in _words_of(one)}
        if any(word in _NUMBERS and not words.value(word) for word in wanted):
            return ()
        return (self.argv[0], *(_argument(one, words) for one in self.argv[1:]))


def _is_shell(argument: str) -> bool:
    """Whether it names a shell, also as what another program is to run."""
    name = re.split(r"[/\\]", argument.strip())[-1].casefold()
    return name.rstrip(" .").removesuffix(".exe") in _SHELLS


def _argument(template: str, words: CallWords) -> str:
    filled = _GAP.sub(lambda gap: words.value(gap.group(1)), template)
    return filled.lstrip(_OPTION_MARKS) if template.startswith("{") else filled


def _words_of(text: str) -> list[str]:
    return _GAP.findall(text)


def _check_gaps(text: str) -> None:
    unknown = [word for word in _words_of(text) if word not in _TYPES]
    if unknown:
        raise ConfigurationError(
            tr("There is no placeholder {{{unknown}}}", unknown=plain(unknown[0], 40)),
            tr(
                "Use {placeholders}.",
                placeholders=", ".join(f"{{{word}}}" for word in PLACEHOLDERS),
            ),
        )
    if set(_GAP.sub("", text)) & set("{}"):
        raise ConfigurationError(tr("A brace in it is not closed"))
