"""What a build may have left out, each thing proven by doing it once.

A frozen program holds what its builder found by following import statements. What is
imported late, by name, by a helper process, or is no module at all, is missed without
a word until a user needs it. Each proof here says in one sentence what works.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import screenpop
from screenpop.domain.errors import KeychainMissing, ScreenpopError

WORKER_SECONDS: Final = 60

# For whoever writes an adapter: its tests, which a build has no use for.
_NOT_SHIPPED: Final = ("screenpop.providers.testing", "screenpop.__main__")

# Nothing but a name leads to these, here or within the library that asks for them.
_BY_NAME: Final = (
    "anyio._backends._asyncio",
    "defusedxml.ElementTree",
    "keyring.backends.chainer",
    "nats.js.client",
    "truststore",
    "websockets.asyncio.client",
    "websockets.asyncio.server",
    "zoneinfo",
)
_BY_NAME_THERE: Final = {
    "linux": (
        "jeepney.io.asyncio",
        "jeepney.io.blocking",
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
    ),
    "win32": ("keyring.backends.Windows",),
    "darwin": ("keyring.backends.macOS",),
}


class BuildIncomplete(ScreenpopError):
    """A part of this build does not work."""


def proofs() -> Iterator[str]:
    """Do everything once; gives a sentence for each thing that works.

    Raises:
        BuildIncomplete: One does not.
    """
    for proof in (
        _modules,
        _metadata,
        _catalogues,
        _numbers,
        _database,
        _encryption,
        _keychain,
        _sound,
        _keychain_worker,
        _import_worker,
    ):
        yield _done(proof)


def _done(proof: Callable[[], str]) -> str:
    try:
        return proof()
    except BuildIncomplete:
        raise
    except Exception as error:
        what = proof.__name__.strip("_").replace("_", " ")
        raise BuildIncomplete(
            f"This does not work in this build: {what}",
            f"{type(error).__name__}: {error}",
        ) from error


def _modules() -> str:
    names = [name for name in _own_modules() if not name.startswith(_NOT_SHIPPED)]
    further = (*_BY_NAME, *_BY_NAME_THERE.get(sys.platform, ()))
    for name in (*names, *further):
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise BuildIncomplete(
                f"This module does not load: {name}", str(error)
            ) from error
    return f"modules: {len(names)} of its own, {len(further)} that are found by name"


def _own_modules() -> list[str]:
    """The names of all modules of the program that this build has."""
    if getattr(sys, "frozen", False):
        # PyInstaller's own: pkgutil does not look into its archive.
        archive = importlib.import_module("pyimod02_importers").pyz_archive
        return sorted(name for name in archive.toc if name.startswith("screenpop."))
    found = pkgutil.walk_packages(screenpop.__path__, "screenpop.")
    return [each.name for each in found]


def _metadata() -> str:
    from importlib import metadata

    version = metadata.version("screenpop")
    if version != screenpop.__version__:
        raise BuildIncomplete(f"This build calls itself {version}")
    if not metadata.entry_points(group="keyring.backends"):
        raise BuildIncomplete("What packages plug in is not found in this build")
    return f"version {version}, with what packages plug in"


def _catalogues() -> str:
    from screenpop.config.languages import ENGLISH, LANGUAGES, read_catalogue

    for code in LANGUAGES:
        texts = read_catalogue(code)
        if code != ENGLISH and (texts is None or texts.gettext("Close") == "Close"):
            raise BuildIncomplete(f"The texts of this language are missing: {code}")
    return f"languages: {', '.join(LANGUAGES)}"


def _numbers() -> str:
    from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

    PhoneMetadata.load_all()
    return f"numbers of {len(SUPPORTED_REGIONS)} countries"


def _database() -> str:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(name, prefix='2 3')")
    connection.execute("INSERT INTO found VALUES ('Nora Whitfield')")
    rows = connection.execute("SELECT * FROM found WHERE found MATCH 'whit*'")
    if len(rows.fetchall()) != 1:
        raise BuildIncomplete("SQLite's search does not find anything")
    connection.close()
    return f"SQLite {sqlite3.sqlite_version} with search"


def _encryption() -> str:
    import ssl

    from screenpop.net import tls_context
    from screenpop.relay.identity.nkey import KeyKind, KeyPair, is_signed_by, sealed_for

    if not tls_context().get_ciphers():
        raise BuildIncomplete("TLS has no ciphers in this build")
    key = KeyPair.generate(KeyKind.USER)
    signature = key.sign(b"text")
    opened = key.open_sealed(sealed_for(key.public, b"text"))
    if not is_signed_by(key.public, b"text", signature) or opened != b"text":
        raise BuildIncomplete("Signatures and sealing do not work in this build")
    return f"encryption: {ssl.OPENSSL_VERSION}, a team's signatures and seals"


def _keychain() -> str:
    from screenpop.config.secrets import open_backend

    if sys.platform == "linux":
        _cipher_of_session_bus()
    try:
        backend = open_backend()
    except KeychainMissing as error:
        if sys.platform != "linux":
            raise BuildIncomplete(
                "The system's keychain is not found by this build", str(error)
            ) from error
        return "keychain: its parts load; none runs here"
    return f"keychain: {type(backend).__module__}"


def _cipher_of_session_bus() -> None:
    """Under which secrets travel to the keychain: SecretStorage's, by RFC 3602."""
    ciphers = importlib.import_module("cryptography.hazmat.primitives.ciphers")
    key = bytes.fromhex("06a9214036b8a15b512e03d534120006")
    vector = bytes.fromhex("3dafba429d9eb430b422da802c9fac41")
    mode = ciphers.modes.CBC(vector)
    run = ciphers.Cipher(ciphers.algorithms.AES(key), mode, None).encryptor()
    hidden = run.update(b"Single block msg") + run.finalize()
    if hidden != bytes.fromhex("e353779c1079aeb82708942dbe77181a"):
        raise BuildIncomplete("The cipher of the keychain's bus is wrong")


def _sound() -> str:
    import wave

    from screenpop.desktop.sound_clip import read_clip

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(8000))
    if not read_clip(file.getvalue()).seconds:
        raise BuildIncomplete("Sounds cannot be read in this build")
    return "sound is read"


def _keychain_worker() -> str:
    """It answers even a question that it does not know."""
    from screenpop.services.own_program import own_command

    done = subprocess.run(  # noqa: S603 - this very program
        own_command("keychain-worker"),
        input=b'{"do": "nothing", "account": "self-test", "name": "none"}\n',
        capture_output=True,
        timeout=WORKER_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise BuildIncomplete("The keychain's helper does not start")
    return "the keychain's helper starts"


def _import_worker() -> str:
    from screenpop.services.import_process import ImportProcess
    from screenpop.services.import_worker import ImportJob

    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Nora\nTEL:+442079460421\nEND:VCARD\n"
    with tempfile.TemporaryDirectory(prefix="screenpop-self-test-") as folder:
        path = Path(folder, "people.vcf")
        path.write_text(card, "utf-8")
        database = Path(folder, "screenpop.db")
        job = ImportJob(database_file=database, path=path, region="GB", guess=None)
        report = ImportProcess(job).run(lambda _: None)
    if report.imported != 1:
        raise BuildIncomplete("The helper that imports contacts brings none")
    return "the helper that imports contacts works"
