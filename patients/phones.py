"""Phone numbers as people type them and as the network wants them. Pure: E.164 in the end, or a sentence."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from patients import characters

MANGLED = re.compile(r"\d[eE][+-]?\d")  # 1.2025550123E+10, and 2.02555012E9, which would pass for another number
LETTERS_BEHIND = re.compile(r"\d.*?([^\W\d_].*)", re.DOTALL)
TRUNK = re.compile(r"^((?:\+|00)\s*\d{1,3}[\s.-]*)(?:\(0\d?\)|0)")
BETWEEN_NUMBERS = re.compile(r"[/;,|\n]|\s{3,}")
OLD_MEXICAN = ("1", "01", "044", "045")  # dialled before a number until 2019 and 2020
NOT_TEXTABLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
}


class InvalidPhone(ValueError):
    """The message is a sentence for the person who typed the number; it never repeats the number."""


def e164(text: str, *, region: str) -> str:
    """`region` (ISO 3166), the site's country, is only used for numbers typed without `+`."""
    typed = characters.phone_digits(text)
    if MANGLED.search(typed):
        raise InvalidPhone("The spreadsheet turned this number into 1.2E+10: format the column as text, save again.")
    cleaned = typed.removesuffix(".0").lstrip("'=").strip('"')
    number = _parsed(cleaned, region)
    if number and number.extension:
        raise InvalidPhone("A text cannot reach an extension: give a number of its own, like +1 202-555-0123.")
    if _has_note(cleaned):
        raise InvalidPhone("There are words behind the number: leave only the number here, like +1 202-555-0123.")
    if number is None or not phonenumbers.is_valid_number(number):
        raise InvalidPhone(_why_not(cleaned, number, region))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _has_note(text: str) -> bool:
    """Three letters or more: the library would dial them as keypad digits. Fewer, as in `(h)`, it leaves out."""
    behind = LETTERS_BEHIND.search(text)
    return bool(behind) and sum(map(str.isalpha, behind[1] if behind else "")) >= 3


def _why_not(text: str, number: PhoneNumber | None, region: str) -> str:
    """The reason a person can act on, as far as it can be told."""
    if sum(len(re.findall(r"\d", part)) >= 7 for part in BETWEEN_NUMBERS.split(text)) > 1:
        return "There is more than one number here: give one, like +1 202-555-0123."
    if number and _is_old_mexican(number):
        return "Leave out the 1, 01, 044 or 045 before the ten digits: Mexico dropped them."
    if _valid(TRUNK.sub(r"\1", text), region):
        return "Leave out the (0) behind the country code: it is only dialled inside the country."
    if text.startswith("00") and _valid(f"+{text[2:]}", region):
        return "Write + in place of 00 before the country code."
    if number is None:
        return "This is not a phone number: write it like +1 202-555-0123."
    return "No network uses this number: check the area code and the digits, like +1 202-555-0123."


def _valid(text: str, region: str) -> bool:
    number = _parsed(text, region)
    return bool(number and phonenumbers.is_valid_number(number))


def _is_old_mexican(number: PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    before, ten = national[:-10], national[-10:]
    return number.country_code == 52 and before in OLD_MEXICAN and _valid(f"+52{ten}", "MX")


def can_be_texted(number: str) -> bool:
    """False for numbers known to be landlines, toll-free or premium; US numbers do not tell, so they pass."""
    return phonenumbers.number_type(phonenumbers.parse(number)) not in NOT_TEXTABLE


@lru_cache(maxsize=4096)
def country(number: str) -> str:
    """ISO 3166; empty for a number that belongs to none."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


def spoken(number: str) -> str:
    """+1 202-555-0123, as people read it."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
