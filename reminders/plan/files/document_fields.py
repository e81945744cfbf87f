"""What may stand at each key of a protocol's file: from what is written there to a plain value, or a sentence."""

import re
from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import ValidationError

from patients import validators
from reminders.plan.files.yaml_tree import Rows, Tree, Word, YamlMapping

UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SLUG = re.compile(r"[-a-zA-Z0-9_]+")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(:00)?")
NOTHING = ("", "null", "~", "Null", "NULL")
YES_NO = {"true": True, "false": False, "yes": True, "no": False}
DAYS = 32_767

Convert = Callable[[Tree], Any]


class Wrong(ValueError):
    """Completes the sentence that begins with the name of the key."""

    def __init__(self, tree: Tree, sentence: str) -> None:
        super().__init__(sentence)
        self.line = tree.line


def text(longest: int | None = None, *, lines: bool = False) -> Convert:
    """Text of at most `longest` characters, without control characters; new lines only with `lines`."""

    def convert(tree: Tree) -> str:
        said = _said(tree, "must be words in quotes").replace("\r\n", "\n").replace("\r", "\n")
        if UNSHOWN.search(said) or ("\n" in said and not lines):
            raise Wrong(tree, "has a character or a line break that is not allowed there.")
        if longest and len(said) > longest:
            raise Wrong(tree, f"has {len(said)} characters; at most {longest} fit.")
        return said

    return convert


def needed(longest: int) -> Convert:
    """Text that must not be empty."""

    def convert(tree: Tree) -> str:
        said: str = text(longest)(tree)
        if not said.strip():
            raise Wrong(tree, "must not be empty.")
        return said

    return convert


def slug(longest: int) -> Convert:
    """Letters, digits and hyphens."""

    def convert(tree: Tree) -> str:
        said = _said(tree, "must be one word")
        if not SLUG.fullmatch(said) or len(said) > longest:
            raise Wrong(tree, f"must be letters, digits and hyphens, at most {longest}, not “{said[:80]}”.")
        return said

    return convert


def slug_or_nothing(tree: Tree) -> str | None:
    """A slug, or None where nothing is written."""
    return None if _is_nothing(tree) else slug(50)(tree)


def number(least: int = 0, most: int = DAYS) -> Convert:
    """A whole number from `least` to `most`, both included."""

    def convert(tree: Tree) -> int:
        said = _said(tree, "must be a whole number")
        if not re.fullmatch(r"[+-]?\d{1,6}", said) or not least <= int(said) <= most:
            raise Wrong(tree, f"must be a whole number from {least} to {most}, not “{said[:80]}”.")
        return int(said)

    return convert


def number_or_nothing(least: int = 0, most: int = DAYS) -> Convert:
    """The same, or None where nothing is written."""
    return lambda tree: None if _is_nothing(tree) else number(least, most)(tree)


def yes_or_no(tree: Tree) -> bool:
    """`true` or `false`, as a bool."""
    said = _said(tree, "must be true or false").lower()
    if said not in YES_NO:
        raise Wrong(tree, f"must be true or false, not “{said[:80]}”.")
    return YES_NO[said]


def one_of(known: Collection[str]) -> Convert:
    """One of the known words."""

    def convert(tree: Tree) -> str:
        said = _said(tree, "must be one word")
        if said not in known:
            raise Wrong(tree, f"must be one of {', '.join(known)}, not “{said[:80]}”.")
        return said

    return convert


def clock(tree: Tree) -> str:
    """A local time as `HH:MM`."""
    said = _said(tree, "must be a time")
    found = CLOCK.fullmatch(said)
    if found is None:
        raise Wrong(tree, f'must be a time such as "09:00", not “{said[:80]}”.')
    return f"{int(found[1]):02}:{found[2]}"


def some_of(known: Collection[str]) -> Convert:
    """One or more of the known words, each once."""

    def convert(tree: Tree) -> list[str]:
        said = [one_of(known)(item) for item in _items(tree, f"must be a list of {', '.join(known)}")]
        if not said or len(set(said)) != len(said):
            raise Wrong(tree, f"must name {' or '.join(known)}, each once.")
        return said

    return convert


def per_language(inner: Convert) -> Convert:
    """A mapping of BCP 47 tags, each value read by `inner`."""

    def convert(tree: Tree) -> dict[str, Any]:
        if not isinstance(tree, YamlMapping):
            raise Wrong(tree, 'must have an entry per language, such as {en: "…", es: "…"}.')
        for tag, said in tree.keys.items():
            if len(tag) > 16 or not validators.BCP47.fullmatch(tag):
                raise Wrong(said, f"must have languages as keys, such as en or es-MX, not “{tag[:80]}”.")
        return {tag: inner(said) for tag, said in tree.keys.items()}

    return convert


def lines(tree: Tree) -> list[str]:
    """A list of lines of at most 500 characters."""
    return [needed(500)(item) for item in _items(tree, "must be a list of lines")]


def pain(tree: Tree) -> list[list[int]]:
    """The expected pain: rows of `[day, lowest, highest]`, held to the model's own rules."""
    rows = [
        [number(0, DAYS)(one) for one in _items(row, "must hold [day, lowest, highest]")] for row in _items(tree, "")
    ]
    try:
        validators.expected_pain(rows)
    except ValidationError as error:
        raise Wrong(tree, f"is not right. {error.messages[0]}") from None
    return rows


def _said(tree: Tree, expected: str) -> str:
    if not isinstance(tree, Word):
        raise Wrong(tree, f"{expected}, not a list or a table.")
    return "" if _is_nothing(tree) else tree.said


def _items(tree: Tree, expected: str) -> list[Tree]:
    if not isinstance(tree, Rows):
        raise Wrong(tree, f"{expected or 'must be a list'}.")
    return tree.items


def _is_nothing(tree: Tree) -> bool:
    return isinstance(tree, Word) and not tree.is_quoted and tree.said in NOTHING
