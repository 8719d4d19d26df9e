"""What the installer's script takes from the program itself, so that both agree.

The program's own switches are run against a registry that only notes: what they would
write and remove is what the script writes and removes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.cli.commands.quit import ENDED
from screenpop.cli.commands.team import CODE_VARIABLE
from screenpop.desktop.autostart import APPROVED_KEY, RunKeyLoginItem
from screenpop.desktop.url_scheme import RegistrySchemeHandler
from windows.facts import CONSOLE_PROGRAM, DESCRIPTION, PRODUCT, PROGRAM, PUBLISHER

if TYPE_CHECKING:
    from screenpop.desktop.windows_registry import RegistryValue

LOGIN_WORDS: Final = ("run", "--at-login")
POLICY_NAME: Final = "policy.toml"
OWN_KEY: Final = rf"Software\{PRODUCT}"
"""Above what the switch for links removes; nothing else of ours is in it."""

FIRST_LOGIN_KEY: Final = (
    rf"Software\Microsoft\Active Setup\Installed Components\{PRODUCT}"
)
"""What Windows does once for each user, and notes under the same key as done."""
FIRST_LOGIN_VERSION: Final = "1,0,0,0"

# With a blank, so that the program's own quotes come out as a real path may need them.
_PLACE: Final = "INST DIR"


class NotedRegistry:
    """Keeps what is written and removed, in order."""

    def __init__(self) -> None:
        self.written: list[RegistryValue] = []
        self.removed_values: list[tuple[str, str]] = []
        self.removed_keys: list[str] = []

    def read(self, key: str, name: str) -> str | bytes | None:
        """Nothing is ever there."""
        del key, name
        return None

    def write(self, value: RegistryValue) -> None:
        """Note it."""
        self.written.append(value)

    def delete_value(self, key: str, name: str) -> None:
        """Note it."""
        self.removed_values.append((key, name))

    def delete_key(self, key: str) -> None:
        """Note it."""
        self.removed_keys.append(key)


def installed_program() -> str:
    """Where the program will be, with a mark for the folder of the installation."""
    return rf"{_PLACE}\app\{PROGRAM}"


def login_value() -> RegistryValue:
    """What the program's own switch for login start writes."""
    registry = NotedRegistry()
    RunKeyLoginItem((installed_program(), *LOGIN_WORDS), registry).enable()
    (value,) = registry.written
    return value


def first_login_command(system_folder: str) -> str:
    """What switches login start on for a user, once; from then on it is theirs.

    A value for everybody could not be switched off by those it is for.

    Args:
        system_folder: Where Windows has its tools, with a backslash at the end.
    """
    login = login_value()
    text = login.text.replace('"', '\\"')
    return (
        f'"{system_folder}reg.exe" add "HKCU\\{login.key}" /v {login.name} '
        f'/t REG_SZ /d "{text}" /f'
    )


def link_values() -> NotedRegistry:
    """What the program's own switch for telephone links writes and removes."""
    registry = NotedRegistry()
    handler = RegistrySchemeHandler((installed_program(),), registry)
    handler.register()
    handler.unregister()
    return registry


def quoted(text: str) -> str:
    """A text as NSIS reads it, the installation's folder filled in."""
    escaped = text.replace("$", "$$").replace('"', '$\\"')
    return f'"{with_place(escaped, "$INSTDIR")}"'


def with_place(text: str, folder: str) -> str:
    """A text with the installation's folder where the mark stands for it.

    Args:
        text: A value of the registry.
        folder: How the installer writes that folder. In MSI, a folder in brackets ends
            with a backslash by itself.
    """
    end = "" if folder.endswith("]") else "\\"
    return text.replace(f"{_PLACE}\\", folder + end)


def script_facts() -> str:
    """The file that ``screenpop.nsi`` includes."""
    login = login_value()
    links = link_values()
    (command_key,) = {
        value.key for value in links.written if value.key.endswith(r"\command")
    }
    defines = {
        "PRODUCT": quoted(PRODUCT),
        "PUBLISHER": quoted(PUBLISHER),
        "DESCRIPTION": quoted(DESCRIPTION),
        "PROGRAM_NAME": quoted(PROGRAM),
        "CONSOLE_PROGRAM_NAME": quoted(CONSOLE_PROGRAM),
        "OWN_KEY": quoted(OWN_KEY),
        "POLICY_NAME": quoted(POLICY_NAME),
        "CODE_VARIABLE": quoted(CODE_VARIABLE),
        "SAID_WHEN_ENDED": quoted(ENDED),
        "RUN_KEY": quoted(login.key),
        "RUN_NAME": quoted(login.name),
        # Between single quotation marks, where it is used.
        "RUN_COMMAND": f"'{with_place(login.text, '$INSTDIR')}'",
        "FIRST_LOGIN_KEY": quoted(FIRST_LOGIN_KEY),
        "FIRST_LOGIN_VERSION": quoted(FIRST_LOGIN_VERSION),
        "FIRST_LOGIN_COMMAND": quoted(first_login_command("$SYSDIR\\")).replace(
            "$$SYSDIR", "$SYSDIR"
        ),
        "APPROVED_KEY": quoted(APPROVED_KEY),
        "LINK_COMMAND_KEY": quoted(command_key),
    }
    lines = [f"!define {name} {text}" for name, text in defines.items()]
    lines += ["!macro OfferLinks ROOT"]
    lines += [
        f"  WriteRegStr ${{ROOT}} {quoted(key)} {quoted(name)} {quoted(text)}"
        for key, name, text in links.written
    ]
    lines += ["!macroend", "!macro RemoveLinks ROOT BELOW"]
    lines += [
        f"  DeleteRegValue ${{ROOT}} {_below(key)} {quoted(name)}"
        for key, name in links.removed_values
    ]
    lines += [f"  DeleteRegKey ${{ROOT}} {_below(key)}" for key in links.removed_keys]
    lines += [f"  DeleteRegKey /ifempty ${{ROOT}} {_below(OWN_KEY)}"]
    lines += ["!macroend"]
    return "\n".join(lines) + "\n"


def _below(key: str) -> str:
    return f'"${{BELOW}}{quoted(key)[1:]}'
