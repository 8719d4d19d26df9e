"""Check requests against the description of the vendor's interface."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker

_DOCUMENT = json.loads((Path(__file__).parent / "openapi.json").read_text("utf-8"))
_FORMATS = FormatChecker(())
_PARAMETER = re.compile(r"\{(\w+)\}")


@_FORMATS.checks("date-time", ValueError)
def _is_moment(text: object) -> bool:
    return datetime.fromisoformat(str(text)).tzinfo is not None


@dataclass(frozen=True)
class _Operation:
    description: dict[str, Any]
    in_path: dict[str, str]


def complaints(
    method: str, target: str, body: bytes, headers: dict[str, str] | None = None
) -> list[str]:
    """What the description does not allow in a request, without its values.

    Args:
        method: The HTTP method.
        target: Path and query, as sent.
        body: As sent.
        headers: Names in lower case; None when they were not kept.
    """
    parts = urlsplit(target)
    operation = _find(method, parts.path)
    if operation is None:
        return [f"{method} {parts.path} is not described"]
    found = _problems(_path_schema(operation), _typed(operation.in_path))
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=False)
    if len(dict(query)) != len(query):
        found.append("a parameter is given twice")
    found += _problems(_query_schema(operation), _typed(dict(query)))
    found += _body_problems(operation, body, headers)
    if headers is not None:
        found += _key_problems(operation, headers)
    return found


def _find(method: str, path: str) -> _Operation | None:
    """The most literal of the paths that fit."""
    for template in sorted(_DOCUMENT["paths"], key=lambda text: text.count("{")):
        pattern = _PARAMETER.sub(r"(?P<\1>[^/]+)", template)
        fitting = re.fullmatch(pattern, path)
        description = _DOCUMENT["paths"][template].get(method.lower())
        if fitting and description:
            values = {name: unquote(text) for name, text in fitting.groupdict().items()}
            return _Operation(description, values)
    return None


def _typed(texts: dict[str, str]) -> dict[str, Any]:
    """As a server reads them: what looks like a number is one."""
    return {
        name: int(text) if re.fullmatch(r"-?\d+", text, re.ASCII) else text
        for name, text in texts.items()
    }


def _parameters(operation: _Operation, place: str) -> dict[str, Any]:
    """The schema of all parameters in one place, as if they were an object."""
    given = [
        each
        for each in operation.description.get("parameters", ())
        if each["in"] == place
    ]
    schemas = {each["name"]: each["schema"] for each in given}
    # A number of a telephone is text, however many digits it is made of.
    for name, schema in schemas.items():
        if schema.get("type") == "string" and "format" not in schema:
            schemas[name] = schema | {"type": ["string", "integer"]}
    required = [each["name"] for each in given if each["required"]]
    return {
        "type": "object",
        "properties": schemas,
        "required": required,
        "additionalProperties": False,
    }


def _path_schema(operation: _Operation) -> dict[str, Any]:
    return _parameters(operation, "path")


def _query_schema(operation: _Operation) -> dict[str, Any]:
    return _parameters(operation, "query")


def _body_problems(
    operation: _Operation, body: bytes, headers: dict[str, str] | None
) -> list[str]:
    wanted = operation.description.get("requestBody")
    if wanted is None:
        return ["there is a body"] if body else []
    found = []
    if headers is not None and headers.get("content-type") != "application/json":
        found.append("the body is not declared as JSON")
    try:
        value = json.loads(body)
    except ValueError:
        return [*found, "the body is no JSON"]
    return found + _problems(wanted["content"]["application/json"]["schema"], value)


def _key_problems(operation: _Operation, headers: dict[str, str]) -> list[str]:
    needs_key = operation.description.get("security", _DOCUMENT["security"])
    given = headers.get("authorization", "")
    if needs_key and not re.fullmatch(r"Bearer \S+", given):
        return ["the key is not given as a bearer"]
    return ["the key is given where it has no place"] if given and not needs_key else []


def _problems(schema: dict[str, Any], value: object) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    return [
        f"{'.'.join(map(str, error.absolute_path)) or 'it'}: breaks {error.validator}"
        for error in validator.iter_errors(value)
    ]
