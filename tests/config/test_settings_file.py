from __future__ import annotations

import multiprocessing
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.config import settings_file as module
from screenpop.config import toml_file
from screenpop.config.settings import AccountSettings
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.errors import ConfigurationError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")

COMMENTED = """\
# my phone settings
region = "IT"   # home

[listener]
port = 9000  # the router forwards this one

# the office
[[accounts]]
id = "acme"
vendor = "voxloud"
# what the front desk told me
extension = "101"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def account(account_id: str, label: str = "", base_url: str = "") -> AccountSettings:
    return AccountSettings(
        id=account_id, vendor="voxloud", label=label, base_url=base_url
    )


# --- reading -------------------------------------------------------------------------


def test_no_file_is_no_problem(path: Path) -> None:
    loaded = SettingsFile(path).load()
    assert loaded.problems == ()
    assert loaded.settings.listener.port == 8787
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"region = ", "not valid TOML"),
        (b'region = "\xff"', "not UTF-8"),
        (b"\x00\x01\x02", "not valid TOML"),
        (b"x = " + b"9" * 5000, "nobody can read"),
        (b"x = " + b"[" * 100_000, "nobody can read"),
        (b"# " + b"x" * 1_100_000, "too large"),
    ],
)
def test_a_broken_file_is_kept_aside_and_named(
    path: Path, content: bytes, words: str
) -> None:
    path.write_bytes(content)
    loaded = SettingsFile(path).load()
    assert loaded.settings.listener.port == 8787
    assert loaded.kept_aside is not None
    assert loaded.kept_aside.read_bytes() == content
    assert loaded.kept_aside.name.startswith("config.toml.broken-")
    assert not path.exists()
    (problem,) = loaded.problems
    assert problem.place == "config.toml"
    assert words in problem.text
    assert loaded.kept_aside.name in problem.text


def test_files_broken_in_the_same_second_are_all_kept(path: Path) -> None:
    file = SettingsFile(path)
    for content in ("a =", "b =", "c ="):
        path.write_text(content)
        file.load()
    kept = sorted(one.read_text() for one in file.kept_aside_files())
    assert kept == ["a =", "b =", "c ="]


def test_a_file_with_wrong_values_stays(path: Path) -> None:
    path.write_text("[listener]\nport = 'x'\n")
    loaded = SettingsFile(path).load()
    assert loaded.kept_aside is None
    assert path.read_text() == "[listener]\nport = 'x'\n"
    assert [problem.place for problem in loaded.problems] == ["listener.port"]


def test_a_folder_in_the_files_place_is_reported_and_left_alone(path: Path) -> None:
    path.mkdir()
    loaded = SettingsFile(path).load()
    assert "cannot be read" in loaded.problems[0].text
    assert path.is_dir()
    with pytest.raises(ConfigurationError):
        SettingsFile(path).set_value("region", "IT")


def test_a_byte_order_mark_and_windows_lines_are_fine(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbfregion = "IT"\r\n[listener]\r\nport = 1\r\n')
    file = SettingsFile(path)
    assert file.load().settings.region == "IT"
    file.set_value("listener.port", 2)
    loaded = file.load()
    assert (loaded.settings.listener.port, loaded.problems) == (2, ())


def test_what_administrators_set_lies_below_what_the_user_set(
    path: Path, tmp_path: Path
) -> None:
    weak, strong = tmp_path / "weak.toml", tmp_path / "strong.toml"
    weak.write_text('region = "FR"\n[listener]\nport = 1\nhost = "::1"')
    strong.write_text(
        '[listener]\nport = 2\n[[accounts]]\nid = "acme"\nvendor = "voxloud"\n'
        'label = "Office"\n[[accounts]]\nid = "other"\nvendor = "tele2"'
    )
    path.write_text('region = "IT"\n[[accounts]]\nid = "acme"\nextension = "101"')
    settings = SettingsFile(path, [weak, strong]).load().settings
    assert settings.region == "IT"
    assert (settings.listener.port, settings.listener.host) == (2, "::1")
    assert [one.id for one in settings.accounts] == ["acme", "other"]
    assert settings.accounts[0].label == "Office"
    assert settings.accounts[0].extension == "101"


def test_a_broken_file_of_administrators_is_ignored_and_stays(
    path: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text("x =")
    path.write_text('region = "IT"')
    loaded = SettingsFile(path, [site]).load()
    assert loaded.settings.region == "IT"
    assert loaded.problems[0].source == str(site)
    assert site.exists()


# --- changing ------------------------------------------------------------------------


def test_comments_and_order_survive_every_change(path: Path) -> None:
    path.write_text(COMMENTED)
    file = SettingsFile(path)
    file.set_value("listener.port", 9001)
    file.set_value("card.corner", "top-left")
    file.add_account(account("second", label="Shop"))
    file.set_account_value("acme", "extension", "102")
    file.remove_account("second")
    text = path.read_text()
    for comment in (
        "# my phone settings",
        "# home",
        "# the router forwards this one",
        "# the office",
        "# what the front desk told me",
    ):
        assert comment in text
    settings = file.load().settings
    assert settings.listener.port == 9001
    assert settings.card.corner == "top-left"
    assert [(one.id, one.extension) for one in settings.accounts] == [("acme", "102")]


def test_a_first_account_makes_the_file(path: Path) -> None:
    file = SettingsFile(path)
    file.add_account(
        AccountSettings(
            id="acme", vendor="voxloud", extension="101", options={"pbx": "main"}
        )
    )
    loaded = file.load()
    assert loaded.problems == ()
    assert loaded.settings.accounts[0].options["pbx"] == "main"
    assert "label" not in path.read_text()


def test_accounts_in_one_line_can_be_added_to(path: Path) -> None:
    path.write_text('accounts = [{ id = "a", vendor = "v" }]\n')
    file = SettingsFile(path)
    file.add_account(account("b"))
    file.remove_account("a")
    assert [one.id for one in file.load().settings.accounts] == ["b"]


def test_an_empty_list_of_accounts_can_be_added_to(path: Path) -> None:
    path.write_text("accounts = []\n[listener]\nport = 1\n")
    file = SettingsFile(path)
    file.add_account(account("b"))
    assert [one.id for one in file.load().settings.accounts] == ["b"]


def test_a_value_can_be_taken_out_again(path: Path) -> None:
    file = SettingsFile(path)
    file.set_value("ui.theme", "dark")
    file.set_value("ui.theme", None)
    file.set_value("card.corner", None)
    assert file.load().settings.ui.theme == "system"
    assert "theme" not in path.read_text()


def test_removing_an_account_takes_the_preference_for_it_along(path: Path) -> None:
    path.write_text(f'{COMMENTED}[dialing]\naccount = "acme"\n')
    file = SettingsFile(path)
    file.remove_account("acme")
    loaded = file.load()
    assert loaded.problems == ()
    assert loaded.settings.accounts == ()


def test_removing_one_account_does_not_mind_the_problems_of_others(path: Path) -> None:
    path.write_text(
        '[[accounts]]\nid = "a"\nvendor = "v"\n'
        '[[accounts]]\nid = "b"\nvendor = "v"\nregion = "??"\n'
    )
    file = SettingsFile(path)
    file.remove_account("a")
    assert [one.id for one in file.load().settings.accounts] == ["b"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("listener.port", 70000),
        ("listener.port", "x"),
        ("card.blink", True),
        ("nonsense", 1),
        ("a.b.c", 1),
        ("listener", 3),
        ("accounts.id", "a"),
        ("ui.theme", "purple"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_nothing_changes(
    path: Path, place: str, value: str | int
) -> None:
    path.write_text(COMMENTED)
    with pytest.raises(ConfigurationError):
        SettingsFile(path).set_value(place, value)
    assert path.read_text() == COMMENTED


@pytest.mark.parametrize(
    "wrong",
    [
        account("acme"),
        account("Not An Id"),
        account("new", base_url="ftp://example.com"),
        AccountSettings(id="new", vendor="voxloud", options={"api_key": "k"}),
        AccountSettings(id="new", vendor="voxloud", options={"id": "k"}),
    ],
)
def test_a_wrong_account_is_refused_and_nothing_changes(
    path: Path, wrong: AccountSettings
) -> None:
    path.write_text(COMMENTED)
    with pytest.raises(ConfigurationError):
        SettingsFile(path).add_account(wrong)
    assert path.read_text() == COMMENTED


def test_an_unknown_account_cannot_be_changed(path: Path) -> None:
    file = SettingsFile(path)
    with pytest.raises(ConfigurationError, match="no “nobody”"):
        file.remove_account("nobody")
    with pytest.raises(ConfigurationError, match="no “nobody”"):
        file.set_account_value("nobody", "label", "x")


def test_a_broken_file_is_never_overwritten(path: Path) -> None:
    path.write_text("region = ")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        SettingsFile(path).set_value("region", "IT")
    assert path.read_text() == "region = "


def test_a_section_that_is_none_is_not_overwritten(path: Path) -> None:
    text = 'listener = 3\naccounts = "x"\n'
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        SettingsFile(path).set_value("listener.port", 1)
    with pytest.raises(ConfigurationError):
        SettingsFile(path).add_account(account("acme"))
    assert path.read_text() == text


@posix_only
def test_the_file_is_for_its_owner_only_and_links_stay_links(
    path: Path, tmp_path: Path
) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(COMMENTED)
    path.symlink_to(real)
    SettingsFile(path).set_value("region", "FR")
    assert path.is_symlink()
    assert "FR" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600


def test_no_draft_is_left_behind(path: Path) -> None:
    SettingsFile(path).set_value("region", "FR")
    names = sorted(one.name for one in path.parent.iterdir() if one.is_file())
    assert names == [".config.toml.lock", "config.toml"]


def test_an_edit_made_meanwhile_by_hand_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(COMMENTED)
    read_really = toml_file.read_bytes
    reads: list[Path] = []

    def read_and_be_overtaken(one: Path) -> bytes:
        data = read_really(one)
        if not reads:
            path.write_text(COMMENTED.replace("9000", "9009"))
        reads.append(one)
        return data

    monkeypatch.setattr(module, "read_bytes", read_and_be_overtaken)
    SettingsFile(path).set_value("region", "FR")
    settings = SettingsFile(path).load().settings
    assert (settings.region, settings.listener.port) == ("FR", 9009)


def test_an_editor_that_never_stops_writing_wins(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(COMMENTED)
    read_really = toml_file.read_bytes

    def read_and_be_overtaken(one: Path) -> bytes:
        data = read_really(one)
        path.write_bytes(data + b"#\n")
        return data

    monkeypatch.setattr(module, "read_bytes", read_and_be_overtaken)
    with pytest.raises(ConfigurationError, match="keeps writing"):
        SettingsFile(path).set_value("region", "FR")


def _add_ten(path: Path, name: str) -> None:
    for number in range(10):
        SettingsFile(path).add_account(account(f"{name}{number}"))


def test_programs_that_edit_at_once_lose_nothing(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    programs = [spawn.Process(target=_add_ten, args=(path, name)) for name in "abc"]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
        assert program.exitcode == 0
    assert len(SettingsFile(path).load().settings.accounts) == 30


@given(text=st.text())
def test_any_text_is_read_or_kept_aside(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "config.toml"
    content = text.encode("utf-8", "surrogatepass")
    path.write_bytes(content)
    loaded = SettingsFile(path).load()
    kept = loaded.kept_aside or path
    assert kept.read_bytes() == content


_SECTIONS = st.permutations(
    [
        'region = "IT"\n',
        "[listener]\nport = 9000 # p\n",
        '[card]\ncorner = "top-left"\n',
        '[[accounts]]\nid = "a"\nvendor = "v"\n# c\n',
        '[[accounts]]\nid = "b"\nvendor = "v"\n\n',
        '[ui]\ntheme = "dark"\n',
        "lookup.soft_seconds = 2\nlookup.hard_seconds = 4\n",
    ]
)


@given(sections=_SECTIONS, keep=st.integers(0, 7))
def test_changes_take_hold_however_the_file_is_laid_out(
    sections: list[str], keep: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "".join(sections[:keep])
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    path = tmp_path_factory.mktemp("layout") / "config.toml"
    path.write_text(text)
    file = SettingsFile(path)
    before = file.load()
    file.set_value("region", "FR")
    file.set_value("lookup.soft_seconds", 1.0)
    file.add_account(account("new"))
    after = file.load()
    assert after.settings.lookup.soft_seconds == 1.0
    added = [one.id for one in before.settings.accounts] + ["new"]
    assert [one.id for one in after.settings.accounts] == added
    assert after.settings.listener == before.settings.listener
