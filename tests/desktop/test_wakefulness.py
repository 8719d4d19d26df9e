"""What the system tells of sleep and of its network, without being asked."""

from __future__ import annotations

import select
import subprocess
import sys

import pytest

from screenpop.desktop.wakefulness import asleep_seconds, open_alarms

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the system's own way")

_IN_A_NETWORK_OF_ITS_OWN = """
import select, subprocess
from screenpop.desktop.wakefulness import open_alarms

alarms = open_alarms()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
ringing, _, _ = select.select(alarms, [], [], 20)
print([(each.is_of_network, each.take(), each.take()) for each in ringing])
"""


def test_a_computer_that_stays_awake_is_not_said_to_sleep() -> None:
    before = asleep_seconds()
    assert before >= 0
    assert asleep_seconds() - before < 1


@linux_only
def test_alarms_are_silent_while_nothing_happens() -> None:
    alarms = open_alarms()
    try:
        assert {alarm.is_of_network for alarm in alarms} == {False, True}
        clock = next(alarm for alarm in alarms if not alarm.is_of_network)
        assert select.select([clock], [], [], 0) == ([], [], [])
        assert not clock.take()
    finally:
        for alarm in alarms:
            alarm.close()


def _works(command: list[str]) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, check=False).returncode
    except FileNotFoundError:
        return False


@linux_only
def test_an_address_that_comes_is_heard() -> None:
    command = ["unshare", "--map-root-user", "--net"]
    if not _works([*command, "ip", "link"]):
        pytest.skip("no network of one's own can be made here")
    done = subprocess.run(
        [*command, sys.executable, "-c", _IN_A_NETWORK_OF_ITS_OWN],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[(True, True, False)]"
