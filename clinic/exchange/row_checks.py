"""Is this row fit to be taken, and which of its addresses can be used? No database: the row, and the site's rules."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.exchange.import_rows import Fault, IncomingPatient, Why
from patients import mailboxes, phones, validators, zone_names
from patients.birth_dates import BirthDate, age

OLDEST = 120
LENGTHS = {"number": 64, "given_name": 80, "family_name": 80}


@dataclass(frozen=True, slots=True)
class ImportRules:
    """`region` (ISO 3166) is where phone numbers typed without + belong."""

    today: date
    region: str = "US"
    treats_minors: bool = False
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Judged:
    """`faults` refuse the row; `unreachable` does so for a new patient, and is a warning for a known one."""

    faults: tuple[Fault, ...]
    unreachable: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    phone: str = ""
    email: str = ""


def judge(row: IncomingPatient, rules: ImportRules) -> Judged:
    phone, bad_phones = _best_phone(row.phones, rules.region)
    email, bad_emails = _best_email(row.emails)
    bad = (*bad_phones, *bad_emails)
    faults = (*row.faults, *_faults(row, rules))
    warnings = (*row.warnings, *_only_name(row))
    if phone or email:
        return Judged(faults, (), (*warnings, *bad), phone, email)
    nobody = Fault(Why.NO_CONTACT, "There is no phone number and no e-mail address that a message can be sent to.")
    return Judged(faults, (nobody, *bad), warnings)


def _faults(row: IncomingPatient, rules: ImportRules) -> list[Fault]:
    faults = []
    if not row.in_use:
        faults.append(Fault(Why.INACTIVE, "The source marks this record as no longer in use (inactive or replaced)."))
    already = {fault.about for fault in row.faults}
    unreadable = any(fault.why == Why.UNREADABLE for fault in row.faults)
    for name in ("number", "given_name", "family_name"):
        needed = name == "number" and name not in already and not unreadable
        faults += _text_faults(name, getattr(row, name), needed=needed)
    if not (row.given_name or row.family_name or unreadable or already & {"given_name", "family_name"}):
        faults.append(
            Fault(Why.MISSING, "The name is missing. Who has only one has it as given name or as family name.")
        )
    if row.birth_date:
        faults += _age_faults(BirthDate(row.birth_date, row.birth_known), rules)
    elif not unreadable and "birth_date" not in already:
        faults.append(Fault(Why.MISSING, "The date of birth is missing: write it like 1965-04-02."))
    return faults + _tag_faults(row)


def _text_faults(name: str, value: str, *, needed: bool) -> list[Fault]:
    if not value:
        return [Fault(Why.MISSING, f"The {name.replace('_', ' ')} is missing.")] if needed else []
    kind = Why.NUMBER if name == "number" else Why.NAME
    if len(value) > LENGTHS[name]:
        return [Fault(kind, f"{name}: This is longer than {LENGTHS[name]} characters.")]
    if any(unicodedata.category(letter) == "Cc" for letter in value):
        return [Fault(kind, f"{name}: This holds characters that are not text (tabs, line ends, control codes).")]
    return []


def _only_name(row: IncomingPatient) -> list[Fault]:
    """A warning: some people have one name, and some files lost one."""
    if bool(row.given_name) == bool(row.family_name):
        return []
    return [Fault(Why.NAME, "There is only one name: it is kept as it is. Check that the person has no other.")]


def _age_faults(born: BirthDate, rules: ImportRules) -> list[Fault]:
    if born.first > rules.today:
        return [Fault(Why.DATE, "The date of birth is in the future. Check the year.")]
    if age(born.last, rules.today) > OLDEST:
        return [Fault(Why.DATE, f"The date of birth is more than {OLDEST} years ago. Check the year.")]
    if age(born.last, rules.today) < 18 and not rules.treats_minors:
        if age(born.first, rules.today) >= 18:
            says = f"This patient may be under 18: only the {born.known} of birth is known. Give the whole date."
            return [Fault(Why.MINOR, says)]
        says = "Under 18: this site does not treat minors. A manager can change that on the site."
        return [Fault(Why.MINOR, says)]
    return []


def _tag_faults(row: IncomingPatient) -> list[Fault]:
    faults = []
    if row.language and not _passes(validators.language, row.language):
        faults.append(Fault(Why.LANGUAGE, "This is not a language tag. Use BCP 47 such as en, es or es-MX."))
    if row.time_zone and not _passes(validators.time_zone, row.time_zone):
        city = zone_names.city_for(row.time_zone)
        use = f"Use the city: {city}." if city else "Use an IANA name such as America/New_York."
        faults.append(Fault(Why.TIME_ZONE, f"This is not a time zone. {use}"))
    return faults


def untranslated(language: str, rules: ImportRules) -> list[Fault]:
    """A warning where the clinic writes in no such language."""
    if language.split("-")[0] in {tag.split("-")[0] for tag in rules.languages}:
        return []
    says = f"The clinic does not send messages in {language}: this patient's messages will be in {rules.languages[0]}."
    return [Fault(Why.LANGUAGE, says)]


def _best_phone(typed: tuple[str, ...], region: str) -> tuple[str, list[Fault]]:
    """The first that can be texted; the faults of those before it."""
    faults = []
    for text in typed:
        try:
            number = phones.e164(text, region=region)
        except phones.InvalidPhone as error:
            faults.append(Fault(Why.PHONE, f"phone: {error}"))
            continue
        if phones.can_be_texted(number):
            return number, faults
        faults.append(Fault(Why.PHONE, "phone: This is a landline or service number: a text cannot reach it."))
    return "", faults


def _best_email(typed: tuple[str, ...]) -> tuple[str, list[Fault]]:
    faults: list[Fault] = []
    for text in typed:
        if len(text) <= 254 and _passes(validate_email, text):
            return mailboxes.spelt(text), faults
        faults.append(Fault(Why.EMAIL, "email: This is not an e-mail address: write it like name@example.org."))
    return "", faults


def _passes(check: Callable[[str], None], value: str) -> bool:
    try:
        check(value)
    except ValidationError:
        return False
    return True
