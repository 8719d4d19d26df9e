"""Sign programs and installers for Windows, where there is a certificate.

Run as ``python installer/windows/sign.py FILE…``; the set-up's script runs it too. By
signtool on Windows and by osslsigncode elsewhere. Standard library only. Without a
certificate it says so and signs nothing: a build of nobody's is still a build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

CERTIFICATE_VARIABLE: Final = "SCREENPOP_WINDOWS_CERTIFICATE"
"""A file with certificate and key (PKCS #12)."""
PASSWORD_VARIABLE: Final = "SCREENPOP_WINDOWS_CERTIFICATE_PASSWORD"  # noqa: S105 - a name
TIMESTAMP_VARIABLE: Final = "SCREENPOP_TIMESTAMP_URL"
"""Who confirms the date, so that a signature outlives its certificate; may be empty."""

_DESCRIPTION: Final = "screenpop"
_KITS: Final = Path(r"C:\Program Files (x86)\Windows Kits\10\bin")


class Certificate(NamedTuple):
    """With what is signed."""

    file: str
    password: str
    timestamp_url: str


def main(files: list[str]) -> int:
    """Sign each file in place."""
    certificate = certificate_of(os.environ)
    if certificate is None:
        print(f"not signed: {CERTIFICATE_VARIABLE} is not set")
        return 0
    for file in files:
        try:
            sign(Path(file), certificate)
        except (OSError, subprocess.CalledProcessError) as error:
            # Not the error itself: it would show the command with the password.
            print(f"{file} cannot be signed ({type(error).__name__})", file=sys.stderr)
            return 1
        print(f"signed: {file}")
    return 0


def certificate_of(environment: Mapping[str, str]) -> Certificate | None:
    """What the environment says to sign with; None for nothing."""
    file = environment.get(CERTIFICATE_VARIABLE, "")
    if not file:
        return None
    password = environment.get(PASSWORD_VARIABLE, "")
    return Certificate(file, password, environment.get(TIMESTAMP_VARIABLE, ""))


def sign(file: Path, certificate: Certificate) -> None:
    """Sign one file in place.

    Raises:
        CalledProcessError: The tool did not do it, and has said why.
        OSError: There is no such tool.
    """
    if sys.platform == "win32":
        subprocess.run(signtool(find_signtool(), file, certificate), check=True)
        return
    with tempfile.TemporaryDirectory(prefix="screenpop-sign-") as made:
        # A password in a file of ours is seen by nobody, one in a command by all.
        password, signed = Path(made) / "password", Path(made) / "signed"
        password.touch(mode=0o600)
        password.write_text(certificate.password, "utf-8")
        command = osslsigncode(file, signed, certificate, password)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.copyfile(signed, file)


def osslsigncode(
    file: Path, signed: Path, certificate: Certificate, password: Path
) -> list[str]:
    """The command that signs a file into another."""
    command = ["osslsigncode", "sign", "-pkcs12", certificate.file]
    command += ["-readpass", str(password), "-h", "sha256", "-n", _DESCRIPTION]
    if certificate.timestamp_url:
        command += ["-ts", certificate.timestamp_url]
    return [*command, "-in", str(file), "-out", str(signed)]


def signtool(tool: str, file: Path, certificate: Certificate) -> list[str]:
    """The command that signs a file in place; there is no other way for a password."""
    command = [tool, "sign", "/fd", "sha256", "/f", certificate.file]
    command += ["/p", certificate.password, "/d", _DESCRIPTION]
    if certificate.timestamp_url:
        command += ["/tr", certificate.timestamp_url, "/td", "sha256"]
    return [*command, str(file)]


def find_signtool(kits: Path = _KITS) -> str:
    """The newest signtool of this computer.

    Raises:
        OSError: There is none.
    """
    found: Iterable[Path] = sorted(kits.glob("10.*/x64/signtool.exe"))
    # On PATH there may be another program of that name.
    tool = next(map(str, reversed(list(found))), None) or shutil.which("signtool.exe")
    if tool is None:
        raise FileNotFoundError("signtool.exe")
    return tool


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
