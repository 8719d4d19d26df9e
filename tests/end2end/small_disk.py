"""What the real program does on a disk that is full or cannot be written.

    unshare --mount python -m tests.end2end.small_disk SCENARIO FOLDER

Run in a mount namespace of its own, in which FOLDER becomes a small file system; what
was seen is printed as one JSON object.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from screenpop.simulator import create_cloud
from tests.end2end.running_app import DeskHome, make_home
from tests.end2end.voxloud_calls import Hook, burst, vendor, webhook
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE: Final = "size=8m,mode=700"
_CALLER: Final = "+442079460555"
_MOST_CALLS: Final = 400
_BURST: Final = 60
_IMAGE_BYTES: Final = 24 * 1024 * 1024
# EXT4_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH of fs/ext4/ext4.h.
_SHUT_DOWN: Final = 0x8004587D
_WITHOUT_FLUSH: Final = 2


def _mount(folder: Path, *options: str) -> None:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)],
        check=True,
    )


def _make_image(folder: Path) -> None:
    image = folder.with_suffix(".image")
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)


def _mount_image(folder: Path) -> None:
    image = str(folder.with_suffix(".image"))
    subprocess.run(["mount", "-o", "loop", image, str(folder)], check=True)


def _fill(home: DeskHome) -> Path:
    """Leave not a byte."""
    filler = home.paths.data_dir / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (64 * 1024, 4096, 1):
            with suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
    return filler


def fills_up(home: DeskHome) -> dict[str, object]:
    """The disk fills up while calls come in, and is emptied again."""
    app = home.start("--headless").wait_for_listener()
    sender = app.sender()
    statuses = [sender.post(webhook("before", "INCOMING", _CALLER))]
    filler = _fill(home)
    kept: list[bytes] = []
    ring = b""
    for number in range(_MOST_CALLS):
        ring = webhook(f"full-{number}", "INCOMING", _CALLER, originatorName="n" * 900)
        statuses.append(sender.post(ring))
        if statuses[-1] != 200:
            break
        kept.append(ring)
    until(lambda: home.notes("notice"), "the notice")
    alive = app.process.poll() is None
    filler.unlink()
    again = sender.post(ring)
    last = sender.post(webhook("after", "INCOMING", _CALLER))
    until(home.all_read, "everything to be read", seconds=20)
    until(lambda: "after" in home.pops(), "the card")
    rows = home.select("SELECT body FROM deliveries")
    return {
        "refused": statuses[-1],
        "alive": alive,
        "notices": home.notes("notice"),
        "lost": sum((body,) not in rows for body in kept),
        "again": [again, last],
        "pops": max(home.pops().values()),
        "ended": app.terminate(),
        "differences": home.run("replay", "--dry-run", "--json").json["differences"],
    }


def is_full_from_the_start(home: DeskHome) -> dict[str, object]:
    """There is no room for the database."""
    _fill(home)
    ran = home.run("--headless")
    return {"status": ran.status, "err": ran.err}


def cannot_be_written(home: DeskHome) -> dict[str, object]:
    """The home was used before; now its disk is read-only."""
    app = home.start("--headless").wait_for_listener()
    app.sender().post(webhook("before", "INCOMING", _CALLER))
    until(home.all_read, "the call to be read")
    app.terminate()
    folder = str(home.paths.data_dir)
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    started, listed = home.run("--headless"), home.run("calls", "--json")
    return {
        "status": started.status,
        "err": started.err,
        "listed": listed.status,
        "listed_err": listed.err,
    }


def loses_its_power(home: DeskHome) -> dict[str, object]:
    """The disk forgets in mid-burst all that no sync has made it keep."""
    folder = home.paths.data_dir
    # The settings were written long ago.
    os.sync()
    app = home.start("--headless").wait_for_listener()
    sender = app.sender()
    sent = vendor(burst(_BURST, Random(11)))  # noqa: S311 - no secret
    refused: list[int] = []
    accepted: list[Hook] = []

    def cut() -> None:
        # What is answered while the disk goes may have been synced or not: here the
        # computer outlives its disk by a moment.
        accepted.extend(sent.accepted)
        _cut(folder)
        refused.append(sender.post(webhook("dark", "INCOMING", _CALLER)))
        until(lambda: home.notes("notice"), "the notice")
        app.kill()

    sent.send(sender, connections=4, until_accepted=_BURST * 2, then=cut)
    subprocess.run(["umount", str(folder)], check=True)
    _mount_image(folder)
    rows = home.select("SELECT body FROM deliveries WHERE source = 'webhook'")
    kept = Counter(bytes(body) for (body,) in rows)
    lost = Counter(hook.body for hook in accepted) - kept
    app = home.start("--headless").wait_for_listener()
    until(home.all_read, "everything to be read", seconds=20)
    return {
        "accepted": len(accepted) >= _BURST * 2,
        "refused": refused,
        "lost": sum(lost.values()),
        "ended": app.terminate(),
        "differences": home.run("replay", "--dry-run", "--json").json["differences"],
    }


def _cut(folder: Path) -> None:
    """What a power cut leaves of a file system: nothing that was not synced."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.ioctl(handle, _SHUT_DOWN, struct.pack("I", _WITHOUT_FLUSH))
    os.close(handle)


SCENARIOS: Final[dict[str, Callable[[DeskHome], dict[str, object]]]] = {
    "fills-up": fills_up,
    "full": is_full_from_the_start,
    "read-only": cannot_be_written,
    "power-cut": loses_its_power,
}


def main(scenario: str, folder: Path) -> None:
    """Mount, play, print."""
    folder.mkdir()
    if scenario == "power-cut":
        _make_image(folder)
        _mount_image(folder)
    else:
        _mount(folder, _SIZE)
    with create_cloud("voxloud") as cloud:
        home = make_home(folder, cloud)
        # What is seen is noted where there is room.
        noted = folder.with_suffix(".notes")
        noted.touch()
        home.notes_file.symlink_to(noted)
        try:
            print(json.dumps(SCENARIOS[scenario](home)))  # noqa: T201 - the result
        finally:
            for app in home.apps:
                if app.process.poll() is None:
                    app.kill()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
