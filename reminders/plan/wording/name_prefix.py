"""A message that says whom it is about. Pure; the words are in lists/*.yaml, where each language has its own."""

from collections.abc import Iterable

from patients.initials import compact
from reminders.plan.wording import lists


def say(text: str, tag: str, *, clinic: str, language: str) -> str:
    """`Riverside Clinic: Walk a little` as `Riverside Clinic for J.M.: Walk a little`; without a tag as it is."""
    words = lists.naming(language)
    if not tag:
        return text
    if text.startswith(f"{clinic}:"):
        return words["clinic"].format(clinic=clinic, name=tag) + text.removeprefix(clinic)
    return f"{words['alone'].format(name=tag)}: {text}"


def headed(body: str, tag: str, *, language: str) -> str:
    """An e-mail's body with a first line of its own."""
    return f"{lists.naming(language)['alone'].format(name=tag)}\n\n{body}" if tag else body


def begin(text: str, tags: Iterable[str], *, language: str) -> str:
    """And how an answer says whose it is, where more than one may be waited for: `Begin your reply with JM.`"""
    names = " / ".join(compact(tag) for tag in tags if tag)
    if not names:
        return text
    end = "." if text[-1:].isalnum() else ""  # most texts close with the carrier's `STOP to opt out`
    return f"{text}{end} {lists.naming(language)['begin'].format(names=names)}"
