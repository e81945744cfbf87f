"""What changes from one version to another, said in sentences. Pure: two documents in, sentences out.

The same code is the same step, whatever its title, day or words: what was sent is remembered under it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reminders.plan.blanks import BLANKS, Kept, blank_order, value_of
from reminders.plan.files.document import Document, in_order
from reminders.plan.files.in_words import (
    FACTS,
    Row,
    again,
    days,
    happens,
    language,
    nature_of,
    nature_of_check_up,
    repeats,
    title,
)
from reminders.plan.nature import WORDS as NATURES
from reminders.plan.text_diff import TextPiece, pieces
from reminders.plan.values import Nature

WORDS = {"sms": "text", "subject": "e-mail subject", "body": "e-mail"}
SPOKEN_AT_LENGTH = 240  # characters; longer words are shown piece by piece instead of being quoted twice


@dataclass(frozen=True, slots=True)
class VersionChange:
    sentence: str
    pieces: tuple[TextPiece, ...] = ()


@dataclass(slots=True)
class Chapter:
    """All that changes about one thing."""

    heading: str
    changes: list[VersionChange] = field(default_factory=list)


def chapters(before: Document, after: Document) -> list[Chapter]:
    """Nothing where nothing changes. First the phases, then the check-ups, then the steps by day."""
    before, after = in_order(before), in_order(after)
    found = [
        Chapter("The protocol", list(_protocol(before, after))),
        Chapter("Phases", list(_phases(before["phases"], after["phases"]))),
        Chapter("Check-ups", list(_check_ups(before["check_ups"], after["check_ups"]))),
        *_steps(before, after),
    ]
    return [chapter for chapter in found if chapter.changes]


def sentences(before: Document, after: Document) -> list[str]:
    """Every change from one version to the other, as a surgeon would say it."""
    return [change.sentence for chapter in chapters(before, after) for change in chapter.changes]


def _protocol(before: Document, after: Document) -> Iterator[VersionChange]:
    for key, name in (("name", "name"), ("summary", "summary"), ("family", "family")):
        if before[key] != after[key]:
            yield _words(f"The protocol's {name}", before[key], after[key])
    if before["expected_pain"] != after["expected_pain"]:
        was, now = _course(before["expected_pain"]), _course(after["expected_pain"])
        yield VersionChange(f"The expected course of pain changes from {was} to {now}.")
    yield from _blanks(before.get("blanks", {}), after.get("blanks", {}))
    yield from _lines("The questions people ask", before.get("advice", {}), after.get("advice", {}))


def _blanks(before: Kept, after: Kept) -> Iterator[VersionChange]:
    for name in sorted(before.keys() | after.keys(), key=blank_order):
        was, now = (value_of(kept, name) or "open" for kept in (before, after))
        if was != now:
            label = f"{{{name}}} ({BLANKS[name].label})" if name in BLANKS else f"{{{name}}}"
            yield VersionChange(f"The blank {label} is now {now}; before, it was {was}.")


def _course(rows: Iterable[list[int]]) -> str:
    return "; ".join(f"day {day}: {low} to {high}" for day, low, high in rows) or "none"


def _phases(before: list[Row], after: list[Row]) -> Iterator[VersionChange]:
    for was, now in _pairs(before, after):
        row = now or was or {}
        name = f"Phase “{title(row)}”"
        if was is None:
            yield VersionChange(f"{name} is new: {days(row)}.")
        elif now is None:
            yield VersionChange(f"{name} ({days(row)}) is gone.")
        else:
            yield from _phase(name, was, now)


def _phase(name: str, was: Row, now: Row) -> Iterator[VersionChange]:
    if was["first_day"] != now["first_day"]:
        yield VersionChange(f"{name} now begins on day {now['first_day']} instead of day {was['first_day']}.")
    if was["last_day"] != now["last_day"]:
        before = "had no end" if was["last_day"] is None else f"ended on day {was['last_day']}"
        ends = "has no end any more" if now["last_day"] is None else f"now ends on day {now['last_day']}"
        yield VersionChange(f"{name} {ends}; before, it {before}.")
    yield from _titles(name, was, now)
    for key, list_of in (("do", "what to do"), ("avoid", "what to avoid")):
        yield from _lines(f"{name}, {list_of}", was[key], now[key])


def _lines(name: str, was: Row, now: Row) -> Iterator[VersionChange]:
    for tag in _tags(was, now):
        old, new = "; ".join(was.get(tag, [])), "; ".join(now.get(tag, []))
        if old != new:
            yield _words(f"{name} in {language(tag)},", old, new)


def _check_ups(before: list[Row], after: list[Row]) -> Iterator[VersionChange]:
    for was, now in _pairs(before, after):
        row = now or was or {}
        name = f"Check-up “{title(row)}”"
        if was is None:
            yield VersionChange(f"{name} is new: {days(row)}, aiming at day {row['target_day']}.")
        elif now is None:
            yield VersionChange(f"{name} ({days(row)}) is gone.")
        else:
            if days(was) != days(now):
                yield VersionChange(f"{name} is now due on {days(now)} instead of {days(was)}.")
            if was["target_day"] != now["target_day"]:
                yield VersionChange(f"{name} now aims at day {now['target_day']} instead of day {was['target_day']}.")
            if was["repeat_days"] != now["repeat_days"]:
                yield VersionChange(f"{name} now comes {again(now)} instead of {again(was)}.")
            yield from _nature(name, nature_of_check_up(was), nature_of_check_up(now))
            yield from _titles(name, was, now)
            if was.get("note", "") != now.get("note", ""):
                yield _words(f"{name}, the note for staff", was.get("note", ""), now.get("note", ""))


def _steps(before: Document, after: Document) -> Iterator[Chapter]:
    for was, now in _pairs(before["steps"], after["steps"]):
        row = now or was or {}
        chapter = Chapter(f"“{row['title']}” ({row['code']})")
        name = f"“{row['title']}”"
        if was is None:
            chapter.changes.append(VersionChange(f"{name} is new: {happens(row, after)}, at {row['at']}."))
            chapter.changes += [_words(*said) for said in _new_words(name, row)]
        elif now is None:
            chapter.changes.append(VersionChange(f"{name} ({happens(row, before)}) is gone."))
        else:
            chapter.changes += _step(name, was, now, before, after)
        yield chapter


def _new_words(name: str, row: Row) -> Iterator[tuple[str, str, str]]:
    for tag, words in row["texts"].items():
        for key, called in WORDS.items():
            if words.get(key):
                yield f"The {language(tag)} {called} of {name}", "", words[key]


def _step(name: str, was: Row, now: Row, before: Document, after: Document) -> Iterator[VersionChange]:
    if was["title"] != now["title"]:
        yield VersionChange(f"“{was['title']}” is now called {name}.")
    old, new = happens(was, before), happens(now, after)
    if old != new:
        yield VersionChange(f"{name} moves from {old} to {new}.")
    if was["at"] != now["at"]:
        yield VersionChange(f"{name} goes at {now['at']} instead of {was['at']}.")
    for key, say in FACTS.items():
        if was.get(key) != now.get(key) and say(was) != say(now):
            yield VersionChange(f"{name}: {say(now)}; before, {say(was)}.")
    yield from _nature(name, nature_of(was, before), nature_of(now, after))
    if repeats(was) != repeats(now):
        yield VersionChange(f"{name} now comes {repeats(now)} instead of {repeats(was)}.")
    if was["why"] != now["why"]:
        yield _words(f"The reason beside {name}", was["why"], now["why"])
    for tag in _tags(was["texts"], now["texts"]):
        yield from _texts(name, tag, was["texts"].get(tag, {}), now["texts"].get(tag, {}))


def _texts(name: str, tag: str, was: Row, now: Row) -> Iterator[VersionChange]:
    for key, called in WORDS.items():
        if was.get(key, "") != now.get(key, ""):
            yield _words(f"The {language(tag)} {called} of {name}", was.get(key, ""), now.get(key, ""))


def _nature(name: str, was: Nature, now: Nature) -> Iterator[VersionChange]:
    if was != now:
        yield VersionChange(f"{name}: it is now {NATURES[now]}; before, it was {was}.")


def _titles(name: str, was: Row, now: Row) -> Iterator[VersionChange]:
    for tag in _tags(was["title"], now["title"]):
        old, new = was["title"].get(tag, ""), now["title"].get(tag, "")
        if old != new:
            yield _words(f"{name}, the title in {language(tag)},", old, new)


def _words(what: str, was: str, now: str) -> VersionChange:
    """Short words are quoted in the sentence itself; longer ones are left to the pieces."""
    quote = len(was) + len(now) <= 2 * SPOKEN_AT_LENGTH
    if not was:
        sentence = f"{what} is new: “{now}”." if quote else f"{what} is new."
    elif not now:
        sentence = f"{what} is gone; it was “{was}”." if quote else f"{what} is gone."
    else:
        sentence = f"{what} changes from “{was}” to “{now}”." if quote else f"{what} changes."
    return VersionChange(sentence, pieces(was, now))


def _pairs(before: Iterable[Row], after: Iterable[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """In the order of the later version; what is gone comes last."""
    old, new = {row["code"]: row for row in before}, {row["code"]: row for row in after}
    yield from ((old.get(code), row) for code, row in new.items())
    yield from ((row, None) for code, row in old.items() if code not in new)


def _tags(*tables: Mapping[str, Any]) -> list[str]:
    return sorted({tag for table in tables for tag in table})
