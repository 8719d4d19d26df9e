"""What a form or a command asks for when something is set up."""

from __future__ import annotations

from typing import Literal, TypeAlias

from screenpop.domain.frozen import frozen

FieldKind: TypeAlias = Literal["text", "secret", "url", "choice", "number"]


@frozen(kw_only=True)
class FormField:
    """One thing to ask.

    Attributes:
        key: Its name in ``config.toml`` (or in the keychain, for a secret).
        label: What the user reads.
        kind: How to ask for it; "secret" goes to the keychain only.
        help: One sentence for the form; may be "".
        choices: The allowed values of a "choice".
    """

    key: str
    label: str
    kind: FieldKind = "text"
    help: str = ""
    is_required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
