"""A real OpenLDAP server on this machine, with the people that the tests ask for."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.requirements import require, require_program
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "dc=example,dc=com"
BIND_DN = f"cn=reader,{BASE}"
PASSWORD = "SEKRET-ldap"
CROWD = "+44 20 7946 0199"

_CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/server.crt
TLSCertificateKeyFile {folder}/server.key
sizelimit unlimited
database mdb
maxsize 268435456
suffix "{base}"
rootdn "cn=admin,{base}"
directory {folder}/db
dbnosync
index objectClass eq
index telephoneNumber,mobile eq
"""


class OpenLdap:
    """One server; its data outlives its process.

    Attributes:
        port: Where it speaks ``ldap``.
        tls_port: Where it speaks ``ldaps``.
        certificate: What to trust, a file.
    """

    def __init__(self, folder: Path) -> None:
        self.port, self.tls_port = _free_ports()
        self.certificate = folder / "server.crt"
        self._config = folder / "slapd.conf"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._process = subprocess.Popen(
            [
                *("/usr/sbin/slapd", "-d", "0", "-f", self._config),
                *("-h", f"{self.url}/ {self.tls_url}/"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: _takes_connections(self.tls_port), "slapd to start")

    def kill(self) -> None:
        """End it without a word, as a crash or a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def openldap(folder: Path, people: str = "") -> Iterator[OpenLdap]:
    """A server that runs, with its usual people and those of an LDIF text."""
    from pathlib import Path  # the name above is for types only

    require(Path("/usr/sbin/slapd").exists(), "slapd (python3 installer/dev.py setup)")
    (folder / "db").mkdir()
    config = folder / "slapd.conf"
    config.write_text(_CONFIG.format(folder=folder, base=BASE))
    _make_certificate(folder)
    (folder / "seed.ldif").write_text(_ldif() + people, "utf-8")
    subprocess.run(
        ["/usr/sbin/slapadd", "-q", "-f", config, "-l", folder / "seed.ldif"],
        check=True,
        capture_output=True,
    )
    server = OpenLdap(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def person(name: str, *attributes: str, unit: str = "people") -> str:
    """One entry as LDIF: ``person("Ana Bell", "mobile: +44…")``."""
    lines = [
        f"dn: cn={name.replace('<', '').replace('>', '')},ou={unit},{BASE}",
        "objectClass: inetOrgPerson",
        f"cn: {name.replace('<', '').replace('>', '')}",
        f"displayName: {name}",
        f"sn: {name.split()[-1]}",
        *attributes,
    ]
    return "\n".join(lines) + "\n\n"


def _ldif() -> str:
    top = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\n"
    top += "o: Example\ndc: example\n\n"
    for unit in ("people", "crowd"):
        top += f"dn: ou={unit},{BASE}\nobjectClass: organizationalUnit\nou: {unit}\n\n"
    top += f"dn: {BIND_DN}\nobjectClass: person\ncn: reader\nsn: reader\n"
    top += f"userPassword: {PASSWORD}\n\n"
    crowd = (
        person(f"Desk {each}", f"telephoneNumber: {CROWD}", unit="crowd")
        for each in range(10_000)
    )
    return top + "".join(crowd)


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        [
            require_program("openssl"),
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-keyout", folder / "server.key", "-out", folder / "server.crt"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return int(first.getsockname()[1]), int(second.getsockname()[1])


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
