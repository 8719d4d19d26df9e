"""What is believed of the news of updates, over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from screenpop.domain.errors import UpdateError, UpdateRefused
from screenpop.services.updates.finding import Standing, why_off
from screenpop.services.updates.installation import Kind
from screenpop.services.updates.signatures import trusted
from tests.updates.workshop import NOW, Workshop

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_a_newer_version_is_offered_and_its_notes_are_text(
    workshop: Workshop,
) -> None:
    workshop.publish()
    found = await workshop.look()
    assert found.standing is Standing.OFFERED
    assert found.manifest.version.text == "0.2.0"
    assert found.manifest.notes == "Rings <b>louder</b>."
    assert found.url == f"{workshop.served.url}/screenpop-0.2.0.tar.gz"


async def test_nothing_but_the_version_is_told_to_the_server(
    workshop: Workshop,
) -> None:
    workshop.publish()
    await workshop.look()
    ((line, headers),) = workshop.served.asked
    assert line == "GET /stable.json HTTP/1.1"
    assert headers.pop("User-Agent") == "screenpop/0.1.0"
    assert {name.lower() for name in headers} == {
        "accept",
        "accept-encoding",
        "connection",
        "host",
    }
    assert str(workshop.kept()["draw"]) not in str(workshop.served.asked[0])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_bit_anywhere_in_the_file_is_refused(
    workshop: Workshop, data: st.DataObject
) -> None:
    file = bytearray(workshop.publish())
    bit = data.draw(st.integers(0, len(file) * 8 - 1))
    file[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UpdateRefused):
        trusted(bytes(file), [bytes(workshop.key.verify_key)])


async def test_a_manifest_of_another_key_is_refused(workshop: Workshop) -> None:
    workshop.publish(keys=[SigningKey.generate()])
    with pytest.raises(UpdateRefused, match="not signed by a trusted key"):
        await workshop.look()
    assert "trusted key" in workshop.kept()["problem"]


async def test_either_of_two_pinned_keys_will_do_so_that_keys_can_be_changed(
    workshop: Workshop,
) -> None:
    new = SigningKey.generate()
    both = (bytes(new.verify_key), bytes(workshop.key.verify_key))
    workshop.publish(keys=[new])
    assert (await workshop.look(workshop.place(keys=both))).manifest.serial == 7
    workshop.publish(keys=[workshop.key, new], serial=8)
    assert (await workshop.look()).manifest.serial == 8


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"expires": "2031-05-04T12:00:00Z"}, "expired"),
    "expires before issued": ({"issued": "2039-01-01T00:00:00Z"}, "cannot be read"),
    "another channel": ({"channel": "beta"}, "channel “beta”"),
    "older version": ({"version": "0.0.9"}, "older than 0.1.0, which runs"),
    "no serial": ({"serial": 0}, "cannot be read"),
    "newer format": ({"format": 2}, "written for newer versions"),
    "path for a name": ({"artefacts": [{"name": "../x"}]}, "cannot be read"),
    "version as a path": ({"version": "../0.2.0"}, "cannot be read"),
}


@pytest.mark.parametrize(("changed", "says"), CASES.values(), ids=CASES)
async def test_a_signed_manifest_that_is_not_for_now_is_refused(
    workshop: Workshop, changed: dict[str, Any], says: str
) -> None:
    # The signing tool would not write most of these.
    file = workshop.publish()
    workshop.served.files["/stable.json"] = resigned(workshop, file, changed)
    with pytest.raises(UpdateRefused, match=says):
        await workshop.look()


def resigned(workshop: Workshop, file: bytes, changed: dict[str, Any]) -> bytes:
    """The file with other contents, signed with the right key all the same."""
    import base64
    import json

    from screenpop.domain.update_manifest import canonical, signed_bytes

    table = json.loads(file)
    inner = table["manifest"]
    for name, value in changed.items():
        if name == "artefacts":
            inner["artefacts"][0].update(value[0])
        else:
            inner[name] = value
    signature = workshop.key.sign(signed_bytes(inner)).signature
    table["signatures"][0]["value"] = base64.b64encode(signature).decode()
    return canonical(table)


async def test_an_older_serial_is_refused_once_a_newer_one_was_seen(
    workshop: Workshop,
) -> None:
    old = workshop.publish(serial=7)
    workshop.publish("0.3.0", serial=8)
    await workshop.look()
    workshop.served.files["/stable.json"] = old
    with pytest.raises(UpdateRefused, match="older than what was seen"):
        await workshop.look()
    # A channel of its own counts by itself.
    workshop.publish("0.3.0rc1", serial=2, channel="beta", address="/beta.json")
    found = await workshop.look(workshop.place(channel="beta"))
    assert found.standing is Standing.OFFERED


async def test_the_same_serial_with_other_contents_is_refused(
    workshop: Workshop,
) -> None:
    workshop.publish("0.2.0")
    await workshop.look()
    await workshop.look()
    workshop.publish("0.3.0")
    with pytest.raises(UpdateRefused, match="without a new number"):
        await workshop.look()


async def test_a_version_too_old_to_be_updated_is_told_to_install_by_hand(
    workshop: Workshop,
) -> None:
    workshop.publish("0.4.0", minimum_version="0.2.0")
    with pytest.raises(UpdateError, match="Install it by hand"):
        await workshop.look()


async def test_rings_get_their_turn_by_a_number_that_stays(workshop: Workshop) -> None:
    some = {"pilot": 100, "early": 50, "broad": 0}
    workshop.publish(rollout=some)
    assert (await workshop.look()).standing is Standing.TURN
    pilot = await workshop.look(workshop.place(ring="pilot"))
    assert pilot.standing is Standing.OFFERED
    draw = workshop.kept()["draw"]
    early = await workshop.look(workshop.place(ring="early"))
    assert (early.standing is Standing.OFFERED) == (draw < 5000)
    assert workshop.kept()["draw"] == draw


async def test_the_version_that_runs_and_other_computers_are_offered_nothing(
    workshop: Workshop,
) -> None:
    workshop.publish("0.1.0")
    assert (await workshop.look()).standing is Standing.CURRENT
    workshop.publish("0.2.0", serial=8)
    dmg = await workshop.look(workshop.place(kind=Kind.DMG))
    assert dmg.standing is Standing.ABSENT
    assert workshop.kept()["offered"] == ""


# --- where nothing is asked ----------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": Kind.DEB}, "package manager"),
        ({"kind": Kind.MSI}, "looks after this computer"),
        ({"kind": Kind.MANAGED}, "looks after this computer"),
        ({"kind": Kind.NONE}, "the way it was installed"),
        ({"enabled": False}, "switched off"),
        ({"keys": ()}, "no update key"),
    ],
)
async def test_nothing_is_asked_where_updates_are_off(
    workshop: Workshop, changed: dict[str, Any], says: str
) -> None:
    workshop.publish()
    place = workshop.place(**changed)
    assert says in why_off(place)
    with pytest.raises(UpdateError, match=says):
        await workshop.look(place)
    assert workshop.served.asked == []


# --- on the way ----------------------------------------------------------------------


async def test_a_redirect_on_the_same_scheme_is_followed(workshop: Workshop) -> None:
    workshop.publish(address="/elsewhere/stable.json")
    workshop.served.moved["/stable.json"] = "/elsewhere/stable.json"
    assert (await workshop.look()).standing is Standing.OFFERED


@pytest.mark.parametrize(
    "target",
    [
        "http://updates.invalid/stable.json",
        "ftp://127.0.0.1/stable.json",
        "file:///etc/passwd",
        "https://127.0.0.1:1/stable.json",
        "http://me@127.0.0.1/stable.json",
    ],
)
async def test_a_redirect_to_anything_less_is_refused(
    workshop: Workshop, target: str
) -> None:
    workshop.served.moved["/stable.json"] = target
    with pytest.raises(UpdateRefused, match="encrypted"):
        await workshop.look()


async def test_an_address_that_is_not_encrypted_is_never_asked(
    workshop: Workshop,
) -> None:
    place = workshop.place(manifest_url="http://updates.invalid/stable.json")
    with pytest.raises(UpdateRefused, match="encrypted"):
        await workshop.look(place)


async def test_a_ring_of_redirects_ends(workshop: Workshop) -> None:
    workshop.served.moved["/stable.json"] = "/stable.json"
    with pytest.raises(UpdateError, match="from one address to the next"):
        await workshop.look()
    assert len(workshop.served.asked) == 5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>Sign in to the network</html>",
        b"[" * 60_000,
        b'{"manifest": 1e999}',
        b"\xff\xfe",
        bytes(5_000_000),
    ],
    ids=["empty", "page", "deep", "number", "encoding", "huge"],
)
async def test_an_answer_that_is_no_manifest_changes_nothing(
    workshop: Workshop, answer: bytes
) -> None:
    workshop.served.files["/stable.json"] = answer
    with pytest.raises(UpdateError):
        await workshop.look()
    assert workshop.kept()["serial"] == 0


async def test_a_truncated_manifest_is_refused(workshop: Workshop) -> None:
    file = workshop.publish()
    for length in (1, len(file) // 2, len(file) - 1):
        workshop.served.files["/stable.json"] = file[:length]
        with pytest.raises(UpdateRefused):
            await workshop.look()


async def test_a_memory_that_cannot_be_read_is_begun_anew(
    workshop: Workshop, expects_log: Callable[[str], None]
) -> None:
    workshop.publish()
    file = workshop.place().memory_file
    file.parent.mkdir()
    file.write_bytes(b"{")
    expects_log("what is known of updates is lost")
    assert (await workshop.look()).standing is Standing.OFFERED


async def test_old_news_are_worth_a_word(workshop: Workshop) -> None:
    from screenpop.services.updates.status import facts_of

    workshop.publish()
    await workshop.look()
    assert not facts_of(workshop.place()).is_late
    later = workshop.place(now=NOW + timedelta(days=20))
    assert facts_of(later).is_late
