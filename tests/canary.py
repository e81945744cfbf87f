"""A patient whose name, number and words must turn up nowhere but in the tables, the messages and the pages.

`secrets_of(surgery)` says what must not be seen, `find(texts, secrets)` where it was: it looks through what encodings
of links, of JSON and of the broker would hide.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from patients.models import Contact, Surgery
from reminders.delivery.models import Delivery
from tests import given

GIVEN, FAMILY = "Quirine", "Zwartkruis"
PHONE, MAIL = given.phone(66), "quirine.z@example.org"
PROCEDURE = "canary fenestration"
SAID = "my left canary hurts"  # with a pain score beside it
SCORE = "pain 9 of 10"
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Leak:
    where: str
    what: str  # which secret, by its name
    around: str

    def __str__(self) -> str:
        return f"{self.what} in {self.where}: {self.around!r}"


def a_new_patient(*contacts: given.NewContact) -> given.NewPatient:
    return given.a_new_patient(*contacts, given_name=GIVEN, family_name=FAMILY)


def secrets_of(*surgeries: Surgery) -> dict[str, str]:
    """By name. Words that were sent count too: a text with a link is as personal as the link.

    An unsubscribe link has a new token in each mail: take it from there.
    """
    found = {
        "given name": GIVEN,
        "family name": FAMILY,
        "procedure": PROCEDURE,
        "e-mail": MAIL,
        "what was said": SAID,
        "pain score": SCORE,
        **_spellings("phone", PHONE),
    }
    for number, surgery in enumerate(surgeries):
        found[f"link {number}"] = surgery.care_plan.link
    for contact in Contact.objects.filter(patient__surgeries__in=surgeries):
        found |= _spellings(f"contact {contact.pk}", contact.address)
    texts = Delivery.objects.filter(reminder__surgery__in=surgeries).exclude(text="").order_by("pk")
    found |= {f"text {pk}": text[:40] for pk, text in texts.values_list("pk", "text")}
    return {what: secret for secret, what in {secret: what for what, secret in found.items()}.items()}


def _spellings(what: str, address: str) -> dict[str, str]:
    if not address.startswith("+"):
        return {what: address}
    national = address[2:]
    spoken = f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return {what: address, f"{what}, national": national, f"{what}, as spoken": spoken}


def find(texts: Mapping[str, str | bytes] | Iterable[str | bytes], secrets: Mapping[str, str]) -> list[Leak]:
    """Every secret in every text, whatever it is wrapped in. Give texts by a name to see where it was."""
    named = texts.items() if isinstance(texts, Mapping) else ((f"text {n}", text) for n, text in enumerate(texts))
    return [leak for where, text in named for leak in _leaks(where, text, secrets)]


def _leaks(where: str, text: str | bytes, secrets: Mapping[str, str]) -> Iterator[Leak]:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    forms = [(form, form.casefold()) for form in _forms(plain)]
    for what, secret in secrets.items():
        for form, folded in forms:
            at = folded.find(secret.casefold())
            if at >= 0:
                yield Leak(where, what, form[max(0, at - 60) : at + 60])
                break


def _forms(text: str, depth: int = 2) -> Iterator[str]:
    """As it is, out of a link, out of JSON's escapes, and what its base64 holds, all of it: a broker wraps twice."""
    yield text
    if "%" in text or "+" in text:
        yield unquote_plus(text)
    if ESCAPE.search(text):
        yield ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if depth:
        unwrapped = "\n".join(filter(None, map(_unwrapped, set(BASE64.findall(text)))))
        if unwrapped:
            yield from _forms(unwrapped, depth - 1)


def _unwrapped(text: str) -> str | None:
    try:
        raw = base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.decode("utf-8", "replace")
