"""Keep the catalogues of the program's texts in step with the program.

Takes the texts out of the source (with Babel), merges them into every ``.po`` file and
says what is missing or wrong there. Run it as ``python3 installer/dev.py languages``;
``docs/languages.md`` is for those who translate.
"""

from __future__ import annotations

import argparse
import io
import re
import string
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

import catalogues
from screenpop.config.settings import REGIONS
from screenpop.domain.number_areas import area_names

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "screenpop"
KEYWORDS = {"tr": None, "marked": None, "tr_count": (1, 2), "tr_in": ((1, "c"), 2)}
"""The functions of ``screenpop.wording``, as Babel wants to be told of them."""

NOT_FOR_USERS = (
    # The command line, and what only it and developers read, are English.
    *("cli/", "simulator/", "providers/testing/", "services/diagnos", "ui/demo"),
    *("services/support_bundle.py", "services/import_worker.py"),
    # `screenpop doctor --policy` alone.
    "config/policy_explained.py",
    # What a running app answers to the command line.
    *("services/control.py", "services/around_desk.py"),
    # The relay is a server program.
    *("services/relay/", "config/relay_settings.py", "relay/setup/", "relay/identity/"),
    *("relay/devices.py", "relay/removal.py", "relay/enrolment_door.py"),
    *("relay/enrolment.py", "relay/spool.py", "relay/grant.py"),
)
"""Where texts are that no user of the desktop sees, below ``screenpop/``."""

COUNTRY, AREA = "country", "area"
"""Names that are looked up by a code, or by how they read in English."""

FOR_TRANSLATORS = ("For translators:",)
SAME = "same"
"""A translator's comment: this is meant to read as in English."""

_HEADER = """\
# Texts of screenpop. How to translate them: docs/languages.md.
#"""
_IN_BACKTICKS = re.compile(r"`[^`]*`")
_LETTERS = re.compile(r"[^\W\d_]")
_WIDTH = 88


# --- the program's texts -------------------------------------------------------------


def extracted(source: Path = SOURCE) -> Catalog:
    """Every text in the program that can be translated, in the order of its files."""
    found = Catalog(project="screenpop", charset="utf-8")
    for path in sorted(source.rglob("*.py")):
        place = path.relative_to(source).as_posix()
        if place.startswith(NOT_FOR_USERS) or not _may_hold_texts(path):
            continue
        place = f"{source.name}/{place}"
        for _line, ids, comments, context in extract_from_file(
            "python", path, keywords=KEYWORDS, comment_tags=FOR_TRANSLATORS
        ):
            # Without lines: they change all the time and say nothing to a translator.
            locations = [(place, 0)]
            texts = [each.removeprefix(FOR_TRANSLATORS[0]).strip() for each in comments]
            found.add(ids, locations=locations, auto_comments=texts, context=context)
    for code in sorted(REGIONS):
        found.add(code, locations=[("screenpop/ui/countries.py", 0)], context=COUNTRY)
    for name in area_names():
        found.add(
            name, locations=[("screenpop/domain/number_areas.py", 0)], context=AREA
        )
    return found


def _may_hold_texts(path: Path) -> bool:
    """Reading a file as text is far quicker than taking its texts out."""
    text = path.read_text("utf-8")
    return any(f"{word}(" in text for word in KEYWORDS)


# --- catalogues ----------------------------------------------------------------------


def read_catalogue(path: Path) -> Catalog:
    """A catalogue as its translators left it."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.stem, abort_invalid=True)


def merged(path: Path, program: Catalog) -> str:
    """What the catalogue should read as: the program's texts, and their translations.

    What the program no longer says goes to the end, commented out.
    """
    catalogue = read_catalogue(path) if path.exists() else Catalog(locale=path.stem)
    # A copy: it takes over the messages themselves.
    catalogue.update(deepcopy(program), no_fuzzy_matching=True)
    _name_countries(catalogue)
    for message in catalogue:
        # Babel guesses that from braces; ours are all alike.
        message.flags.difference_update({"python-brace-format", "python-format"})
    stream = io.BytesIO()
    write_po(stream, catalogue, width=_WIDTH, omit_header=True, include_lineno=False)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        f"{_HEADER}\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {path.stem}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    )
    return head + stream.getvalue().decode("utf-8").strip() + "\n"


def _name_countries(catalogue: Catalog) -> None:
    """Take them from the Unicode consortium's data, where nobody named one."""
    names = Locale.parse(str(catalogue.locale_identifier)).territories
    for message in catalogue:
        if message.context == COUNTRY and not message.string:
            message.string = names.get(str(message.id), "")


# --- what is wrong -------------------------------------------------------------------


def faults(path: Path, program: Catalog) -> Iterator[str]:
    """What keeps a catalogue from being complete and right, one line each."""
    catalogue = read_catalogue(path)
    for message in program:
        if not message.id:
            continue
        here = catalogue.get(message.id, message.context)
        if message.context == AREA and here is not None and not _forms(here):
            # A place that is called the same.
            continue
        if here is None or not _forms(here):
            yield f"missing: {_shown(message)}"
        elif here.fuzzy:
            yield f"marked as fuzzy: {_shown(message)}"
        else:
            for fault in _faults_of(here, catalogue.num_plurals):
                yield f"{fault}: {_shown(message)}"
    for message in catalogue:
        if message.id and program.get(message.id, message.context) is None:
            yield f"not in the program any more: {_shown(message)}"


def _faults_of(message: Message, plurals: int) -> Iterator[str]:
    ids = _ids(message)
    forms = _forms(message)
    if len(ids) > 1 and len(forms) != plurals:
        yield f"{plurals} plural forms are needed"
    for form in forms:
        if not form.strip():
            yield "a form is empty"
            return
        # A form for one number only may say it in words.
        lacking = _gaps(ids[-1]) ^ _gaps(form)
        if lacking - ({"count"} if len(ids) > 1 else set()):
            yield f"other gaps ({', '.join(sorted(lacking))})"
        if _edges(form) != _edges(ids[-1]):
            yield "other blanks or dots at an end"
        commands = sorted(_IN_BACKTICKS.findall(ids[-1]))
        if sorted(_IN_BACKTICKS.findall(form)) != commands:
            yield "what stands in backticks stays as it is"
    if forms[0] == ids[0] and _is_language(ids[0]) and not _is_meant(message):
        yield "reads as in English; if that is right, write “# same” above it"


def _forms(message: Message) -> tuple[str, ...]:
    written = message.string or ""
    forms = (
        (written,)
        if isinstance(written, str)
        else tuple(each or "" for each in written)
    )
    return forms if any(forms) else ()


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _gaps(text: str) -> set[str]:
    try:
        return {name for _, name, *_ in string.Formatter().parse(text) if name}
    except ValueError:
        return {"a brace that is not closed"}


def _edges(text: str) -> tuple[bool, bool, bool, int]:
    return (
        text.startswith(" "),
        text.endswith(" "),
        text.endswith("…"),
        text.count("\n"),
    )


def _is_language(text: str) -> bool:
    """Whether anything in it could be said in other words."""
    plain = "".join(literal for literal, *_ in string.Formatter().parse(text))
    return bool(_LETTERS.search(_IN_BACKTICKS.sub("", plain)))


def _is_meant(message: Message) -> bool:
    return any(comment.strip() == SAME for comment in message.user_comments)


def _shown(message: Message) -> str:
    text = _ids(message)[0]
    return f"{text} [{message.context}]" if message.context else text


# --- the command ---------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Merge, report and compile; 1 where anything is left to do."""
    parser = argparse.ArgumentParser(prog="dev.py languages", description=__doc__)
    parser.add_argument("codes", nargs="*", metavar="CODE", help="only these")
    parser.add_argument("--new", action="store_true", help="begin them")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    folder = catalogues.FOLDER
    program = extracted()
    paths = [folder / f"{code}.po" for code in options.codes]
    if not options.new:
        paths = paths or sorted(folder.glob("*.po"))
    bad = False
    for path in paths:
        if not path.exists() and not options.new:
            print(f"there is no {path.name}; begin it with --new")
            return 2
        if not options.check:
            path.write_text(merged(path, program), "utf-8")
        bad |= _report(path, program)
    if not options.check:
        catalogues.compile_all()
    return int(bad)


def _report(path: Path, program: Catalog) -> bool:
    found = list(faults(path, program))
    name = Locale.parse(path.stem).english_name
    count = sum(1 for message in program if message.id)
    state = f"{len(found)} faults" if found else "complete"
    print(f"{path.name} ({name}): {count} texts, {state}")
    for fault in found:
        print(f"  {fault}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
