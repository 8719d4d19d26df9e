"""The commands of an installation, as processes of their own, over real HTTP."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.updates.workshop import FAILS, Workshop, text_of
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="versions side by side are for Linux"
)
ROOT = Path(__file__).parents[2]

# What a frozen program is to this code: it says so, and where it lies.
STUB = """\
#!{python}
import os, sys
sys.path.insert(0, {root!r})
sys.frozen = True
sys.executable = os.path.realpath(__file__)
from screenpop.cli.main import main
sys.exit(main())
"""

Run = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def installed(workshop: Workshop, tmp_path: Path) -> Callable[..., Any]:
    """Version 0.1.0 is this very code; what runs whatever is current."""
    program = workshop.versions.program("0.1.0")
    program.write_text(STUB.format(python=sys.executable, root=str(ROOT)))
    (program.parent / "installation.json").write_text('{"kind": "tarball"}')
    key = base64.b64encode(bytes(workshop.key.verify_key)).decode()
    pins = {"keys": [key], "manifest_url": f"{workshop.served.url}/{{channel}}.json"}
    (program.parent / "update-keys.json").write_text(json.dumps(pins))

    def run(*words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(workshop.versions.current_program), *words],
            env={**os.environ, "SCREENPOP_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def publish(workshop: Workshop, **changed: Any) -> None:
    now = datetime.now(UTC)
    workshop.publish(
        issued=text_of(now - timedelta(hours=1)),
        expires=text_of(now + timedelta(days=7)),
        **changed,
    )


def test_check_install_and_status(workshop: Workshop, installed: Any) -> None:
    assert "never looked for" in installed("update").stdout
    publish(workshop)
    said = json.loads(installed("update", "check", "--json").stdout)
    assert (said["standing"], said["version"], said["running"]) == (
        "offered",
        "0.2.0",
        "0.1.0",
    )
    assert workshop.versions.current() == "0.1.0"
    status = json.loads(installed("update", "status", "--json").stdout)
    assert (status["offered"], status["ready"], status["kind"]) == (
        "0.2.0",
        "",
        "tarball",
    )
    done = installed("update", "install")
    assert done.stdout == "screenpop was updated to version 0.2.0.\n"
    assert workshop.versions.current() == "0.2.0"
    assert installed("--version").stdout == "screenpop 0.2.0\n"


def test_a_quiet_start_becomes_the_version_that_waits(
    workshop: Workshop, installed: Any
) -> None:
    publish(workshop)
    answer = installed("update-worker")
    assert json.loads(answer.stdout) == {"standing": "offered"}
    assert workshop.versions.current() == "0.1.0"
    # The stand-in for 0.2.0 says what it was called with.
    assert installed("--headless").stdout == "0.2.0 run --headless\n"
    assert workshop.versions.current() == "0.2.0"


def test_a_running_app_restarts_as_the_version_that_is_ready(
    workshop: Workshop, installed: Any, tmp_path: Path
) -> None:
    publish(workshop)
    app = subprocess.Popen(
        [str(workshop.versions.current_program), "--headless"],
        env={**os.environ, "SCREENPOP_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        socket = tmp_path / "home" / "run" / "app.sock"
        until(socket.exists, "the app", seconds=30)
        said = installed("update", "install").stdout
        assert "as soon as nobody is on the phone" in said
        told, _ = app.communicate(timeout=30)
    finally:
        app.kill()
        app.wait()
    assert told == "0.2.0 run --headless\n"
    assert workshop.versions.current() == "0.2.0"


def test_what_is_wrong_is_one_sentence_and_a_line_of_the_doctor(
    workshop: Workshop, installed: Any
) -> None:
    publish(workshop, self_test=FAILS)
    done = installed("update", "install", status=1)
    assert done.stderr.startswith("screenpop: Version 0.2.0 does not work here.")
    assert "no window came up" in done.stderr
    workshop.served.files.clear()
    done = installed("update", "check", status=1)
    assert "Traceback" not in done.stderr
    facts = json.loads(installed("update", "--json").stdout)
    assert "0.2.0" in dict(facts["failed"])
    from screenpop.services.diagnosis_updates import findings_of
    from screenpop.services.updates.status import UpdateFacts

    titles = [each.title for each in findings_of(UpdateFacts(**facts))]
    assert any("0.2.0 did not work here" in title for title in titles)
    assert any("The last look went wrong" in title for title in titles)


def test_login_start_leads_to_whichever_version_is_current(
    workshop: Workshop, installed: Any
) -> None:
    del installed
    program = workshop.versions.program("0.1.0")
    statement = (
        "import sys; sys.frozen = True; sys.executable = sys.argv[1];"
        "from screenpop.services.own_program import installed_command, own_command;"
        "print(*own_command('run'), *installed_command('run'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", statement, str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    own, _, lasting, _ = done.stdout.split()
    assert own == str(program)
    assert lasting == str(workshop.root / "current" / "screenpop")
