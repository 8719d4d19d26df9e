"""Bringing a version onto the disk: resumed, checked, unpacked, tried."""

from __future__ import annotations

import os
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import UpdateError, UpdateRefused
from screenpop.services.updates import fetching, hand_over
from screenpop.services.updates.at_start import settled
from screenpop.services.updates.finding import Standing
from screenpop.services.updates.hand_over import take_setup, waiting_setup
from screenpop.services.updates.installation import Kind
from tests.updates.workshop import FAILS, Workshop, program, tarball
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

TARBALL = "/screenpop-0.2.0.tar.gz"


def tree(root: Path) -> set[str]:
    """The versions that are there, and what else lies beside them."""
    return {path.name for path in (root / "versions").iterdir()}


async def test_a_version_is_ready_beside_the_one_that_runs(workshop: Workshop) -> None:
    workshop.publish()
    await workshop.stage()
    assert workshop.versions.ready() == "0.2.0"
    assert workshop.versions.current() == "0.1.0"
    assert tree(workshop.root) == {"0.1.0", "0.2.0"}
    assert list(workshop.versions.updates.glob("*.part")) == []
    await workshop.stage()
    assert workshop.served.count(TARBALL) == 1


async def test_a_download_goes_on_where_it_ended(workshop: Workshop) -> None:
    big = os.urandom(2 * fetching.PIECE_BYTES)
    data = tarball({"s/screenpop": program("0.2.0"), "s/big": big})
    workshop.publish(data=data)
    pieces: list[int] = []

    async def begin() -> None:
        found = await workshop.look()
        fetcher = fetching.Fetcher()

        def tell(done: int) -> None:
            pieces.append(done)
            workshop.served.files.pop(TARBALL, None)

        try:
            assert found.artefact is not None
            folder = workshop.versions.updates
            await fetcher.download(found.url, found.artefact, folder, tell)
        finally:
            await fetcher.aclose()

    with pytest.raises(UpdateError):
        await begin()
    assert pieces == [fetching.PIECE_BYTES]
    workshop.served.files[TARBALL] = data
    workshop.served.asked.clear()
    await workshop.stage()
    assert workshop.versions.ready() == "0.2.0"
    ranges = [
        headers["Range"] for _, headers in workshop.served.asked if "Range" in headers
    ]
    assert ranges[0].startswith(f"bytes={fetching.PIECE_BYTES}-")
    assert (workshop.versions.folder("0.2.0") / "big").read_bytes() == big


async def test_what_was_begun_of_another_file_is_fetched_anew(
    workshop: Workshop,
) -> None:
    workshop.publish()
    found = await workshop.look()
    assert found.artefact is not None
    workshop.versions.updates.mkdir()
    part = workshop.versions.updates / f"{found.artefact.sha256[:16]}.part"
    part.write_bytes(b"something else")
    (workshop.versions.updates / "0123456789abcdef.part").write_bytes(b"old")
    await workshop.stage()
    assert workshop.versions.ready() == "0.2.0"
    assert list(workshop.versions.updates.glob("*.part")) == []


@pytest.mark.parametrize("where", [0, 100, -1])
async def test_one_changed_bit_in_the_file_is_refused(
    workshop: Workshop, where: int
) -> None:
    workshop.publish()
    data = bytearray(workshop.served.files[TARBALL])
    data[where] ^= 1
    workshop.served.files[TARBALL] = bytes(data)
    with pytest.raises(UpdateRefused, match="not the file that was announced"):
        await workshop.stage()
    assert tree(workshop.root) == {"0.1.0"}
    assert workshop.versions.ready() == ""
    assert list(workshop.versions.updates.glob("*.part")) == []


@pytest.mark.parametrize("has_ranges", [True, False])
async def test_a_file_that_is_shorter_or_longer_is_refused(
    workshop: Workshop, *, has_ranges: bool
) -> None:
    workshop.served.has_ranges = has_ranges
    workshop.publish()
    data = workshop.served.files[TARBALL]
    for wrong in (data[:-10], data + bytes(10_000_000)):
        workshop.served.files[TARBALL] = wrong
        if has_ranges and len(wrong) > len(data):
            continue  # only as much is asked for as was announced
        with pytest.raises(UpdateError):
            await workshop.stage()
    assert tree(workshop.root) == {"0.1.0"}


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


TRICKS: dict[str, bytes] = {
    "up": tarball({"s/screenpop": b"x", "s/../../../../evil": b"x"}),
    "absolute": tarball({"/etc/evil": b"x"}),
    "two folders": tarball({"s/screenpop": b"x", "t/evil": b"x"}),
    "no folder": tarball({"screenpop": b"x"}),
    "link out": tarball({"s/screenpop": b"x"}, link("s/out", "../../../..")),
    "link absolute": tarball({"s/screenpop": b"x"}, link("s/out", "/etc/passwd")),
    "hard link out": tarball(
        {"s/screenpop": b"x"}, link("s/out", "s/../../0.1.0/screenpop", tarfile.LNKTYPE)
    ),
    "pipe": tarball({"s/screenpop": b"x"}, link("s/pipe", "", tarfile.FIFOTYPE)),
    "device": tarball({"s/screenpop": b"x"}, link("s/null", "", tarfile.CHRTYPE)),
    "program is a link": tarball({"s/x": b"x"}, link("s/screenpop", "x")),
    "no program": tarball({"s/readme": b"x"}),
    "not an archive": b"PK\x03\x04" + bytes(500),
    "cut off": tarball({"s/screenpop": os.urandom(5000)})[:-2500],
}


@pytest.mark.parametrize("data", TRICKS.values(), ids=TRICKS)
async def test_an_archive_that_would_write_elsewhere_is_refused_although_signed(
    workshop: Workshop, data: bytes
) -> None:
    before = {path for path in workshop.folder.rglob("*") if path.is_file()}
    workshop.publish(data=data)
    with pytest.raises(UpdateError):
        await workshop.stage()
    assert workshop.versions.ready() == ""
    assert "0.2.0" not in tree(workshop.root)
    new = {path for path in workshop.folder.rglob("*") if path.is_file()} - before
    outside = {
        path.name
        for path in new
        if not path.is_relative_to(workshop.root / "versions" / ".draft-0.2.0")
    }
    assert outside == {"screenpop-0.2.0.tar.gz", "updates.json"}


async def test_links_within_a_version_are_kept(workshop: Workshop) -> None:
    inner = (
        link("s/lib.so", "lib.so.1"),
        link("s/hard", "s/lib.so.1", tarfile.LNKTYPE),
    )
    data = tarball({"s/screenpop": program("0.2.0"), "s/lib.so.1": b"library"}, *inner)
    workshop.publish(data=data)
    await workshop.stage()
    folder = workshop.versions.folder("0.2.0")
    assert (folder / "lib.so").read_bytes() == b"library"
    assert (folder / "hard").read_bytes() == b"library"


async def test_the_tarball_that_people_install_is_taken_for_its_program(
    workshop: Workshop,
) -> None:
    files = {"s/install.sh": b"", "s/program/screenpop": program("0.2.0")}
    workshop.publish(data=tarball(files))
    await workshop.stage()
    assert tree(workshop.root) == {"0.1.0", "0.2.0"}
    assert workshop.versions.ready() == "0.2.0"
    assert {path.name for path in workshop.versions.folder("0.2.0").iterdir()} == {
        "screenpop"
    }


async def test_a_version_that_does_not_work_here_is_never_switched_to(
    workshop: Workshop,
) -> None:
    workshop.publish(self_test=FAILS)
    with pytest.raises(UpdateError, match="no window came up"):
        await workshop.stage()
    assert tree(workshop.root) == {"0.1.0"}
    assert (await workshop.look()).standing is Standing.FAILED
    workshop.publish("0.2.1", serial=8)
    assert (await workshop.stage()).standing is Standing.OFFERED
    assert workshop.versions.ready() == "0.2.1"


async def test_a_file_that_is_another_version_than_it_says_is_refused(
    workshop: Workshop,
) -> None:
    workshop.publish(data=tarball({"s/screenpop": program("0.1.9")}))
    with pytest.raises(UpdateError, match=r"It is not version 0\.2\.0"):
        await workshop.stage()


async def test_an_installation_that_others_look_after_only_hears_of_it(
    workshop: Workshop,
) -> None:
    workshop.publish()
    (workshop.root / "versions").chmod(0o500)
    place = workshop.place(kind=Kind.SETUP_MACHINE)
    workshop.publish(kind="setup", serial=8)
    found = await workshop.stage(place)
    assert found.standing is Standing.OFFERED
    assert workshop.served.count(TARBALL) == 0
    (workshop.root / "versions").chmod(0o700)


# --- installers ----------------------------------------------------------------------


async def test_a_verified_installer_waits_and_is_run_once(workshop: Workshop) -> None:
    workshop.publish(data=b"MZ an installer", kind="setup")
    place = workshop.place(kind=Kind.SETUP_USER)
    await workshop.stage(place)
    waiting = waiting_setup(place.folder)
    assert waiting is not None
    assert waiting.version == "0.2.0"
    taken = take_setup(place.folder, place.version)
    assert taken == waiting
    assert taken.command == [str(waiting.path), "/S", "/SELFTEST=1", "/START=1"]
    assert take_setup(place.folder, place.version) is None


async def test_an_installer_that_was_changed_on_the_disk_is_not_run(
    workshop: Workshop,
) -> None:
    workshop.publish(data=b"MZ an installer", kind="setup")
    place = workshop.place(kind=Kind.SETUP_USER)
    await workshop.stage(place)
    (place.folder / "updates" / "screenpop-0.2.0.tar.gz").write_bytes(b"MZ another")
    assert waiting_setup(place.folder) is None
    assert take_setup(place.folder, place.version) is None


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
async def test_an_installer_that_did_nothing_is_not_run_day_after_day(
    workshop: Workshop,
) -> None:
    done = workshop.folder / "done"
    script = f'#!/bin/sh\necho "$@" > {done}.tmp; mv {done}.tmp {done}\n'.encode()
    workshop.publish(data=script, kind="setup")
    place = workshop.place(kind=Kind.SETUP_USER)
    await workshop.stage(place)
    (place.folder / "updates" / "screenpop-0.2.0.tar.gz").chmod(0o700)
    assert settled(place, is_in_call=True) is None
    assert settled(place, is_in_call=False) == []
    until(done.exists, "the installer")
    hand_over._left_behind.pop().wait()
    assert done.read_text() == "/S /SELFTEST=1 /START=1\n"
    # What starts next is the version that was there before.
    assert settled(place, is_in_call=False) is None
    found = await workshop.look(place)
    assert found.standing is Standing.FAILED
    assert "did not put it in place" in found.why
