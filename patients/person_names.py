"""People have one name or several. Pure.

Somebody with one name has it as the given name or as the family name, as the source had it; the other is empty.
"""


def whole(given: str, family: str) -> str:
    """As staff read it."""
    return " ".join(filter(None, (given, family)))


def greeting(given: str, family: str) -> str:
    """Whom a message or a page greets: the given name, else the only one there is."""
    return given or family


def completed(given: str, family: str, text: str) -> tuple[str, str]:
    """(given, family), with what only `text`, the whole name in one line, has. What is there is never changed.

    A text without parts is never cut at a guess: `Ana María Ruiz` may be one given name and one family name, or not.
    Only a comma tells (`Ruiz, Ana`). Without one all of it is the name by which the person is greeted.
    """
    text = " ".join(text.split())
    before, comma, after = (part.strip() for part in text.partition(","))
    if not (given or family):
        return (after, before) if comma and after else (before, "")
    if given and not family:
        return given, _rest(text, before if comma else "", given)
    if family and not given:
        return (after if comma and _same(before, family) else _rest(text, "", family, at_end=True)), family
    return given, family


def _rest(text: str, before_comma: str, known: str, *, at_end: bool = False) -> str:
    """The part of `text` beside `known`; empty where `known` does not stand at that end of it."""
    if before_comma:
        return before_comma if _same(text.partition(",")[2].strip()[: len(known)], known) else ""
    start, end = (text[: -len(known)], text[-len(known) :]) if at_end else (text[len(known) :], text[: len(known)])
    is_word = start.endswith(" ") if at_end else start.startswith(" ")
    return start.strip() if _same(end, known) and is_word else ""


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
