"""``dev.py sbom``: what a build is made of, as CycloneDX 1.6 in JSON.

From the metadata of what is installed, or of a frozen program's own folder: names,
versions, package URLs, licences, what asks for what, and the hashes that the set-up
insists on. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import platform
import re
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import hashes
import screenpop
from wheels import BuildFault, source_date

SPEC = "1.6"
EXTRAS = ("team", "relay", "updates")
"""What packages have in them besides the program's own needs."""
_PROGRAM = "screenpop"
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w.-]+)["']""")
_LONGEST_LICENCE = 100


def key(name: str) -> str:
    """A package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def purl(name: str, version: str) -> str:
    """The package URL of a package of PyPI's."""
    return f"pkg:pypi/{key(name)}@{version}"


# --- what is in it -------------------------------------------------------------------


def installed() -> list[Distribution]:
    """The program's needs in this environment, with those of its packaged extras."""
    found: dict[str, Distribution] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [(_PROGRAM, EXTRAS)]
    while waiting:
        name, extras = waiting.pop()
        if key(name) in found and not extras:
            continue
        try:
            one = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            # Wanted on another kind of computer.
            continue
        found[key(name)] = one
        waiting += [(each, ()) for each in asked_for(one, extras)]
    del found[_PROGRAM]
    return sorted(found.values(), key=lambda one: key(one.metadata["Name"]))


def frozen(folder: Path) -> list[Distribution]:
    """What a frozen program says that it is made of."""
    inner = folder / "_internal"
    path = [str(inner if inner.is_dir() else folder)]
    found = {
        key(one.metadata["Name"]): one
        for one in importlib.metadata.distributions(path=path)
    }
    found.pop(_PROGRAM, None)
    return sorted(found.values(), key=lambda one: key(one.metadata["Name"]))


def asked_for(one: Distribution, extras: Iterable[str] = ()) -> Iterator[str]:
    """The names that a package asks for, with those of some of its extras."""
    for line in one.requires or ():
        wanted = _EXTRA.search(line)
        if wanted is not None and wanted[1] not in extras:
            continue
        if name := _REQUIREMENT.match(line):
            yield name[0]


# --- writing -------------------------------------------------------------------------


def document(
    parts: list[Distribution], locked: Mapping[str, hashes.Pin], date: int
) -> dict[str, Any]:
    """The whole document.

    Args:
        parts: What it is made of.
        locked: The files that may be installed, by key.
        date: When the source was last changed, seconds since 1970.
    """
    own = purl(_PROGRAM, screenpop.__version__)
    made = datetime.fromtimestamp(date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    components = [_python(), *(_component(one, locked) for one in parts)]
    refs = {key(one.metadata["Name"]): _ref(one) for one in parts}
    table = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {
            "timestamp": made,
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": _PROGRAM,
                "version": screenpop.__version__,
                "purl": own,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": own, "dependsOn": sorted([*refs.values(), _python()["bom-ref"]])},
            *(_depends(one, refs) for one in parts),
        ],
    }
    digest = hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()
    # A name of its own for each content, and the same name for the same.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"screenpop-sbom:{digest}")
    return {**table, "serialNumber": f"urn:uuid:{serial}"}


def _python() -> dict[str, Any]:
    version = platform.python_version()
    return {
        "type": "platform",
        "bom-ref": f"pkg:generic/python@{version}",
        "name": "CPython",
        "version": version,
        "purl": f"pkg:generic/python@{version}",
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }


def _ref(one: Distribution) -> str:
    return purl(one.metadata["Name"], one.version)


def _component(one: Distribution, locked: Mapping[str, hashes.Pin]) -> dict[str, Any]:
    name = one.metadata["Name"]
    table: dict[str, Any] = {
        "type": "library",
        "bom-ref": _ref(one),
        "name": name,
        "version": one.version,
        "purl": _ref(one),
    }
    if said := licences(one):
        table["licenses"] = said
    pin = locked.get(key(name))
    allowed = pin.hashes if pin is not None and pin.version == one.version else ()
    if len(allowed) == 1:
        table["hashes"] = [{"alg": "SHA-256", "content": allowed[0]}]
    elif allowed:
        # One file for each kind of computer; which one came is not written down.
        table["properties"] = [
            {"name": "screenpop:allowed-file:sha256", "value": each} for each in allowed
        ]
    return table


def _depends(one: Distribution, refs: Mapping[str, str]) -> dict[str, Any]:
    names = {key(name) for name in asked_for(one)}
    return {"ref": _ref(one), "dependsOn": sorted(refs[n] for n in names if n in refs)}


def licences(one: Distribution) -> list[dict[str, Any]]:
    """What a package says of its licence, in CycloneDX's words; empty for nothing."""
    said = one.metadata
    for expression in said.get_all("License-Expression") or ():
        return [{"expression": expression}]
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or ()
        if line.startswith("License :: ") and line.count(" :: ") > 1
    ]
    if classified:
        return [{"license": {"name": each}} for each in sorted(set(classified))]
    text = "".join(said.get_all("License") or ()).strip().splitlines()
    name = text[0].strip() if text else ""
    if not name or name.upper() == "UNKNOWN" or len(name) > _LONGEST_LICENCE:
        return []
    return [{"license": {"name": name}}]


def main(arguments: list[str]) -> int:
    """Write it."""
    parser = argparse.ArgumentParser(prog="dev.py sbom", description=__doc__)
    parser.add_argument("--frozen", type=Path, help="of a frozen program's folder")
    parser.add_argument("--out", type=Path, help="default: standard output")
    options = parser.parse_args(arguments)
    try:
        date = source_date()
    except BuildFault:
        date = 0
    locked = {}
    if hashes.FILE.exists():
        locked = {key(pin.name): pin for pin in hashes.read().pins}
    parts = frozen(options.frozen) if options.frozen else installed()
    if not parts:
        print("dev.py sbom: there is nothing to tell of", file=sys.stderr)
        return 1
    text = json.dumps(document(parts, locked, date), indent=1, sort_keys=True) + "\n"
    if options.out is None:
        sys.stdout.write(text)
    else:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, "utf-8")
        print(f"{options.out}: {len(parts)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
