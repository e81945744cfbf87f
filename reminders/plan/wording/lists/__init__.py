"""Words no text may contain: one file per language, and one for all languages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def telling(language: str) -> list[str]:
    """As written, a star for any ending. Words of every language count: a name told in English is told."""
    return _known("any", "telling") + sorted({*_known(_base(language), "telling"), *_known("en", "telling")})


def taken() -> list[str]:
    """Of all languages: carriers do not ask which one a text is in."""
    return [word for tag in ("any", *languages()) for word in _known(tag, "taken")]


def naming(language: str) -> dict[str, str]:
    """How a text says whom it is about; a language without words of its own has marks that need none."""
    words: dict[str, str] = _file("any")["naming"] | _file(_base(language)).get("naming", {})
    return words


def is_known(language: str) -> bool:
    """True if there is a list of revealing words for this language."""
    return _base(language) in languages()


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a list, sorted."""
    return tuple(sorted(path.stem for path in HERE.glob("*.yaml") if path.stem != "any"))


def _base(language: str) -> str:
    return language.split("-")[0].lower()


@cache
def _file(tag: str) -> dict[str, Any]:
    path = HERE / f"{tag}.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8")) if tag in ("any", *languages()) else {}
    return found


def _known(tag: str, what: str) -> list[str]:
    return list(_file(tag).get(what, []))
