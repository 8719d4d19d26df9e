"""Row 6: how many deliveries a second are on disk and answered, 16 at a time.

Every delivery comes over a connection of its own, as from a vendor; the program's
listener takes one request a connection by design. The load is wrk's; without wrk it is
a Python client's, which is then the limit of both sides.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bench.deliveries import body
from tests.bench.figures import Bound, Row, Target
from tests.bench.rows.answer import OTHER_EXTENSION
from tests.bench.rows.card import probed_program
from tests.bench.rows.idle import pause
from tests.bench.stage import Program, Stage, python
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = 16
SECONDS = 3
SETTLE_SECONDS = 2.0
_SCRIPT = """\
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Connection"] = "close"
wrk.headers["Host"] = "127.0.0.1"
local before, after = [==[{before}]==], [==[{after}]==]
local number = 0
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, before .. string.format("%012d", number) .. after)
end
"""
_FLOORS = "tests.bench.floors"
_PLACE = "0123456789ab"


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both stand ready, one of them under load at a time."""
    what = f"durable intake, {CONNECTIONS} connections"
    row = Row(what, "/s", Target(Bound.AT_LEAST_TIMES, 0.5))
    beside_peer = Row(
        what, "/s", Target(Bound.AT_LEAST_TIMES, 5.0), beside="Starlette, aiosqlite"
    )
    if shutil.which("wrk") is None:
        return [row, beside_peer]
    env = {"BENCH_FOLDER": str(stage.folder)}
    with (
        stage.running(*python("-m", f"{_FLOORS}.group_commit"), env=env) as floor,
        stage.running(*python("-m", f"{_FLOORS}.web_framework"), env=env) as peer,
        probed_program(stage, "intake") as (program, url),
    ):
        floor_url, peer_url = _hook_of(floor), _hook_of(peer)
        assert urlsplit(url).hostname == "127.0.0.1"
        pause(SETTLE_SECONDS)
        for _ in range(rounds):
            floor_rate, peer_rate = _rate(stage, floor_url), _rate(stage, peer_url)
            rate = _rate(stage, url)
            row.add(floor_rate, rate)
            beside_peer.add(peer_rate, rate)
            until(lambda: _backlog(program) == 0, "the calls to be folded", seconds=120)
    return [row, beside_peer]


def _hook_of(process: Program) -> str:
    return f"http://127.0.0.1:{int(process.fact('port'))}/hook"


def _backlog(program: Program) -> int:
    program.tell("backlog")
    return int(program.fact("backlog"))


def _rate(stage: Stage, url: str) -> float:
    script = _write_script(stage)
    done = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{SECONDS}s",
            "-s",
            str(script),
            url,
        ],
        env=dict(stage.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if rate is None or "Non-2xx" in done.stdout:
        raise RuntimeError(f"deliveries were not accepted:\n{done.stdout}")
    return float(rate.group(1))


def _write_script(stage: Stage) -> Path:
    """Every delivery of a run is for another call, and no call of another run's."""
    call_id = f"{str(uuid.uuid4())[:-12]}{_PLACE}"
    content = body("INCOMING", call_id, 1, stage.cloud.line, OTHER_EXTENSION).decode()
    before, _, after = content.partition(_PLACE)
    path = stage.folder / "post.lua"
    path.write_text(_SCRIPT.format(before=before, after=after), encoding="utf-8")
    return path
