"""What is wrong with a form that was filled in. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.service_address import ServiceAddress
from screenpop.ui.wording import reworded, tr

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from screenpop.domain.form_fields import FormField


def first_problem(
    fields: Iterable[FormField],
    values: Mapping[str, str],
    secrets: Collection[str],
) -> str:
    """The first thing that is wrong with what was filled in; "" when nothing is.

    Args:
        fields: What was asked.
        values: What was filled in, keys and passwords left out.
        secrets: The keys of the secret fields that are filled in.
    """
    for one in fields:
        value = values.get(one.key, "")
        is_given = one.key in secrets if one.kind == "secret" else bool(value)
        # An empty address means the usual one, where there is one.
        has_usual = one.kind == "url" and bool(one.default)
        if one.is_required and not is_given and not has_usual:
            return tr("{label} is missing.", label=reworded(one.label))
        if one.kind == "number" and value and not value.isdigit():
            return tr("{label} is not a number.", label=reworded(one.label))
        if one.kind == "url" and value and (wrong := _address_problem(value)):
            return wrong
    return ""


def _address_problem(text: str) -> str:
    try:
        ServiceAddress.checked(text)
    except ConfigurationError as error:
        return str(error)
    return ""
