"""Characters nobody sees, and how a patient number and a name are spelt without them. Pure.

A zero-width space or a direction mark comes along from a PDF, a web page or a chat; two patient numbers that look the
same on every screen would be two patients. Numbers may lose any difference that cannot be seen; names keep each letter.
"""

import re
import unicodedata

IGNORABLE = re.compile(  # Unicode's Default_Ignorable_Code_Point, the marks between lines, and the empty braille cell
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
JOINER = re.compile("(?<=[\u0600-\u109f])[\u200c\u200d](?=[\u0600-\u109f])")  # a letter's shape in Persian and Hindi
DASH = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
NO_BREAK_HYPHEN = "\u2011"
BETWEEN_DIGITS = " -./_0"  # what two spellings of one patient number may differ in; see patients.patient_matching
KEYCAP = "\u20e3"  # draws a key around the digit before it


def visible(text: str) -> str:
    """Without the characters that show nothing; what is left is not changed."""
    return IGNORABLE.sub("", text)


def patient_number(typed: str) -> str:
    """In one spelling: NFKC, nothing unseen, one kind of dash, single spaces. Letters keep their case."""
    seen = visible(unicodedata.normalize("NFKC", visible(typed)))
    return " ".join(DASH.sub("-", seen).split())


def compacted(number: str) -> str:
    """As the database writes `compact_number`: near-equal numbers share it, and some others do too."""
    return number.lower().translate(dict.fromkeys(map(ord, BETWEEN_DIGITS)))


def person_name(typed: str) -> str:
    """The letters as they are (NFC), without what shows nothing. A joiner stays where it shapes a letter."""
    kept: list[str] = []
    at = 0
    for joiner in JOINER.finditer(typed):
        kept += [visible(typed[at : joiner.start()]), joiner.group()]
        at = joiner.end()
    name = "".join(kept) + visible(typed[at:])
    return " ".join(unicodedata.normalize("NFC", name.replace(NO_BREAK_HYPHEN, "-")).split())


def phone_digits(typed: str) -> str:
    """A phone number as typed, with plain digits and nothing unseen."""
    return visible(unicodedata.normalize("NFKC", visible(typed.replace(KEYCAP, "")))).strip()
