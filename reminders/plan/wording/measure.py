"""What a text weighs once it is filled with the longest values a clinic can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reminders.plan import placeholders
from reminders.plan.blanks import BLANKS, spoken
from reminders.plan.wording import name_prefix, readability, segments

TOO_LONG = 1_600  # characters; the provider refuses a longer text altogether
DAYS = {"en": "Wednesday, September 30", "es": "miércoles 30 de septiembre"}
TIMES = {"en": "11:30 AM"}
LONGEST = {
    "clinic": "Springfield Clinic Ctr",  # 22 letters, as many as a short name may have
    "clinic_phone": "+1 202 555 0100",
    "emergency_number": "911",
    "first_name": "Maximiliana",
    "surgeon": "Dr. Montgomery-Hernandez",
    "link": "https://care.example.org/p/AbC123456789/",
}


LONGEST_TAG = "M.W. 30"


@dataclass(frozen=True, slots=True)
class Measure:
    """`outside`: the characters that make the text dearer, each once."""

    filled: str
    encoding: str
    characters: int
    parts: int
    outside: str
    grade: float | None

    def price(self, part: Decimal | None) -> Decimal | None:
        """What the text costs at this price a part; None where no price is known."""
        return None if part is None else self.parts * part


def parts_if_named(sms: str, language: str, values: Mapping[str, str], *, asks: bool) -> int:
    """On a phone that several share, where it says whom it is about and, if it asks, how an answer begins."""
    said = name_prefix.say(placeholders.render(sms, values), LONGEST_TAG, clinic=values["clinic"], language=language)
    whole = name_prefix.begin(said, [LONGEST_TAG], language=language) if asks else said
    return segments.parts(segments.downgrade(whole)).parts


def examples(language: str, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Worst cases: of a value the site has (its address, its phone) and the example, the longer one."""
    base = language.split("-")[0].lower()
    values = LONGEST | {"visit_day": DAYS.get(base, DAYS["es"]), "visit_time": TIMES.get(base, "11:30")}
    values |= {name: spoken(blank.example, language) for name, blank in BLANKS.items()}
    return values | {name: max(value, values[name], key=len) for name, value in (known or {}).items()}


def measure(sms: str, language: str, values: Mapping[str, str]) -> Measure:
    """A text as it will leave. Raises placeholders.PlaceholderError."""
    filled = segments.downgrade(placeholders.render(sms, values))
    encoding, characters, parts = segments.parts(filled)
    outside = "".join(dict.fromkeys(c for c in filled if c not in segments.GSM))
    return Measure(filled, encoding, characters, parts, outside, readability.grade(sms, language))
