"""Every combination of what decides whether a message leaves, and to whom: plain values, and the site each needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from patients.models.contact import Channel, Scope


class OwnConsent(StrEnum):
    """What the patient agreed to. With none there is an address all the same."""

    NONE = "none"
    SMS = "sms"
    EMAIL = "email"
    BOTH = "both"


class NumberCountry(StrEnum):
    """Of the phone, as the site sees it. The numbers are all American: it is the site that lies elsewhere."""

    OWN = "the site's own"
    OWN_NOT_TEXTED = "the site's own, which it does not text"
    FOREIGN = "foreign, not texted"
    FOREIGN_TEXTED = "foreign, texted"


class SharedWith(StrEnum):
    NOBODY = "nobody"
    OTHER = "another patient"
    ALIKE = "another patient of the same initials and birth date"


class Mode(StrEnum):
    TEST = "test"
    TRIAL = "trial"
    TRIAL_RECIPIENT = "trial, and they are trial recipients"
    LIVE = "live"


SITE_OF = {  # country, text_countries
    NumberCountry.OWN: ("US", []),
    NumberCountry.OWN_NOT_TEXTED: ("US", ["CA"]),
    NumberCountry.FOREIGN: ("CA", []),
    NumberCountry.FOREIGN_TEXTED: ("CA", ["US"]),
}


@dataclass(frozen=True, slots=True)
class Caregiver:
    channel: str
    scope: str


@dataclass(frozen=True, slots=True)
class Combination:
    """`country` and `shared` are of the patient's phone where there is one with consent or no caregiver's, else of
    the caregiver's."""

    own: OwnConsent
    caregiver: Caregiver | None
    country: NumberCountry
    shared: SharedWith
    mode: Mode

    @property
    def own_channels(self) -> list[str]:
        """With consent or, where there is none at all, without: a phone alone, a mailbox beside a caregiver."""
        if self.own == OwnConsent.NONE:
            return [Channel.EMAIL if self.caregiver else Channel.SMS]
        return [Channel.SMS, Channel.EMAIL] if self.own == OwnConsent.BOTH else [Channel(self.own.value)]

    @property
    def has_phone(self) -> bool:
        return Channel.SMS in (*self.own_channels, self.caregiver and self.caregiver.channel)

    @property
    def exists(self) -> bool:
        """Without a phone there is none that could be of a country or shared."""
        return self.has_phone or (self.country == NumberCountry.OWN and self.shared == SharedWith.NOBODY)


CAREGIVERS = [None, *(Caregiver(*one) for one in product(Channel.values, Scope.values))]


def every() -> Iterator[Combination]:
    for values in product(OwnConsent, CAREGIVERS, NumberCountry, SharedWith, Mode):
        if (combination := Combination(*values)).exists:
            yield combination
