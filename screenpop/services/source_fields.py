"""What a contact source's fields may hold, before any of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.config.settings import SourceSettings
from screenpop.domain.errors import UsageError
from screenpop.wording import reworded, tr

if TYPE_CHECKING:
    from screenpop.domain.form_fields import FormField
    from screenpop.lookup.manifest import SourceManifest
    from screenpop.services.source_setup import SourceDraft

OWN_FIELDS: Final = ("base_url", "label")
"""Those that every source has."""


def settings_of_source(draft: SourceDraft) -> SourceSettings:
    """A draft as it goes into the settings file; what is empty is left out."""
    filled = {
        key: value.strip() for key, value in draft.fields.items() if value.strip()
    }
    return SourceSettings(
        id=draft.source_id,
        kind=draft.kind,
        base_url=filled.pop("base_url", ""),
        label=filled.pop("label", ""),
        options=filled,
    )


def check_source(draft: SourceDraft, manifest: SourceManifest) -> None:
    """See that a draft has all that its kind needs.

    Raises:
        UsageError: Something required is missing, or is no choice.
    """
    if not (draft.fields.get("base_url", "").strip() or manifest.default_base_url):
        asked = next((e for e in manifest.fields if e.key == "base_url"), None)
        if asked is not None and asked.is_required:
            raise UsageError(
                tr("{label} is missing", label=reworded(asked.label)),
                reworded(asked.help),
            )
    for each in manifest.fields:
        given = (
            bool(draft.secrets.get(each.key))
            if each.kind == "secret"
            else bool(draft.fields.get(each.key, "").strip())
        )
        if each.is_required and not given and each.key != "base_url":
            raise UsageError(
                tr("{label} is missing", label=reworded(each.label)),
                reworded(each.help),
            )
    for key, value in draft.fields.items():
        check_source_option(key, value, manifest.fields)


def check_source_option(key: str, value: str, fields: tuple[FormField, ...]) -> None:
    """See that a setting may have a value; "" always may, for the usual one.

    Raises:
        UsageError: There is no such setting, or it may not.
    """
    found = next((each for each in fields if each.key == key), None)
    if found is None and key not in OWN_FIELDS:
        known = [each.key for each in fields if each.kind != "secret"]
        raise UsageError(
            tr("This source has no setting “{key}”", key=key[:40]),
            tr("It has: {names}.", names=", ".join(sorted({*known, *OWN_FIELDS}))),
        )
    if found is not None and found.kind == "secret":
        raise UsageError(
            tr("“{key}” is a key, and keys are kept in the keychain", key=key),
            tr("Store it with: screenpop source set-secret."),
        )
    if found and found.choices and value and value not in found.choices:
        raise UsageError(
            tr(
                "{label} cannot be “{value}”",
                label=reworded(found.label),
                value=value[:40],
            ),
            tr("Choose one of: {choices}.", choices=", ".join(found.choices)),
        )
