"""The manual page, made from what ``screenpop --help`` lists."""

from __future__ import annotations

from screenpop.cli.main import COMMANDS

_HEAD = """\
.TH SCREENPOP 1 "{date}" "screenpop {version}" "User Commands"
.SH NAME
screenpop \\- shows who is calling, and dials
.SH SYNOPSIS
.B screenpop
.RI [ COMMAND ]
.RB [ \\-\\-help ]
.br
.B screenpop
.B \\-\\-version
.SH DESCRIPTION
A tray-resident program for users of a cloud phone system. When a phone rings it shows
who it is, without taking the keyboard; missed calls wait in the tray until somebody has
called back; numbers, names and telephone links are dialled, and the user's own phone
rings first.
.PP
Without a command it starts, or raises the one that runs.
.SH COMMANDS
"""
_TAIL = """\
.PP
Each command says more with
.BR \\-\\-help .
Commands that read take
.BR \\-\\-json .
.SH EXIT STATUS
0 for done, 1 for failed with one sentence on standard error, 2 for wrong usage.
.SH ENVIRONMENT
.TP
.B SCREENPOP_HOME
Puts everything under one folder.
.SH FILES
.TP
.I ~/.config/screenpop/config.toml
The user's settings.
.TP
.I /etc/xdg/screenpop/config.toml
What administrators set for everybody.
.TP
.I ~/.local/share/screenpop/screenpop.db
Calls, contacts and notes.
.SH SEE ALSO
.I /usr/share/doc/screenpop/
"""


def man_page(version: str, date: str) -> str:
    """The page in the language of man."""
    commands = "".join(
        f".TP\n.B {_plain(name)}\n{_plain(text)}\n" for name, text in COMMANDS.items()
    )
    return _HEAD.format(date=date, version=version) + commands + _TAIL


def _plain(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
