"""``dev.py package-test windows``: the set-up under Wine, from a stand-in program.

What is packed is not screenpop but two small programs that answer what the set-up asks
(``stub.c``): screenpop itself is frozen on Windows only. What Wine cannot show stands
in docs/install.md.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import system_packages
from windows.facts import CONSOLE_PROGRAM, PRODUCT, PROGRAM
from windows.msi import MSI_NEEDED, build_msi
from windows.package import NEEDED, PackageError, build_setup
from windows.script_facts import FIRST_LOGIN_KEY, FIRST_LOGIN_VERSION
from windows.wine import Wine, display

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS: Final = (
    *NEEDED,
    *MSI_NEEDED,
    system_packages.SystemPart("wine64", "/usr/lib/wine/wine64"),
    system_packages.SystemPart("wine", "/usr/bin/wineserver"),
    system_packages.SystemPart("xvfb", "Xvfb"),
    system_packages.SystemPart(
        "gcc-mingw-w64-x86-64-win32", "x86_64-w64-mingw32-gcc-win32"
    ),
)
CODE: Final = "https://pop.example.com/enrol#abcdefghijklmnopqrstuvwxyz"
UNINSTALL_KEY: Final = rf"Software\Microsoft\Windows\CurrentVersion\Uninstall\{PRODUCT}"
RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
LINK_KEY: Final = r"Software\Classes\screenpop.tel\shell\open\command"
STUB: Final = Path(__file__).with_name("stub.c")

# As exit statuses come out of Wine: modulo 256.
FAILED, TRY_LATER, NOT_OVER_THAT = 1603 % 256, 1618 % 256, 1638 % 256
WRONG_SWITCH: Final = 87


class Bench:
    """What the steps work with: a Windows, and set-ups of several versions."""

    def __init__(self, folder: Path, wine: Wine) -> None:
        self.folder = folder
        self.wine = wine
        self.app = wine.home / "AppData/Local/Programs/screenpop/app"
        self.machine_app = wine.drive / "Program Files/screenpop/app"
        self.temp = next(
            each
            for each in (wine.home / "Temp", wine.home / "AppData/Local/Temp")
            if each.is_dir()
        )
        self._frozen = folder / "frozen"
        compile_stub(self._frozen)

    def build(self, version: str, extra: str, *, msi: bool = False) -> Path:
        """A package of the stand-in with one file that tells it from others."""
        marked = self._frozen / "_internal" / extra
        marked.parent.mkdir(exist_ok=True)
        marked.write_text(version)
        beside = self._frozen / extra
        beside.write_text(version)
        make = build_msi if msi else build_setup
        built = make(self._frozen, self.folder / version, version)
        marked.unlink()
        beside.unlink()
        return built

    def expect(self, status: int, setup: Path, *words: str) -> str:
        """Run a set-up silently and see how it ends; what it said."""
        got, said = self.wine.run(str(setup), "/S", *words)
        check(got == status, f"exit status {got} instead of {status}: {said}")
        return said

    def installed(self, root: str) -> str | None:
        """The version that the list of installed programs names."""
        return self.wine.value(rf"{root}\{UNINSTALL_KEY}", "DisplayVersion")

    def remove(self, app: Path) -> None:
        """Uninstall silently; the uninstaller goes on after its own end."""
        uninstaller = app.parent / "uninstall.exe"
        status, said = self.wine.run(str(uninstaller), "/S")
        check(status == 0, f"exit status {status}: {said}")
        self.wine.wait_until_gone(app.parent)


def check(is_so: bool, otherwise: str) -> None:
    """Fail with a sentence unless something is so."""
    if not is_so:
        raise AssertionError(otherwise)


def compile_stub(folder: Path) -> None:
    """Compile the two programs of the stand-in."""
    folder.mkdir(parents=True)
    for name, kind in ((PROGRAM, "-mwindows"), (CONSOLE_PROGRAM, "-mconsole")):
        command = ["x86_64-w64-mingw32-gcc-win32", "-O1", "-s", kind, "-o"]
        subprocess.run([*command, str(folder / name), str(STUB)], check=True)


# --- steps ---------------------------------------------------------------------------


def install_for_one_user(bench: Bench) -> None:
    """Silent, per user, with settings, login start and an enrolment code."""
    preset = bench.folder / "pre set.toml"
    preset.write_text('region = "GB"\n')
    log = bench.folder / "setup.log"
    bench.expect(
        0,
        bench.build("1.0.0", "first.txt"),
        f"/CONFIG={windows_path(preset)}",
        f"/LOG={windows_path(log)}",
        "/LOGINSTART=1",
        f"/ENROL={CODE}",
    )
    program = windows_path(bench.app / PROGRAM, bench.wine)
    check(bench.installed("HKCU") == "1.0.0", "not in the list of programs")
    check(bench.installed("HKLM") is None, "in the list of everybody's programs")
    expected = {
        (RUN_KEY, PRODUCT): f'"{program}" run --at-login',
        (LINK_KEY, ""): f'"{program}" dial -- "%1"',
        (rf"Software\{PRODUCT}\Capabilities\URLAssociations", "tel"): "screenpop.tel",
        (
            r"Software\RegisteredApplications",
            PRODUCT,
        ): r"Software\screenpop\Capabilities",
    }
    for (key, name), text in expected.items():
        got = bench.wine.value(rf"HKCU\{key}", name)
        check(got == text, f"{key} {name} is {got}")
    menu = bench.wine.home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
    check((menu / "screenpop.lnk").is_file(), "not in the start menu")
    own = bench.wine.home / "AppData/Local/screenpop/config.toml"
    check(own.read_text() == preset.read_text(), "the settings are not there")
    handed = (bench.temp / "joined").read_text()
    check(handed == f"{len(CODE)} whole", f"the code came as {handed}")
    check(CODE[-26:] not in log.read_text("utf-16"), "the code is in the log")
    left = [each for each in bench.wine.registry() if CODE[-26:] in each]
    check(not left, f"the code is in the registry: {left}")


def upgrade_while_it_runs(bench: Bench) -> None:
    """The app is asked to end, exchanged whole, and started again; settings stay."""
    running = bench.wine.start(str(bench.app / PROGRAM), "run", "--at-login")
    try:
        upgrade = bench.build("1.1.0", "second.txt")
        said = bench.expect(0, upgrade)
        check(running.wait(timeout=30) == 0, "it did not end by itself")
        check(bench.installed("HKCU") == "1.1.0", said)
        check((bench.app / "_internal/second.txt").is_file(), "the new is not there")
        check(not (bench.app / "first.txt").exists(), "the old is still there")
        check(not (bench.app / "_internal/first.txt").exists(), "old parts stayed")
        login = bench.wine.value(rf"HKCU\{RUN_KEY}", PRODUCT)
        check(login is not None, "login start was switched off")
        status, text = bench.wine.run(str(bench.app / CONSOLE_PROGRAM), "quit")
        check("has ended" in text and status == 0, "it was not started again")
    finally:
        running.kill()


def never_in_a_call(bench: Bench) -> None:
    """During a call nothing is changed and the app goes on; it may be tried later."""
    running = bench.wine.start(str(bench.app / PROGRAM), "run", "--at-login")
    in_call = bench.temp / "in-call"
    in_call.touch()
    try:
        later = bench.build("1.2.0", "third.txt")
        until_running(bench, bench.app)
        said = bench.expect(TRY_LATER, later)
        check("in a call" in said, f"why is not said: {said}")
        check(running.poll() is None, "the app was ended in a call")
        check(bench.installed("HKCU") == "1.1.0", "it was changed in a call")
        in_call.unlink()
        bench.wine.run(str(bench.app / CONSOLE_PROGRAM), "quit")
    finally:
        in_call.unlink(missing_ok=True)
        running.kill()


def until_running(bench: Bench, app: Path) -> None:
    """Wait until the app of this test is up; it refuses to end while in a call."""
    for _ in range(50):
        status, _ = bench.wine.run(str(app / CONSOLE_PROGRAM), "quit")
        if status == 1:
            return
    raise AssertionError("the stand-in did not come up")


def refuse_a_downgrade(bench: Bench) -> None:
    """An older version is refused with a status and a sentence."""
    said = bench.expect(NOT_OVER_THAT, bench.build("1.1.0rc1", "older.txt"))
    check("1.1.0 is installed, which is newer than 1.1.0rc1" in said, said)
    check(bench.installed("HKCU") == "1.1.0", "it went back")
    check(not (bench.app / "older.txt").exists(), "files went back")


def keep_what_works(bench: Bench) -> None:
    """A version that fails its self-test does not take the old one's place."""
    said = bench.expect(FAILED, bench.build("1.3.0", "broken"), "/SELFTEST=1")
    check("does not work on this computer" in said, said)
    check(bench.installed("HKCU") == "1.1.0", "it is listed")
    check((bench.app / "second.txt").is_file(), "the old one is gone")
    check(not (bench.app.parent / "app.new").exists(), "the new one was left")
    bench.expect(0, bench.build("1.3.1", "sound.txt"), "/SELFTEST=1")
    check(bench.installed("HKCU") == "1.3.1", "a sound one was refused")


def refuse_nonsense(bench: Bench) -> None:
    """Wrong switches are told, and nothing is done."""
    setup = bench.build("1.4.0", "never.txt")
    for words in (
        ("/LOGINSTART=yes",),
        ("/CONFIG=C:\\nowhere.toml",),
        ("/ALLUSERS", "/CURRENTUSER"),
        ("/ALLUSERS", f"/ENROL={CODE}"),
    ):
        check(CODE[-26:] not in bench.expect(WRONG_SWITCH, setup, *words), "the code")
    check(bench.installed("HKCU") == "1.3.1", "something was done")
    check(bench.installed("HKLM") is None, "something was done")


def remove_for_one_user(bench: Bench) -> None:
    """Nothing is left but the user's settings."""
    bench.remove(bench.app)
    (bench.wine.home / "AppData/Local/screenpop/config.toml").unlink()
    (bench.wine.home / "AppData/Local/screenpop").rmdir()


def install_for_everybody(bench: Bench) -> None:
    """Machine-wide with a policy beside the set-up; then upgraded, then removed."""
    setup = bench.build("2.0.0", "all.txt")
    policy = setup.with_name("policy.toml")
    policy.write_text('[policy]\nadministrator = "IT"\n')
    bench.expect(0, setup, "/ALLUSERS", "/LOGINSTART=1")
    check(bench.installed("HKLM") == "2.0.0", "not in the list of programs")
    check(bench.installed("HKCU") is None, "in this user's list")
    check((bench.machine_app / PROGRAM).is_file(), "not in Program Files")
    placed = bench.wine.drive / "ProgramData/screenpop/policy.toml"
    check(placed.read_text() == policy.read_text(), "the policy is not there")
    for key in (LINK_KEY, r"Software\screenpop\Capabilities"):
        status, _ = bench.wine.run("reg", "query", rf"HKLM\{key}")
        check(status == 0, f"HKLM has no {key}")
    program = windows_path(bench.machine_app / PROGRAM, bench.wine)
    let_windows_log_in(bench, f'"{program}" run --at-login')
    # What this user's app writes when telephone links are switched on.
    bench.wine.set_value(rf"HKCU\{LINK_KEY}", "", f'"{program}" dial -- "%1"')
    next_one = bench.build("2.1.0", "next.txt")
    bench.expect(NOT_OVER_THAT, next_one, "/CURRENTUSER")
    bench.expect(0, next_one)
    check(bench.installed("HKLM") == "2.1.0", "not upgraded where it is")
    check(placed.is_file(), "the policy went with the upgrade")
    bench.expect(NOT_OVER_THAT, setup)


def let_windows_log_in(bench: Bench, expected: str) -> None:
    """Do what Windows does once at a user's first login after that."""
    command = bench.wine.value(rf"HKLM\{FIRST_LOGIN_KEY}", "StubPath")
    check(command is not None, "login start is for nobody")
    script = bench.folder / "login.bat"
    script.write_text(f"@{command}\r\n")
    bench.wine.run("cmd", "/c", windows_path(script))
    key = rf"HKCU\{FIRST_LOGIN_KEY}"
    bench.wine.set_value(key, "Version", FIRST_LOGIN_VERSION)
    got = bench.wine.value(rf"HKCU\{RUN_KEY}", PRODUCT)
    check(got == expected, f"login start is {got}")


def remove_for_everybody(bench: Bench) -> None:
    """Nothing is left, also of what the user switched on."""
    bench.remove(bench.machine_app)


def leave_others_alone(bench: Bench) -> None:
    """What a user's other program registered stays when ours is removed."""
    bench.expect(0, bench.build("3.0.0", "x.txt"))
    other = r"C:\elsewhere\other.exe run"
    bench.wine.set_value(rf"HKCU\{RUN_KEY}", "other", other)
    stray = bench.app.parent / "a user's own file.txt"
    stray.touch()
    bench.wine.run(str(bench.app.parent / "uninstall.exe"), "/S")
    bench.wine.wait_until_gone(bench.app.parent / "uninstall.exe")
    check(stray.is_file(), "a foreign file was deleted")
    check(bench.wine.value(rf"HKCU\{RUN_KEY}", "other") == other, "a foreign value")
    stray.unlink()
    stray.parent.rmdir()
    bench.wine.run("reg", "delete", rf"HKCU\{RUN_KEY}", "/v", "other", "/f")


def install_msi(bench: Bench) -> None:
    """The MSI for fleets: installs, upgrades, refuses to go back, is removed."""
    first = bench.build("4.0.0", "one.txt", msi=True)
    second = bench.build("4.1.0", "two.txt", msi=True)
    status, _ = bench.wine.run("msiexec", "/i", windows_path(first), "/qn")
    check(status == 0, f"msiexec says {status}")
    check((bench.machine_app / "one.txt").is_file(), "not installed")
    in_call = bench.temp / "in-call"
    in_call.touch()
    running = bench.wine.start(str(bench.machine_app / PROGRAM), "run")
    try:
        until_running(bench, bench.machine_app)
        status, _ = bench.wine.run("msiexec", "/i", windows_path(second), "/qn")
        check(status != 0 and running.poll() is None, "a call was ended")
        check((bench.machine_app / "one.txt").is_file(), "it was changed in a call")
        in_call.unlink()
        status, _ = bench.wine.run("msiexec", "/i", windows_path(second), "/qn")
        check(running.wait(timeout=30) == 0, "the app was not asked to end")
    finally:
        in_call.unlink(missing_ok=True)
        running.kill()
    check(status == 0, f"msiexec says {status} on the upgrade")
    check((bench.machine_app / "two.txt").is_file(), "not upgraded")
    check(not (bench.machine_app / "one.txt").exists(), "the old one is still there")
    status, _ = bench.wine.run("msiexec", "/i", windows_path(first), "/qn")
    check(status != 0, "it went back")
    status, _ = bench.wine.run("msiexec", "/x", windows_path(second), "/qn")
    check(status == 0, f"msiexec says {status} on removal")
    check(not bench.machine_app.exists(), "not removed")


def windows_path(path: Path, wine: Wine | None = None) -> str:
    """How Windows calls a file: on its own drive, or on this computer's."""
    if wine is not None:
        return "C:\\" + str(path.relative_to(wine.drive)).replace("/", "\\")
    return "Z:" + str(path).replace("/", "\\")


ROUNDS: Final[tuple[tuple[Callable[[Bench], None], ...], ...]] = (
    (
        install_for_one_user,
        upgrade_while_it_runs,
        never_in_a_call,
        refuse_a_downgrade,
        keep_what_works,
        refuse_nonsense,
        remove_for_one_user,
    ),
    (install_for_everybody, remove_for_everybody),
    (leave_others_alone,),
    (install_msi,),
)
"""After each of these, drive and registry must be as they were."""


def main(_arguments: list[str]) -> int:
    """Run every step; the first that fails ends it."""
    lacking = system_packages.ensure(PARTS)
    if lacking:
        return 1
    with tempfile.TemporaryDirectory(prefix="screenpop-wine-") as made, display() as at:
        folder = Path(made)
        wine = Wine(folder / "prefix", at)
        try:
            bench = Bench(folder, wine)
            for steps in ROUNDS:
                _play(bench, steps)
        except (AssertionError, PackageError, subprocess.SubprocessError) as error:
            print(f"        failed: {error}")
            return 1
        finally:
            wine.close()
    return 0


def _play(bench: Bench, steps: Iterable[Callable[[Bench], None]]) -> None:
    files, registry = bench.wine.files(), bench.wine.registry()
    for step in steps:
        print(f"        {(step.__doc__ or '').splitlines()[0]}", flush=True)
        step(bench)
    left = (bench.wine.files() ^ files) | (bench.wine.registry() ^ registry)
    check(not left, "left behind or taken: " + "; ".join(sorted(left)))
    print("        files and registry are as they were")
