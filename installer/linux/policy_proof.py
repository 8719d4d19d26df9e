"""A locked policy, and a user of the installed package who tries to change it."""

from __future__ import annotations

import json
from typing import Final

from linux.clean_debian import USER, CleanDebian, PackageFault

_PLACE: Final = "/etc/screenpop/policy.toml"
_POLICY: Final = """
[card]
corner = "top-left"

[[accounts]]
id = "acme"
vendor = "voxloud"
label = "Acme"

[policy]
locked = ["card.corner", "accounts"]
"""
_TRIES: Final = (
    ("account", "add", "voxloud", "--id", "own", "--no-check"),
    ("account", "remove", "acme", "--yes"),
    ("account", "set", "acme", "label", "Mine"),
)


def obey_policy(debian: CleanDebian, program: str) -> None:
    """See that nothing a user tries changes what is locked; leave no policy behind.

    Raises:
        PackageFault: Something did.
    """
    policy = debian.root / _PLACE.lstrip("/")
    if not policy.parent.is_dir():
        raise PackageFault(f"the package brings no {policy.parent.name} for a policy")
    policy.write_text(_POLICY, "utf-8")
    policy.chmod(0o644)
    try:
        for words in _TRIES:
            done = debian.run(program, *words, as_user=True, check=False)
            if done.returncode != 1 or "administrator" not in done.stdout:
                tried = " ".join(words)
                raise PackageFault(f"“{tried}” was not refused:\n{done.stdout}")
        home = {"SCREENPOP_HOME": f"/home/{USER}/elsewhere"}
        ask = (program, "doctor", "--policy", "--json")
        told = debian.run(*ask, as_user=True, env=home).stdout.splitlines()[-1]
        rows = {row["place"]: row for row in json.loads(told)["settings"]}
        if rows["card.corner"]["lock"] != _PLACE:
            raise PackageFault(f"a variable got around the lock: {told}")
    finally:
        policy.unlink()
