"""Phone numbers as people type them and as the network wants them. Pure: E.164 in the end, or a sentence."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

MANGLED = re.compile(r"\d[eE][+-]?\d")  # 1.2025550123E+10, and 2.02555012E9, which would pass for another number
NOT_TEXTABLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
}


class InvalidPhone(ValueError):
    """The message is a sentence for the person who typed the number; it never repeats the number."""


def e164(text: str, *, region: str = "US") -> str:
    """`region` (ISO 3166) is only used for numbers typed without `+`."""
    if MANGLED.search(text):
        raise InvalidPhone("The spreadsheet turned this number into 1.2E+10: format the column as text, save again.")
    cleaned = text.strip().removesuffix(".0").lstrip("'=").strip('"')
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException:
        raise InvalidPhone("This is not a phone number: write it like +1 202-555-0123.") from None
    if number.extension:
        raise InvalidPhone("A text cannot reach an extension: give a number of its own, like +1 202-555-0123.")
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("No network uses this number: check the area code and the digits, like +1 202-555-0123.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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
