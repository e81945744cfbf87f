"""A document as YAML, always the same bytes for the same content. Pure but for the header it reads from a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from reminders.plan.blanks import blank_order
from reminders.plan.files.document import Document, in_order

SHIPPED = Path(__file__).parent.parent / "library" / "miss-base.yaml"  # its header explains the format
IN_ORDER = "steps:  # in the order of the days on which they first fall due"
BLANKS = "blanks:  # a surgeon fills each in, or strikes it, before signing"
ADVICE = "advice:  # questions people ask, on the patient's own page"
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060\ufeff\ufff0-\uffff]|[\"\\]")
BLOCK = re.compile(r"[^\s](?:.*[^\s])?", re.DOTALL)  # neither begins nor ends with a space: what a block keeps as it is


def written(document: Document, *, header: str | None = None) -> str:
    """Phases, check-ups and steps by day; what has its usual value (no note, late rule or nature) is left out."""
    lines = _lines(in_order(document))
    return (explained() if header is None else header) + "\n" + "\n".join(lines) + "\n"


@cache
def explained() -> str:
    """The comment that opens every file; what is said of the shipped numbers stands below it and stays behind."""
    whole = SHIPPED.read_text("utf-8")
    return whole[: whole.index("\n\n") + 1]


def _lines(document: Document) -> Iterator[str]:
    yield f"code: {plain(document['code'])}"
    yield f"name: {quoted(document['name'])}"
    yield f"family: {plain(document['family'])}"
    yield f"summary: {quoted(document['summary'])}"
    if document.get("expected_pain"):
        yield f"expected_pain: {document['expected_pain']}  # [day, lowest, highest], pain 0 to 10"
    yield from _blanks(document.get("blanks", {}))
    if any(document.get("advice", {}).values()):
        yield ""
        yield ADVICE
        yield from (line[4:] for line in _lists("advice", document["advice"]) if line.startswith("     "))
    yield from ("", "phases:" if document["phases"] else "phases: []")
    for phase in document["phases"]:
        yield from _phase(phase)
    yield from ("", "check_ups:" if document["check_ups"] else "check_ups: []")
    for visit in document["check_ups"]:
        yield from _check_up(visit)
    yield from ("", IN_ORDER if document["steps"] else "steps: []")
    for number, step in enumerate(document["steps"]):
        yield from ([""] if number else [])
        yield from _step(step)


def _blanks(blanks: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    if blanks:
        yield from ("", BLANKS)
    for name, kept in sorted(blanks.items(), key=lambda row: blank_order(row[0])):
        value = quoted(kept["value"]) if kept["value"] else "null"
        yield f"  {plain(name)}: {{value: {value}, why: {quoted(kept['why'])}}}"


def _phase(phase: Mapping[str, Any]) -> Iterator[str]:
    yield f"  - code: {plain(phase['code'])}"
    yield f"    first_day: {phase['first_day']}"
    yield f"    last_day: {_word(phase['last_day'])}"
    yield f"    title: {_titles(phase['title'])}"
    for name in ("do", "avoid"):
        yield from _lists(name, phase[name])


def _check_up(visit: Mapping[str, Any]) -> Iterator[str]:
    yield f"  - code: {plain(visit['code'])}"
    yield f"    title: {_titles(visit['title'])}"
    for name in ("first_day", "target_day", "last_day", "repeat_days"):
        yield f"    {name}: {_word(visit[name])}"
    if visit.get("note"):
        yield f"    note: {quoted(visit['note'])}"
    if visit.get("nature"):
        yield f"    nature: {plain(visit['nature'])}"


def _step(step: Mapping[str, Any]) -> Iterator[str]:
    yield f"  - code: {plain(step['code'])}"
    yield f"    kind: {plain(step['kind'])}"
    yield f"    title: {quoted(step['title'])}"
    for name in ("phase", "anchor", "check_up", "offset_days"):
        yield f"    {name}: {_word(step[name])}"
    yield f"    at: {quoted(step['at'])}"
    yield f"    channels: [{', '.join(map(plain, step['channels']))}]"
    for name in ("condition", "repeat_days", "repeat_count", "useful_days", "staffed_days_only"):
        yield f"    {name}: {_word(step[name])}"
    if step.get("late_rule", "until") != "until":
        yield f"    late_rule: {plain(step['late_rule'])}"
    yield f"    warning: {_word(step['warning'])}"
    if step.get("nature"):
        yield f"    nature: {plain(step['nature'])}"
    yield f"    why: {quoted(step['why'])}"
    yield "    texts:" if step["texts"] else "    texts: {}"
    for language, words in step["texts"].items():
        yield f"      {plain(language)}:"
        yield f"        sms: {quoted(words['sms'])}"
        yield f"        subject: {quoted(words['subject'])}"
        yield from _body(words["body"])


def _body(body: str) -> Iterator[str]:
    lines = body.split("\n")
    if not BLOCK.fullmatch(body) or UNSEEN.search(re.sub(r"[\"\\\n]", "", body)) or any(_blank(one) for one in lines):
        yield f"        body: {quoted(body)}"
        return
    yield "        body: |-"
    yield from (f"          {line}" if line else "" for line in lines)


def _blank(line: str) -> bool:
    return bool(line) and not line.strip()


def _titles(words: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{plain(tag)}: {quoted(said)}" for tag, said in words.items()) + "}"


def _lists(name: str, said: Mapping[str, Iterable[str]]) -> Iterator[str]:
    if not any(said.values()):
        yield f"    {name}: {{{', '.join(f'{plain(tag)}: []' for tag in said)}}}"
        return
    yield f"    {name}:"
    for tag, lines in said.items():
        yield f"      {plain(tag)}:" if lines else f"      {plain(tag)}: []"
        yield from (f"        - {quoted(line)}" for line in lines)


def _word(value: object) -> str:
    if value is None or value == "":
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else plain(str(value))


@cache
def plain(word: str) -> str:
    """Without quotes where that cannot be misread: `no` is a language, and 12 may be a code."""
    usual = re.fullmatch(r"[A-Za-z][\w-]*", word, re.ASCII) and yaml.safe_load(word) == word
    return word if usual else quoted(word)


def quoted(text: str) -> str:
    """Text in double quotes, with unprintable characters escaped."""
    return '"' + UNSEEN.sub(lambda found: _escaped(found[0]), text) + '"'


def _escaped(character: str) -> str:
    return ESCAPES.get(character) or f"\\u{ord(character):04x}"
