from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screenpop.config import line_file
from screenpop.config.logs import Logs, call_id

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
ROOT = Path(__file__).resolve().parents[2]
SECRET = "SEKRET-key/with+signs="

log = logging.getLogger("screenpop.test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def logs(folder: Path) -> Iterator[Logs]:
    with Logs(folder, known_secrets=lambda: {SECRET}) as logs:
        yield logs


def written(logs: Logs) -> list[dict[str, Any]]:
    logs.stop()
    assert logs.file is not None
    text = logs.file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_each_record_becomes_one_json_line(logs: Logs) -> None:
    log.info("first %s", "line")
    log.info("second\nline “é”")
    first, second = written(logs)
    assert first["level"] == "info"
    assert first["logger"] == "screenpop.test"
    assert first["text"] == "first line"
    assert first["at"].endswith("+00:00")
    assert second["text"] == "second\nline “é”"


def test_less_than_the_level_is_not_written(logs: Logs) -> None:
    log.debug("no")
    logs.set_level("debug")
    log.debug("yes")
    assert [line["text"] for line in written(logs)] == ["yes"]


def test_the_call_in_work_is_named(logs: Logs) -> None:
    token = call_id.set("c-1")
    log.info("inside")
    call_id.reset(token)
    log.info("outside")
    inside, outside = written(logs)
    assert inside["call"] == "c-1"
    assert "call" not in outside


@pytest.mark.parametrize(
    "text",
    [
        f"key {SECRET}",
        "GET https://example.com/x?key=SEKRET-key%2Fwith%2Bsigns%3D&a=b",
        "GET https://example.com/x?other=SEKRET2",
        "POST /hooks/acme/SEKRET2 200",
        "https://user:SEKRET2@example.com/",
        "Authorization: Bearer SEKRET2",
        "{'X-Api-Key': 'SEKRET2', 'a': 1}",
        '{"api_key": "SEKRET2"}',
        "password=SEKRET2",
        "Cookie: SEKRET2",
    ],
)
def test_no_secret_is_written(logs: Logs, text: str) -> None:
    log.info("%s", text)
    log.info(text.replace("%", "%%"))
    log.info("failed", exc_info=ValueError(text))
    lines = written(logs)
    assert len(lines) == 3
    assert "SEKRET" not in json.dumps(lines)
    assert "SEKRET" not in "".join(logs.recent_lines())


def test_full_phone_numbers_are_masked_also_in_tracebacks(logs: Logs) -> None:
    try:
        int("+12025550123x")
    except ValueError:
        log.info("for %s", "+442079460018", exc_info=True)
    (line,) = written(logs)
    assert line["text"] == "for +44***18"
    assert "+12***" in line["traceback"]
    assert "2025550123" not in line["traceback"]
    assert "test_logs.py" in line["traceback"]


def test_other_handlers_still_see_the_record_as_it_was(
    logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    log.info("for %s", SECRET)
    assert caplog.records[0].getMessage() == f"for {SECRET}"
    assert SECRET not in logs.recent_lines()[0]


def test_client_libraries_do_not_tell_addresses(logs: Logs) -> None:
    logging.getLogger("httpx").info("GET https://example.com/SEKRET2")
    logging.getLogger("httpcore.http11").debug("x")
    assert written(logs) == []


def test_the_last_lines_are_kept_for_the_diagnostics(logs: Logs) -> None:
    for number in range(600):
        log.info("line %d.", number)
    recent = logs.recent_lines()
    assert len(recent) == 500
    assert json.loads(recent[-1])["text"] == "line 599."


def test_the_file_is_rotated_and_no_more_than_five_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_file, "FILE_BYTES", 1000)
    with Logs(folder):
        for number in range(200):
            log.info("line %d.", number)
    for path in folder.glob("screenpop.log*"):
        assert 0 < path.stat().st_size < 1000
    assert _lines_of(folder / "screenpop.log")[-1] == "line 199."
    names = sorted(path.name for path in folder.glob("screenpop.log*"))
    assert names == ["screenpop.log", *(f"screenpop.log.{n}" for n in range(1, 5))]


def test_a_file_is_gone_on_with_and_rotated_where_one_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("first", "second"):
        with Logs(folder):
            log.info(text)
    assert _lines_of(folder / "screenpop.log") == ["first", "second"]
    monkeypatch.setattr(line_file, "FILE_BYTES", 1)
    with Logs(folder):
        log.info("third")
    assert _lines_of(folder / "screenpop.log") == ["third"]
    assert _lines_of(folder / "screenpop.log.1") == ["first", "second"]


def _lines_of(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


@posix_only
def test_files_are_for_their_owner_only(logs: Logs, folder: Path) -> None:
    log.info("x")
    logs.stop()
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_costs_the_file_not_the_start(
    tmp_path: Path, expects_log: Any
) -> None:
    expects_log("no log file is written")
    (tmp_path / "file").write_text("")
    with Logs(tmp_path / "file") as logs:
        log.info("still here")
        assert logs.file is None
        assert "still here" in logs.recent_lines()[-1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_costs_lines_not_the_program(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "screenpop.log").symlink_to("/dev/full")
    with Logs(folder) as logs:
        log.info("lost on disk")
        assert "lost on disk" in logs.recent_lines()[-1]
    assert capfd.readouterr().err == ""


def test_a_message_that_does_not_fit_its_arguments_is_written(logs: Logs) -> None:
    # A logger of its own: pytest's handler does not survive this.
    odd_log = logging.getLogger("screenpop.test.odd")
    odd_log.propagate = False
    odd_log.addHandler(logs._intake)
    odd_log.info("%d calls", "many")
    odd_log.removeHandler(logs._intake)
    log.info("lone surrogate \ud800")
    log.info("x" * 1_000_000)
    odd, surrogate, long = written(logs)
    assert "%d calls" in odd["text"]
    assert surrogate["text"] == "lone surrogate ?"
    assert len(long["text"]) < 20_000


def test_uncaught_errors_are_written_and_redacted(logs: Logs, expects_log: Any) -> None:
    expects_log("uncaught error in thread worker")
    expects_log("uncaught error")

    def fail() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    error = ValueError("main")
    sys.excepthook(ValueError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    first, second = written(logs)
    assert first["level"] == "critical"
    assert "ValueError: ***" in first["traceback"]
    assert second["text"] == "uncaught error"


def test_stopping_leaves_logging_as_it_was(folder: Path) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    httpx_before = logging.getLogger("httpx").level
    with Logs(folder) as logs:
        assert root.handlers != before[1]
        logs.stop()
    after = (root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    assert after == before
    assert logging.getLogger("httpx").level == httpx_before


@posix_only
def test_a_run_that_died_leaves_word_for_the_next(folder: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from screenpop.config.logs import Logs
Logs(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGSEGV)
"""
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, check=False, cwd=ROOT, env=os.environ)
    assert done.returncode < 0
    with Logs(folder) as logs:
        assert logs.last_crash is not None
        assert "Segmentation fault" in logs.last_crash.read_text()
    with Logs(folder) as logs:
        assert logs.last_crash is None
