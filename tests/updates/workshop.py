"""An installation, a publisher with a key, and the server between them, all real."""

from __future__ import annotations

import io
import json
import re
import tarfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey

from screenpop.config.update_settings import UpdateSettings
from screenpop.domain.update_manifest import Version
from screenpop.services.updates.fetching import Fetcher
from screenpop.services.updates.finding import Found, UpdatePlace, look
from screenpop.services.updates.installation import Installation, Kind, platform_name
from screenpop.services.updates.staging import stage
from screenpop.services.updates.versions import VersionsFolder
from update_signing import artefact, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
PLATFORM = platform_name()

WORKS = "exit 0"
FAILS = "echo 'no window came up' >&2; exit 1"


def program(version: str, self_test: str = WORKS) -> bytes:
    """What stands for a whole version: it says which, and whether it works."""
    return (
        "#!/bin/sh\n"
        'case "$1" in\n'
        f'--version) echo "screenpop {version}" ;;\n'
        f"self-test) {self_test} ;;\n"
        f'*) echo "{version} $*" ;;\n'
        "esac\n"
    ).encode()


def tarball(files: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    """A gzip archive of these files, by their whole names."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755
            archive.addfile(member, io.BytesIO(data))
        for other in others:
            archive.addfile(other)
    return stream.getvalue()


@dataclass
class Served:
    """What the server has, and what it was asked.

    Attributes:
        files: By path.
        moved: Paths that are elsewhere.
        asked: Each request's line and headers.
        has_ranges: It sends parts of files.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    has_ranges: bool = True
    url: str = ""

    def count(self, path: str) -> int:
        return sum(line.split()[1] == path for line, _ in self.asked)


@contextmanager
def serving(served: Served) -> Iterator[None]:
    """A web server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked.append((self.requestline, dict(self.headers.items())))
            if self.path in served.moved:
                self.send_response(302)
                self.send_header("Location", served.moved[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data = served.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            wanted = self.headers.get("Range", "")
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted)
            if found and served.has_ranges:
                start, end = int(found[1]), min(int(found[2]) + 1, len(data))
                self.send_response(206)
                whole = f"bytes {start}-{end - 1}/{len(data)}"
                self.send_header("Content-Range", whole)
                data = data[start:end]
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who asks may hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Workshop:
    """Everything together.

    Attributes:
        root: Of the installation, with one version.
    """

    folder: Path
    served: Served
    key: SigningKey = field(default_factory=SigningKey.generate)

    def __post_init__(self) -> None:
        self.root = self.folder / "opt"
        self.versions = VersionsFolder(self.root)
        self.put("0.1.0")
        self.versions.switch("0.1.0")

    def put(self, version: str, self_test: str = WORKS) -> None:
        """Install a version beside the others."""
        target = self.versions.program(version)
        target.parent.mkdir(parents=True)
        target.write_bytes(program(version, self_test))
        target.chmod(0o755)

    def place(self, **changed: Any) -> UpdatePlace:
        """The installation's place, as it stands in for this program's own."""
        version = changed.pop("version", "0.1.0")
        kind = changed.pop("kind", Kind.TARBALL)
        keys = changed.pop("keys", (bytes(self.key.verify_key),))
        now = changed.pop("now", NOW)
        own = self.versions if kind is Kind.TARBALL else None
        return UpdatePlace(
            installation=Installation(
                kind=kind,
                folder=self.versions.folder(version),
                versions=own,
                keys=keys,
                manifest_url=f"{self.served.url}/{{channel}}.json",
            ),
            settings=UpdateSettings(**changed),
            version=Version.read(version),
            folder=self.folder / "data",
            platform=PLATFORM,
            now=lambda: now,
        )

    def publish(self, version: str = "0.2.0", **changed: Any) -> bytes:
        """Put a version and its manifest on the server; returns the manifest's file."""
        data = changed.pop("data", None)
        if data is None:
            self_test = changed.pop("self_test", WORKS)
            padding = {f"screenpop-{version}/library.bin": bytes(1000)}
            name = f"screenpop-{version}/screenpop"
            data = tarball({name: program(version, self_test), **padding})
        kind = changed.pop("kind", "tarball")
        path = self.folder / f"screenpop-{version}.tar.gz"
        path.write_bytes(data)
        self.served.files[f"/{path.name}"] = data
        keys = changed.pop("keys", [self.key])
        address = changed.pop("address", "/stable.json")
        manifest = {
            "format": 1,
            "channel": "stable",
            "serial": 7,
            "version": version,
            "minimum_version": "0.1.0",
            "issued": text_of(NOW - timedelta(days=1)),
            "expires": text_of(NOW + timedelta(days=30)),
            "rollout": {"pilot": 100, "early": 100, "broad": 100},
            "artefacts": [artefact(f"{PLATFORM}:{kind}:{path}")],
            "notes": "Rings <b>louder</b>.",
            **changed,
        }
        file = signed(manifest, keys)
        self.served.files[address] = file
        return file

    async def look(self, place: UpdatePlace | None = None) -> Found:
        fetcher = Fetcher()
        try:
            return await look(place or self.place(), fetcher)
        finally:
            await fetcher.aclose()

    async def stage(self, place: UpdatePlace | None = None) -> Found:
        """Look, fetch and unpack, as the worker does."""
        fetcher, here = Fetcher(), place or self.place()
        try:
            found = await look(here, fetcher)
            await stage(here, found, fetcher, lambda _: None)
        finally:
            await fetcher.aclose()
        return found

    def kept(self) -> dict[str, Any]:
        """What is remembered."""
        table: dict[str, Any] = json.loads(self.place().memory_file.read_bytes())
        return table


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
