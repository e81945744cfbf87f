"""What a surgeon must still do about the blanks of a version before it can be signed. Pure: sentences out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reminders.plan import blanks
from reminders.plan.blanks import BLANKS, NAME, Kept
from reminders.plan.signing_checks import StepWords, Texts

Lines = Mapping[str, Iterable[str]]  # language -> lines


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where some words of a version stand. `is_line`: on the patient's page, where only blanks are filled in."""

    where: str
    language: str
    text: str
    is_line: bool = False


def places(texts: Texts, pages: Mapping[str, Lines]) -> list[TextPlace]:
    """Everything a patient could read. `pages`: what the patient's page shows, by what it is called to staff."""
    lines = [
        TextPlace(where, language, line, is_line=True)
        for where, said in pages.items()
        for language, rows in said.items()
        for line in rows
    ]
    return lines + [TextPlace(f"step {code}", tag, words.all()) for (code, tag), words in texts.items()]


def used(places: Iterable[TextPlace]) -> dict[str, list[str]]:
    """Each blank that stands somewhere, and where, in the words of a sentence."""
    found: dict[str, dict[str, list[str]]] = {}
    for place in places:
        for name in blanks.names(place.text):
            tags = found.setdefault(name, {}).setdefault(place.where, [])
            if place.language not in tags:
                tags.append(place.language)
    return {name: [f"{where} ({', '.join(tags)})" for where, tags in at.items()] for name, at in found.items()}


def faults(kept: Kept, places: list[TextPlace], country: str) -> Iterator[str]:
    """Open blanks with where they stand, values that cannot be said, and what no line of the page can fill in."""
    for name, where in used(places).items():
        value, label = blanks.value_of(kept, name), BLANKS[name].label
        if not value:
            yield (
                f"{{{name}}} ({label}) is not filled in. It stands in {'; '.join(where)}. Fill it in, or strike it: "
                "then its sentences go."
            )
        elif said := blanks.wrong(name, value) or blanks.foreign(name, value, country):
            yield said
    for place in places:
        if place.is_line and (strange := [name for name in NAME.findall(place.text) if name not in BLANKS]):
            yield (
                f"{place.where} ({place.language}) has {{{strange[0]}}}. A line of the patient's page can only have "
                f"blanks: {', '.join(f'{{{name}}}' for name in BLANKS)}."
            )


def filled(texts: Texts, kept: Kept) -> dict[tuple[str, str], StepWords]:
    """The words as a patient would read them, apart from what only a patient or a visit knows."""
    return {
        (code, tag): StepWords(*(blanks.fill(text, kept, tag) for text in (words.sms, words.subject, words.body)))
        for (code, tag), words in texts.items()
    }
