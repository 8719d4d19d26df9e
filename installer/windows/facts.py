"""What Windows is told about the program: versions, version information, manifest.

Read by the builder of the installer and by the specification of the frozen program.
"""

from __future__ import annotations

import re
from typing import Final

PRODUCT: Final = "screenpop"
PUBLISHER: Final = "screenpop contributors"
DESCRIPTION: Final = "Shows who is calling"
PROGRAM: Final = "screenpop.exe"
"""Has no console: menu, login and links start it."""
CONSOLE_PROGRAM: Final = "screenpop-cli.exe"
"""The same with a console: what administrators and the installer run."""

_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?")
_LARGEST_PART: Final = 0xFFFF
# A release is above its own candidates, and those above betas.
_STAGES: Final = {"a": 1000, "b": 2000, "rc": 3000, None: 9000}


def four_parts(version: str) -> tuple[int, int, int, int]:
    """A version as the four numbers that Windows compares.

    Raises:
        ValueError: It is none of X.Y.Z, X.Y.ZaN, X.Y.ZbN, X.Y.ZrcN, or too large.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"Windows packages have no version such as {version}")
    major, minor, micro, stage, count = found.groups()
    parts = int(major), int(minor), int(micro), _STAGES[stage] + int(count or 0)
    if max(parts) > _LARGEST_PART or int(count or 0) >= _STAGES["a"]:
        raise ValueError(f"{version} has too large a number for Windows")
    return parts


def dotted(version: str) -> str:
    """The same, as text."""
    return ".".join(map(str, four_parts(version)))


def version_info(version: str, file_name: str) -> str:
    """The version resource of a program, in the form PyInstaller reads."""
    parts = four_parts(version)
    texts = {
        "CompanyName": PUBLISHER,
        "FileDescription": DESCRIPTION if file_name == PROGRAM else PRODUCT,
        "FileVersion": dotted(version),
        "InternalName": file_name.removesuffix(".exe"),
        "LegalCopyright": f"{PUBLISHER}, MIT licence",
        "OriginalFilename": file_name,
        "ProductName": PRODUCT,
        "ProductVersion": version,
    }
    lines = "".join(
        f"StringStruct({name!r}, {text!r}), " for name, text in texts.items()
    )
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={parts}, prodvers={parts}, mask=0x3f, flags=0,\n"
        "    OS=0x40004, fileType=1, subtype=0, date=(0, 0)),\n"
        "  kids=[\n"
        f"    StringFileInfo([StringTable('040904B0', [{lines}])]),\n"
        "    VarFileInfo([VarStruct('Translation', [0x0409, 1200])]),\n"
        "  ],\n"
        ")\n"
    )


MANIFEST: Final = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <!-- Windows 10 and 11 -->
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings">true/pm</dpiAware>
      <dpiAwareness xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2</dpiAwareness>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
  <dependency>
    <dependentAssembly>
      <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls"
        version="6.0.0.0" processorArchitecture="*" language="*"
        publicKeyToken="6595b64144ccf1df"/>
    </dependentAssembly>
  </dependency>
</assembly>
"""
