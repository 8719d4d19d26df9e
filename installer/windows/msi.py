"""The MSI for fleets, by wixl: per machine, silent, upgraded by Windows itself.

What a user of one computer wants is the set-up (``package.py``): it waits for calls,
proves a new version first, and needs no administrator.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import system_packages
import update_pins
from windows.facts import CONSOLE_PROGRAM, DESCRIPTION, PRODUCT, PROGRAM, PUBLISHER
from windows.package import PackageError, check_frozen
from windows.script_facts import (
    FIRST_LOGIN_KEY,
    FIRST_LOGIN_VERSION,
    first_login_command,
    link_values,
    with_place,
)

MSI_NEEDED: Final = (
    system_packages.SystemPart("wixl", "wixl"),
    system_packages.SystemPart("msitools", "msiinfo"),
)

# Made up once; Windows knows by it that two versions are of one program.
UPGRADE_CODE: Final = "7C1B4E0A-3C63-5B0F-9B3E-52B8B1D0E6A1"
MARK_KEY: Final = r"Software\screenpop"
"""Where the MSI notes that it is there, so that the set-up does not go over it."""
SETUP_KEY: Final = rf"Software\Microsoft\Windows\CurrentVersion\Uninstall\{PRODUCT}"

LOGIN_COMPONENT: Final = "LoginStartValue"

_BESIDE: Final = "files"
_MARKS: Final = "marks"
_NAMESPACE: Final = "http://schemas.microsoft.com/wix/2006/wi"
_SPACE: Final = uuid.UUID(UPGRADE_CODE)
_PLAIN_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9_.]")


def msi_name(version: str) -> str:
    """The name of the MSI's file."""
    return f"{PRODUCT}-{version}-windows-x64.msi"


def build_msi(source: Path, folder: Path, version: str) -> Path:
    """Build the MSI.

    Args:
        source: The frozen program, a folder with both programs in it.
        folder: Where to put it.
        version: The program's, three numbers: Windows compares no more.

    Raises:
        PackageError: Something is missing, or wixl does not take the description.
    """
    check_frozen(source)
    if not _PLAIN_VERSION.fullmatch(version):
        raise PackageError(f"an MSI has no version such as {version}")
    if system_packages.ensure(MSI_NEEDED):
        raise PackageError("wixl is missing (Debian: apt-get install wixl msitools)")
    folder.mkdir(parents=True, exist_ok=True)
    out = folder.resolve() / msi_name(version)
    with tempfile.TemporaryDirectory(prefix="screenpop-wixl-") as made:
        description = Path(made) / "screenpop.wxs"
        # wixl looks for files beside the description only.
        (Path(made) / _BESIDE).symlink_to(source.resolve(), target_is_directory=True)
        marks = Path(made) / _MARKS
        marks.mkdir()
        update_pins.write(marks, "msi")
        description.write_bytes(wxs(source.resolve(), marks, version))
        done = subprocess.run(
            ["wixl", "-a", "x64", "-o", str(out), str(description)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise PackageError(f"wixl failed:\n{done.stdout}{done.stderr}")
    return out


def wxs(source: Path, marks: Path, version: str) -> bytes:
    """The description of the MSI, as wixl reads it.

    Args:
        source: The frozen program.
        marks: A folder with the files that say how it is installed.
        version: The program's, three numbers.
    """
    ET.register_namespace("", _NAMESPACE)
    wix = ET.Element(_tag("Wix"))
    product = _add(
        wix,
        "Product",
        Id="*",
        Name=PRODUCT,
        Version=version,
        Manufacturer=PUBLISHER,
        Language="1033",
        UpgradeCode=UPGRADE_CODE,
    )
    _describe(product)
    _ask_the_app_to_end(product)
    everything = _add(product, "Feature", Id="Everything", Level="1")
    # Beyond what is installed unasked: ADDLOCAL=ALL takes it in.
    login_start = _add(product, "Feature", Id="LoginStart", Level="4")
    for component in _layout(product, source, marks):
        feature = login_start if component == LOGIN_COMPONENT else everything
        _add(feature, "ComponentRef", Id=component)
    text = ET.tostring(wix, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _describe(product: ET.Element) -> None:
    _add(
        product,
        "Package",
        InstallerVersion="500",
        Compressed="yes",
        InstallScope="perMachine",
        Description=DESCRIPTION,
        Manufacturer=PUBLISHER,
    )
    _add(
        product,
        "MajorUpgrade",
        DowngradeErrorMessage="A newer version of screenpop is installed.",
    )
    _add(product, "Media", Id="1", Cabinet="screenpop.cab", EmbedCab="yes")
    found = _add(product, "Property", Id="SETUPFOUND")
    _add(
        found,
        "RegistrySearch",
        Id="SetupFound",
        Root="HKLM",
        Key=SETUP_KEY,
        Name="InstallLocation",
        Type="raw",
        Win64="yes",
    )
    condition = _add(
        product,
        "Condition",
        Message="screenpop was installed by its set-up: remove that first.",
    )
    condition.text = "Installed OR NOT SETUPFOUND"
    _add(product, "Property", Id="ARPNOMODIFY", Value="1")


def _ask_the_app_to_end(product: ET.Element) -> None:
    """Before anything is changed; a refusal, as in a call, ends the installation."""
    _add(
        product,
        "CustomAction",
        Id="FindConsole",
        Property="CONSOLEPROGRAM",
        Value=f"[APPDIR]{CONSOLE_PROGRAM}",
    )
    _add(
        product,
        "CustomAction",
        Id="AskToEnd",
        Property="CONSOLEPROGRAM",
        ExeCommand="quit --unless-in-call --everybody",
        Return="check",
    )
    sequence = _add(product, "InstallExecuteSequence")
    # Between CostFinalize, which knows the folders, and InstallValidate.
    for number, action in ((1100, "FindConsole"), (1101, "AskToEnd")):
        when = _add(sequence, "Custom", Action=action, Sequence=str(number))
        when.text = "Installed OR WIX_UPGRADE_DETECTED"


def _layout(product: ET.Element, source: Path, marks: Path) -> list[str]:
    """The folders with all that is in them; the ids of the components."""
    target = _add(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    programs = _add(target, "Directory", Id="ProgramFiles64Folder")
    home = _add(programs, "Directory", Id="INSTALLDIR", Name=PRODUCT)
    app = _add(home, "Directory", Id="APPDIR", Name="app")
    menu = _add(target, "Directory", Id="ProgramMenuFolder")
    components = _files(app, source, source, _BESIDE)
    components += _files(app, marks, marks, _MARKS)
    components.append(_shortcut(menu))
    components.append(_registry(home))
    components.append(_login_start(app))
    return components


def _files(directory: ET.Element, folder: Path, top: Path, beside: str) -> list[str]:
    components = []
    for path in sorted(folder.iterdir()):
        name = path.relative_to(top).as_posix()
        if path.is_dir():
            below = _add(directory, "Directory", Id=_id("D", name), Name=path.name)
            components += _files(below, path, top, beside)
            continue
        component = _component(directory, _id("C", name), name)
        _add(
            component,
            "File",
            Id=_id("F", name),
            Name=path.name,
            Source=f"{beside}/{name}",
            KeyPath="yes",
        )
        components.append(component.attrib["Id"])
    return components


def _shortcut(menu: ET.Element) -> str:
    component = _component(menu, "Shortcut", "shortcut")
    _add(
        component,
        "Shortcut",
        Id="MenuEntry",
        Name=PRODUCT,
        Description=DESCRIPTION,
        Target=f"[APPDIR]{PROGRAM}",
    )
    _value(component, MARK_KEY, "MenuEntry", "1", is_key=True)
    return "Shortcut"


def _registry(home: ET.Element) -> str:
    component = _component(home, "Registry", "registry")
    _value(component, MARK_KEY, "InstalledBy", "msi", is_key=True)
    # No file lies in it, so Windows would not think of it.
    _add(component, "RemoveFolder", Id="Home", On="uninstall")
    for key, name, text in link_values().written:
        _value(component, key, name, with_place(text, "[INSTALLDIR]"))
    return "Registry"


def _login_start(app: ET.Element) -> str:
    component = _component(app, LOGIN_COMPONENT, "login start")
    command = with_place(first_login_command("[System64Folder]"), "[INSTALLDIR]")
    _value(component, FIRST_LOGIN_KEY, "StubPath", command, is_key=True)
    _value(component, FIRST_LOGIN_KEY, "Version", FIRST_LOGIN_VERSION)
    _value(component, FIRST_LOGIN_KEY, "", PRODUCT)
    return LOGIN_COMPONENT


def _component(parent: ET.Element, name: str, what: str) -> ET.Element:
    # The same in each version: Windows counts by it who needs a file.
    guid = str(uuid.uuid5(_SPACE, what)).upper()
    return _add(parent, "Component", Id=name, Guid=guid, Win64="yes")


def _value(
    component: ET.Element, key: str, name: str, text: str, *, is_key: bool = False
) -> None:
    named = {"Name": name} if name else {}
    _add(
        component,
        "RegistryValue",
        Root="HKLM",
        Key=key,
        Type="string",
        Value=text,
        KeyPath="yes" if is_key else "no",
        **named,
    )


def _id(kind: str, name: str) -> str:
    # 72 characters are all that an id may have.
    digest = uuid.uuid5(_SPACE, name).hex[:16]
    return f"{kind}_{digest}_{_NOT_IN_IDS.sub('_', name)[-48:]}"


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _tag(tag), attributes)


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
