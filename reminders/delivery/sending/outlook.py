"""Why nothing would leave to a contact as things stand today: the last look of a claim, taken ahead for staff."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from patients.models import Contact, Site
from patients.models.contact import Channel
from reminders.delivery.followup import fallback
from reminders.delivery.models import Sender
from reminders.delivery.sending import guards, recipient_names
from reminders.delivery.sending.audience import Reachable
from reminders.delivery.sending.checks import country_allowed, is_trial
from reminders.delivery.state import State
from reminders.plan.reasons import Reason

LONG = timedelta(days=365)  # how long a message is useful makes no difference here


def blocked(contacts: Iterable[Contact], site: Site, now: datetime) -> dict[int, Reason]:
    """By contact; those to which messages leave are left out. `contacts` carry `consent_kind`; `site`: that sends."""
    used = [one for one in contacts if one.ended_at is None]
    names = {
        pk: name
        for channel in Channel.values
        if (keys := [one.pk for one in used if one.channel == channel])
        for pk, name in recipient_names.named(channel, keys).items()
    }
    senders = set(Sender.objects.filter(site=site).values_list("channel", flat=True))
    found = {one.pk: _reason(one, site, now, names, one.channel in senders) for one in used}
    return {pk: reason for pk, reason in found.items() if reason}


def _reason(
    contact: Contact,
    site: Site,
    now: datetime,
    names: Mapping[int, recipient_names.RecipientName],
    has_sender: bool,
) -> Reason:
    facts = guards.DeliveryFacts(
        useful_until=now + LONG,
        opening=now,
        free_at=now,
        contact_usable=contact.unusable_since is None,
        agreed=contact.consent_kind == "given",
        can_be_named=contact.pk not in names or names[contact.pk].tag != "",
        contact_held=contact.held_since is not None,
        country_allowed=not contact.phone or country_allowed(site, str(contact.phone)),
        trial_allows=not is_trial(site) or contact.is_trial_recipient,
        has_sender=has_sender,
    )
    match guards.verdict(facts, now):
        case guards.Stop(_, reason) | guards.HoldBack(_, reason):
            return reason
    return Reason.NONE


def expected(told: Sequence[Reachable], mailboxes: Sequence[Reachable], why: Mapping[int, Reason]) -> Reason:
    """Why nobody of those who are told would get it; NONE where somebody does, or an e-mail stands in for the text.

    `mailboxes`: the patient's own that this message may go to, which `told` does not name.
    """
    if not told or any(one.contact not in why for one in told):
        return Reason.NONE
    first = why[told[0].contact]
    is_own_text = told[0].is_patient and told[0].channel == Channel.SMS
    stands_in = is_own_text and fallback.is_called_for(State.SUPPRESSED, first, when_unknown="")
    free = any(one.agreed and one.contact not in why for one in mailboxes)
    return Reason.NONE if stands_in and free else first


def own_mailboxes(contacts: Iterable[Reachable], channels: Iterable[str]) -> list[Reachable]:
    """Where an e-mail could stand in for a text."""
    if Channel.EMAIL not in channels:
        return []
    return [one for one in contacts if one.is_patient and one.channel == Channel.EMAIL]
