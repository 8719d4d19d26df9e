"""Spoil a payload in the ways that vendors, proxies and attackers do; reproducible."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode

from tests.providers.hook_examples import FORM, JSON, HookRequest, value_of

_Spot: TypeAlias = tuple[Any, Any]
_Change: TypeAlias = Callable[[Random, Any], Any]

_ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    3.5,
    1e308,
    2**63,
    10**400,
    442079460123,
    "",
    " ",
    "null",
    "0",
    "-0",
    "NaN",
    "anonymous",
    "+44 20 7946 0123",
    "١٢٣٤٥",
    "\u202e321\u202c",
    "a\x00b",
    "\ud800",
    "\udfff\ud83d",
    "\U0001f4de",
    "\ufeff",
    "\r\nX-Evil: 1",
    "<b>Ada</b>",
    "'; DROP TABLE calls; --",
    "%s%n%00",
    "{{caller.name}}",
    "../../etc/passwd",
    "file:///etc/passwd",
    "9999-99-99T99:99:99Z",
    "0001-01-01T00:00:00+14:00",
    "2026-11-22 25:61:61",
    "A" * 5_000,
    "é" * 3_000,
    [],
    {},
    [[]],
    [{}],
    [None],
    {"": ""},
    ["a", 1, {"b": [2]}],
)
_NAMES: Final = ("", "__proto__", "type", "data", "id", "\u202e", "\ud800", "x" * 300)
_MEDIA_TYPES: Final = (
    "",
    JSON,
    FORM,
    "text/plain",
    "text/xml",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "application/x-www-form-urlencoded; charset=latin-1",
    "APPLICATION/JSON;charset=UTF-8",
    '"',
)
_METHODS: Final = ("POST", "GET", "DELETE", "PUT")


def mutations(example: HookRequest, count: int, seed: int = 0) -> Iterator[HookRequest]:
    """So many spoiled copies of an example; the same ones each time."""
    random = Random(f"{example.vendor}/{example.name}/{seed}")  # noqa: S311 - no secret
    for number in range(count):
        kind = _KINDS[number % len(_KINDS)]
        yield kind(random, example)


# --- in the payload -------------------------------------------------------------------


def _in_value(random: Random, example: HookRequest) -> HookRequest:
    """One to three changes inside, sent the way the example was."""
    value = _value(example)
    for _ in range(random.randint(1, 3)):
        value = changed(random, value)
    return _sent(example, value)


def changed(random: Random, value: Any) -> Any:
    """A JSON value with one change; what is given may be changed itself."""
    return random.choice(_CHANGES)(random, value)


def _value(example: HookRequest) -> Any:
    try:
        return copy.deepcopy(value_of(example))
    except ValueError:
        return {"body": example.body.decode()}


def _sent(example: HookRequest, value: Any) -> HookRequest:
    if isinstance(value, dict) and (example.query or example.content_type == FORM):
        text = _as_form(value)
        if example.query:
            return replace(example, query=text[:8_000])
        return replace(example, body=text.encode())
    return replace(example, body=_as_json(value), query="")


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _as_form(value: dict[Any, Any]) -> str:
    pairs = [
        (_text(name), item if isinstance(item, str) else json.dumps(item))
        for name, item in value.items()
    ]
    return urlencode(pairs, errors="surrogatepass")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _spots(value: Any) -> list[_Spot]:
    """Every place inside that can be overwritten."""
    found: list[_Spot] = []
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return found
    for key, item in items:
        found.append((value, key))
        found += _spots(item)
    return found


def _odd(random: Random) -> Any:
    return copy.deepcopy(random.choice(_ODD))


def _overwrite(random: Random, value: Any) -> Any:
    spots = _spots(value)
    if not spots:
        return _odd(random)
    holder, key = random.choice(spots)
    holder[key] = _odd(random)
    return value


def _drop(random: Random, value: Any) -> Any:
    spots = _spots(value)
    if spots:
        holder, key = random.choice(spots)
        del holder[key]
    return value


def _rename(random: Random, value: Any) -> Any:
    named = [spot for spot in _spots(value) if isinstance(spot[0], dict)]
    if named:
        holder, key = random.choice(named)
        item = holder.pop(key)
        new = random.choice((*_NAMES, str(key).upper(), f" {key}", f"{key}[]"))
        holder[new] = item
    return value


def _add(random: Random, value: Any) -> Any:
    objects = [value, *(holder[key] for holder, key in _spots(value))]
    found = [each for each in objects if isinstance(each, dict)]
    if found:
        random.choice(found)[random.choice(_NAMES)] = _odd(random)
    return value


def _other_type(random: Random, value: Any) -> Any:
    """The same word as another type: numbers as texts, texts as numbers, in a list."""
    spots = [s for s in _spots(value) if isinstance(s[0][s[1]], str | int | float)]
    if not spots:
        return value
    holder, key = random.choice(spots)
    item = holder[key]
    digits = "".join(sign for sign in str(item) if sign.isdecimal())
    holder[key] = random.choice(
        (str(item), int(digits[:30] or 0), float(digits[:300] or 0), [item], {"": item})
    )
    return value


def _wrap(random: Random, value: Any) -> Any:
    return random.choice(
        (
            [value],
            [value, copy.deepcopy(value)],
            {"data": value},
            {"payload": [value]},
            [[value]],
            [value, None, 3],
        )
    )


def _bury(random: Random, value: Any) -> Any:
    for _ in range(random.choice((40, 200))):
        value = random.choice(([value], {"data": value}))
    return value


_CHANGES: Final[tuple[_Change, ...]] = (
    _overwrite,
    _overwrite,
    _overwrite,
    _drop,
    _drop,
    _rename,
    _add,
    _other_type,
    _other_type,
    _wrap,
    _bury,
)


# --- in the bytes ---------------------------------------------------------------------


def _in_bytes(random: Random, example: HookRequest) -> HookRequest:
    """Cut off, flipped, doubled, or in another encoding."""
    body = example.body or example.query.encode()
    at = random.randrange(len(body))
    other = bytes(random.randrange(256) for _ in range(random.randint(1, 12)))
    text = body.decode()
    body = random.choice(
        (
            body[:at],
            body[at:],
            body[:at] + other + body[at + len(other) :],
            body[:at] + body,
            body + other,
            b"\xef\xbb\xbf" + body,
            text.encode("utf-16"),
            text.encode("utf-32"),
            text.replace("a", "\xe9").encode("latin-1", "replace"),
            body.replace(b'"', b"'"),
            body.replace(b":", b"=").replace(b",", b"&"),
            body * 3,
            b'{"data":' * 900 + body + b"}" * 900,
            b"\0" * 64 + body,
        )
    )
    return replace(example, body=body)


def _doubled_keys(random: Random, example: HookRequest) -> HookRequest:
    """The same key twice, with another value."""
    value = _value(example)
    if not isinstance(value, dict) or not value:
        return _in_bytes(random, example)
    key, odd = random.choice(list(value)), _odd(random)
    if example.query or example.content_type == FORM:
        twice = f"{_as_form(value)}&{_as_form({key: odd})}"
        return _placed(example, twice)
    pair = f"{json.dumps(key)}: {json.dumps(odd)}"
    return replace(example, body=_as_json(value)[:-1] + f", {pair}}}".encode())


def _placed(example: HookRequest, text: str) -> HookRequest:
    if example.query:
        return replace(example, query=text[:8_000])
    return replace(example, body=text.encode())


# --- around the payload ---------------------------------------------------------------


def _other_media_type(random: Random, example: HookRequest) -> HookRequest:
    return replace(example, content_type=random.choice(_MEDIA_TYPES))


def _other_form(random: Random, example: HookRequest) -> HookRequest:
    """JSON as a form, a form as JSON, either in the query, or as a whole in a field."""
    value = _value(example)
    fields = value if isinstance(value, dict) else {"payload": value}
    form = _as_form(fields)
    return random.choice(
        (
            replace(example, body=form.encode(), content_type=FORM, query=""),
            replace(example, body=_as_json(value), content_type=JSON, query=""),
            replace(
                example,
                body=_as_form({"payload": value}).encode(),
                content_type=FORM,
                query="",
            ),
            replace(example, body=b"", content_type="", query=form[:8_000]),
            replace(example, query=form[:8_000]),
        )
    )


def _other_method(random: Random, example: HookRequest) -> HookRequest:
    spoiled = random.choice((_other_form, _in_value))(random, example)
    return replace(spoiled, method=random.choice(_METHODS))


def _other_path(random: Random, example: HookRequest) -> HookRequest:
    odd = random.choice(
        ("/", "//", "/mango/", "/nothing", "/%00", "/..%2f", "/é", "/x")
    )
    return replace(example, path=quote(example.path + odd, safe="/%"))


_KINDS: Final[tuple[Callable[[Random, HookRequest], HookRequest], ...]] = (
    _in_value,
    _in_value,
    _in_bytes,
    _in_value,
    _other_form,
    _in_value,
    _doubled_keys,
    _in_value,
    _other_method,
    _in_bytes,
    _other_media_type,
    _other_path,
)
