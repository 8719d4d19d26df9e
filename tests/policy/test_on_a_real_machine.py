"""An ordinary user against a policy in the real ``/etc``, of which this is a copy.

Root makes a mount namespace with an ``/etc`` of its own; nothing outside of it changes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NEEDED = ("unshare", "setpriv", "mount")
POLICY = """
[card]
corner = "top-left"

[[accounts]]
id = "acme"
vendor = "voxloud"

[policy]
locked = ["card.corner", "accounts"]
administrator = "IT, ext. 200"
"""
_SET_UP = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none /mnt
mkdir /mnt/etc /mnt/python /mnt/home
cp -a /etc/. /mnt/etc/
mount --bind /mnt/etc /etc
mount --bind "$PYTHON" /mnt/python
case "$PYTHON" in /root/*)
    mount -t tmpfs -o mode=755 none /root
    mkdir -p "$PYTHON"
    mount --bind /mnt/python "$PYTHON"
esac
mkdir -p /etc/screenpop
printf %s "$POLICY" > /etc/screenpop/policy.toml
chown 65534 /mnt/home
as_user() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME=/mnt/home \\
        PATH="$PATH" LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$CHECKOUT" "$@"
}
screenpop() { as_user "$PROGRAM" -m screenpop "$@"; }
as_user "$PROGRAM" -c 'import screenpop' 2>/dev/null || exit 77
set +e
"""
_CANNOT = 77


@dataclass(frozen=True)
class Said:
    status: int
    out: str


def _in_its_own_etc(script: str) -> Said:
    given = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.base_prefix,
        "PROGRAM": sys.executable,
        "CHECKOUT": str(ROOT),
        "POLICY": POLICY,
    }
    ran = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _SET_UP + script],
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Said(ran.returncode, ran.stdout)


@pytest.fixture(scope="module", autouse=True)
def _possible() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can have an /etc of its own")
    if not all(map(shutil.which, _NEEDED)):
        pytest.skip(f"missing one of {', '.join(_NEEDED)}")
    said = _in_its_own_etc("exit 0")
    if said.status:
        pytest.skip(f"no namespace to be had: {said.out.strip()[-200:]}")


def test_whatever_a_user_tries_what_is_locked_stays() -> None:
    said = _in_its_own_etc(
        """
        as_user sh -c 'echo > /etc/screenpop/policy.toml' && exit 1
        as_user sh -c 'mv /etc/screenpop /etc/other' && exit 2
        echo made-up-key-0001 | screenpop account add voxloud --id own --no-check \\
            && exit 3
        screenpop account remove acme --yes && exit 4
        mkdir -p /mnt/home/.config/screenpop /mnt/home/xdg/screenpop
        echo 'card = 5' > /mnt/home/.config/screenpop/config.toml
        printf '[policy]\\nlocked = []\\n[card]\\ncorner = "top-right"\\n' \\
            > /mnt/home/xdg/screenpop/config.toml
        chown -R 65534 /mnt/home
        as_user env XDG_CONFIG_DIRS=/mnt/home/xdg SCREENPOP_HOME=/mnt/home/new \\
            "$PROGRAM" -m screenpop doctor --policy --json || exit 5
        as_user env XDG_CONFIG_DIRS=/mnt/home/xdg \\
            "$PROGRAM" -m screenpop doctor --policy --json
        exit 0
        """
    )
    assert said.status == 0, said.out
    assert said.out.count("is set by your administrator") == 2
    *_, with_home, without = said.out.splitlines()
    for line in (with_home, without):
        rows = {row["place"]: row for row in json.loads(line)["settings"]}
        assert rows["card.corner"]["value"] == "top-left"
        assert rows["card.corner"]["lock"] == "/etc/screenpop/policy.toml"
        assert rows["accounts.acme"]["reason"] == "locked"


def test_a_policy_that_the_user_could_have_written_is_refused_and_frees_nothing() -> (
    None
):
    said = _in_its_own_etc(
        """
        screenpop account list > /dev/null
        chmod 666 /etc/screenpop/policy.toml
        as_user sh -c 'echo > /etc/screenpop/policy.toml' || exit 1
        screenpop doctor --policy --json
        test $? = 1 || exit 2
        """
    )
    assert said.status == 0, said.out
    told = json.loads(said.out.splitlines()[-1])
    rows = {row["place"]: row for row in told["settings"]}
    assert rows["card.corner"]["value"] == "top-left"
    assert "can be written by users" in told["problems"][0]["text"]
