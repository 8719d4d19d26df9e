r"""Templates for group policies of Windows: ``screenpop.admx`` and its English texts.

Each setting is there twice: as a policy, which users cannot change, and below
*Defaults users may change*, which is written to ``Recommended``.
https://learn.microsoft.com/previous-versions/windows/desktop/Policy/admx-schema
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import NamedTuple

from screenpop.config.policy_places import REGISTRY_KEY
from screenpop.config.policy_registry import RECOMMENDED
from screenpop.config.setting_kinds import Kind, SettingKind
from setting_texts import explanation, kinds, meanings, title

_SCHEMA = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_NAMESPACE = "Screenpop.Policies.Screenpop"
_ROOT = "screenpop"
_ADVISED = "Recommended"
_SUPPORTED = "SUPPORTED_SCREENPOP"
_LONGEST = 2000


class _Policy(NamedTuple):
    """One policy of the template.

    Attributes:
        kind: The setting.
        is_advice: Users may change it.
    """

    kind: SettingKind
    is_advice: bool

    @property
    def name(self) -> str:
        words = self.kind.place.replace(".", "_")
        return f"{words}_{_ADVISED.lower()}" if self.is_advice else words

    @property
    def category(self) -> str:
        return _category(_section(self.kind), is_advice=self.is_advice)

    @property
    def key(self) -> str:
        root = rf"{REGISTRY_KEY}\{RECOMMENDED}" if self.is_advice else REGISTRY_KEY
        section = self.kind.section
        return rf"{root}\{section}" if section else root

    @property
    def value(self) -> str:
        return self.kind.place.rpartition(".")[2]


def admx() -> str:
    """The template itself."""
    root = ET.Element(
        "policyDefinitions",
        {
            "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xmlns": _SCHEMA,
            "revision": "1.0",
            "schemaVersion": "1.0",
        },
    )
    namespaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(namespaces, "target", prefix="screenpop", namespace=_NAMESPACE)
    ET.SubElement(
        namespaces,
        "using",
        prefix="windows",
        namespace="Microsoft.Policies.Windows",
    )
    ET.SubElement(root, "supersededAdm", fileName="screenpop.adm")
    ET.SubElement(root, "resources", minRequiredRevision="1.0")
    definitions = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(
        definitions,
        "definition",
        name=_SUPPORTED,
        displayName=f"$(string.{_SUPPORTED})",
    )
    _add_categories(ET.SubElement(root, "categories"))
    policies = ET.SubElement(root, "policies")
    for policy in _policies():
        _add_policy(policies, policy)
    return _written(root)


def adml() -> str:
    """Its texts in English (en-US)."""
    root = ET.Element(
        "policyDefinitionResources",
        {
            "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xmlns": _SCHEMA,
            "revision": "1.0",
            "schemaVersion": "1.0",
        },
    )
    ET.SubElement(root, "displayName").text = "screenpop"
    ET.SubElement(root, "description").text = "Policies for screenpop"
    resources = ET.SubElement(root, "resources")
    table = ET.SubElement(resources, "stringTable")
    for name, text in _strings().items():
        ET.SubElement(table, "string", id=name).text = text
    presentations = ET.SubElement(resources, "presentationTable")
    for policy in _policies():
        _add_presentation(presentations, policy)
    return _written(root)


# --- what there is -------------------------------------------------------------------


def _policies() -> list[_Policy]:
    single = [
        one
        for one in kinds().values()
        # What users say only for a while, and what locks mean in files.
        if "[]" not in one.place and one.place not in ("ui.quiet_until",)
    ]
    forced = [_Policy(one, is_advice=False) for one in single]
    advised = [
        _Policy(one, is_advice=True) for one in single if one.section != "policy"
    ]
    return forced + advised


def _section(kind: SettingKind) -> str:
    """The section it is listed under; a list of sections is one of its own."""
    if kind.section:
        return kind.section
    return kind.place if kind.kind is Kind.SECTIONS else "general"


def _category(section: str, *, is_advice: bool) -> str:
    return f"{section}_{_ADVISED.lower()}" if is_advice else section


def _categories() -> dict[str, str]:
    """Each category with the one it is in."""
    found = {_ROOT: "", _ADVISED: _ROOT}
    for policy in _policies():
        found[policy.category] = _ADVISED if policy.is_advice else _ROOT
    return found


def _strings() -> dict[str, str]:
    texts = {
        _SUPPORTED: "screenpop 0.1 or later",
        f"CAT_{_ROOT}": "screenpop",
        f"CAT_{_ADVISED}": "Defaults users may change",
    }
    for policy in _policies():
        section = _section(policy.kind)
        about = meanings().get(section, "").rstrip(".")
        name = section.replace("_", " ").capitalize()
        texts[f"CAT_{policy.category}"] = f"{name}: {about}" if about else name
        texts[policy.name] = title(policy.kind)
        why = (
            "Users may change it."
            if policy.is_advice
            else "Users cannot change it while this policy is enabled or disabled."
        )
        texts[f"{policy.name}_Explain"] = f"{explanation(policy.kind)} {why}".strip()
        for choice in policy.kind.choices:
            texts[_choice_id(policy.kind, choice)] = choice
    return texts


def _choice_id(kind: SettingKind, choice: str) -> str:
    return f"{kind.place}_{choice}".replace(".", "_").replace("-", "_")


# --- writing -------------------------------------------------------------------------


def _add_categories(parent: ET.Element) -> None:
    for name, above in _categories().items():
        category = ET.SubElement(
            parent, "category", name=name, displayName=f"$(string.CAT_{name})"
        )
        if above:
            ET.SubElement(category, "parentCategory", ref=above)


def _add_policy(parent: ET.Element, policy: _Policy) -> None:
    kind = policy.kind
    is_flag = kind.kind is Kind.FLAG
    facts = {
        "name": policy.name,
        "class": "Both",
        "displayName": f"$(string.{policy.name})",
        "explainText": f"$(string.{policy.name}_Explain)",
        "key": policy.key,
    }
    if is_flag:
        facts["valueName"] = policy.value
    else:
        facts["presentation"] = f"$(presentation.{policy.name})"
    made = ET.SubElement(parent, "policy", facts)
    ET.SubElement(made, "parentCategory", ref=policy.category)
    ET.SubElement(made, "supportedOn", ref=_SUPPORTED)
    if is_flag:
        for state, number in (("enabledValue", "1"), ("disabledValue", "0")):
            ET.SubElement(ET.SubElement(made, state), "decimal", value=number)
        return
    _add_element(ET.SubElement(made, "elements"), policy)


def _add_element(parent: ET.Element, policy: _Policy) -> None:
    kind, name = policy.kind, policy.value
    match kind.kind:
        case Kind.WHOLE:
            ET.SubElement(
                parent,
                "decimal",
                id=name,
                valueName=name,
                required="true",
                minValue=f"{kind.least:.0f}",
                maxValue=f"{kind.most:.0f}",
            )
        case Kind.CHOICE:
            options = ET.SubElement(
                parent, "enum", id=name, valueName=name, required="true"
            )
            for choice in kind.choices:
                shown = f"$(string.{_choice_id(kind, choice)})"
                item = ET.SubElement(options, "item", displayName=shown)
                value = ET.SubElement(item, "value")
                ET.SubElement(value, "string").text = choice
        case Kind.TEXTS | Kind.SECTIONS:
            # Values named 1, 2, 3 … in a key of their own.
            key = rf"{policy.key}\{name}"
            ET.SubElement(parent, "list", id=name, key=key, valuePrefix="")
        case _:
            ET.SubElement(
                parent,
                "text",
                id=name,
                valueName=name,
                required="true",
                maxLength=f"{_LONGEST}",
            )


def _add_presentation(parent: ET.Element, policy: _Policy) -> None:
    kind, name = policy.kind, policy.value
    if kind.kind is Kind.FLAG:
        return
    made = ET.SubElement(parent, "presentation", id=policy.name)
    label = title(kind)
    match kind.kind:
        case Kind.WHOLE:
            usual = str(kind.default)
            ET.SubElement(
                made, "decimalTextBox", refId=name, defaultValue=usual
            ).text = label
        case Kind.CHOICE:
            place = kind.choices.index(str(kind.default)) if kind.default else 0
            ET.SubElement(
                made, "dropdownList", refId=name, noSort="true", defaultItem=str(place)
            ).text = label
        case Kind.TEXTS | Kind.SECTIONS:
            ET.SubElement(made, "listBox", refId=name).text = label
        case _:
            box = ET.SubElement(made, "textBox", refId=name)
            ET.SubElement(box, "label").text = label
            if kind.default not in (None, ""):
                ET.SubElement(box, "defaultValue").text = str(kind.default)


def _written(root: ET.Element) -> str:
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
