"""What a provider's code causes beyond its own message: breakers, alarms, marks, a slower sender (`codes.Action`)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from patients import actions as care
from patients.consent import ConsentKind
from patients.models import Contact
from patients.models.contact import ConsentSource
from reminders.delivery import alarms
from reminders.delivery.codes import Action, Class, Code, Where
from reminders.delivery.followup.opt_out import Reach, reached, withdraw_and_end
from reminders.delivery.models import Alarm, Delivery
from reminders.delivery.safeguards import blocked_ranges, breaker, rate_limit
from reminders.delivery.state import State

MANY_NUMBERS = 3  # within an hour: then it is our sender that cannot reach them (21612)
FILTERED = 0.01  # of a day's texts
UNREACHABLE_IN_A_ROW = 3  # reminders (30003)
DEAD = {Action.MARK_INVALID, Action.MARK_LANDLINE, Action.MARK_FOREIGN}


@dataclass(frozen=True, slots=True)
class Failed:
    """A delivery whose failure was just reported, and what its code means."""

    delivery: Delivery
    code: Code


Group = list[Delivery]
Act = Callable[[Code, Group, datetime], None]


def heed(failures: Iterable[Failed], *, now: datetime) -> list[int]:
    """Act on each code once, however many messages it came with. Call it when their states are written.

    The keys of the further deliveries that ended with it: give them to `follow_up`, last in the transaction.
    """
    groups: dict[Code, Group] = defaultdict(list)
    for failed in failures:
        groups[failed.code].append(failed.delivery)
    for code, deliveries in groups.items():
        for act in (ACTS.get(code.action), NUMBERS.get(code.number)):
            if act is not None:
                act(code, deliveries, now)
        if not code.known and code.number:
            alarms.sound("unknown_code", subject=f"{code.number}", detail=f"where: {code.where}", now=now)
    return _blame_contacts(groups, now)


def _blame_contacts(groups: Mapping[Code, Group], now: datetime) -> list[int]:
    """Those whom a code says something about: opted out, or not to be reached this way. The deliveries that ended.

    All of them are locked before any is changed, in the order of their keys: a STOP and a claim do the same.
    """
    blaming = {code: group for code, group in groups.items() if code.cls == Class.OPTED_OUT or code.action in DEAD}
    if not blaming:
        return []
    theirs = {delivery.contact_id for group in blaming.values() for delivery in group}
    locked = care.lock_contacts(reached(Contact.objects.filter(pk__in=theirs), Reach.STOP))
    ended: list[int] = []
    for code, group in blaming.items():
        keys = {delivery.contact_id for delivery in group}
        if code.cls == Class.OPTED_OUT:
            ended += _opted_out(group, code, now)
        else:
            _mark_dead([contact for contact in locked if contact.pk in keys], code, now)
    return ended


def _opted_out(deliveries: Group, code: Code, now: datetime) -> list[int]:
    """Somebody told the carrier, or a STOP never came in here: it counts as that STOP would have.

    Not so where they agreed anew after the message had left: the report is late, and the next message tells.
    """
    contacts = [delivery.contact for delivery in deliveries if not _agreed_since(delivery)]
    who = "mail service" if code.where == Where.MAIL else "carrier"
    wording = f"The {who} reports an opt-out (code {code.number})."
    _, ended = withdraw_and_end(
        contacts, source=ConsentSource.PROVIDER, wording=wording, by=None, now=now, reach=Reach.STOP
    )
    return ended


def _agreed_since(delivery: Delivery) -> bool:
    given = delivery.contact.consent_events.filter(kind=ConsentKind.GIVEN)
    return delivery.claimed_at is not None and given.filter(at__gt=delivery.claimed_at).exists()


def _mark_dead(contacts: list[Contact], code: Code, now: datetime) -> None:
    """No refusal: consent stays as it was. What waits ends at its claim, and an e-mail may stand in for it."""
    for contact in contacts:
        if contact.unusable_since is None:
            contact.unusable_since, contact.unusable_reason = now, _in_words(code)[:120]
            contact.save(update_fields=["unusable_since", "unusable_reason"])


def hushed(contact: int) -> bool:
    """Whether automatic answers to this contact would talk to a machine (30039, 14107); until staff clear the alarm."""
    return Alarm.objects.filter(kind="machine_loop", subject=_of(contact), cleared_at=None).exists()


def hush(contact: Contact, code: Code, *, now: datetime) -> None:
    """Stop automatic answers to this contact, by an alarm that staff clear."""
    alarms.sound("machine_loop", subject=_of(contact.pk), detail=_in_words(code), site=contact.site_id, now=now)


def _of(contact: int) -> str:
    return f"contact {contact}"


def _in_words(code: Code) -> str:
    return f"{code.meaning} (code {code.number})"


def _sites(deliveries: Group) -> list[int]:
    return sorted({delivery.site_id for delivery in deliveries})


def _pause_account(code: Code, deliveries: Group, now: datetime) -> None:
    for channel in sorted({delivery.channel for delivery in deliveries}):
        breaker.trip(channel, site=None, now=now, code=code.number, why=code.meaning)


def _pause_sender(code: Code, deliveries: Group, now: datetime) -> None:
    for channel, site in sorted({(delivery.channel, delivery.site_id) for delivery in deliveries}):
        breaker.trip(channel, site=site, now=now, code=code.number, why=code.meaning)


def _alert(kind: str) -> Act:
    def act(code: Code, deliveries: Group, now: datetime) -> None:
        for site in _sites(deliveries):
            alarms.sound(kind, subject=f"{code.number}", detail=_in_words(code), site=site, now=now)

    return act


def _about_contact(kind: str) -> Act:
    def act(code: Code, deliveries: Group, now: datetime) -> None:
        for contact, site in sorted({(delivery.contact_id, delivery.site_id) for delivery in deliveries}):
            alarms.sound(kind, subject=_of(contact), detail=_in_words(code), site=site, now=now)

    return act


def _slow_down(code: Code, deliveries: Group, now: datetime) -> None:
    for channel, site in sorted({(delivery.channel, delivery.site_id) for delivery in deliveries}):
        rate_limit.slow_down(site, channel=channel, now=now)
    _alert("sender_too_fast")(code, deliveries, now)


def _watch_filter(code: Code, deliveries: Group, now: datetime) -> None:
    """Above 1 % of the day's messages it is no single text: content or registration."""
    for channel, site in sorted({(delivery.channel, delivery.site_id) for delivery in deliveries}):
        day = Delivery.objects.filter(site=site, channel=channel, claimed_at__gte=now - timedelta(days=1))
        counted = day.aggregate(all=Count("pk"), filtered=Count("pk", filter=Q(code=code.number)))
        if counted["filtered"] > FILTERED * counted["all"]:
            words = f"{_in_words(code)}: {counted['filtered']} of {counted['all']} in 24 hours"
            alarms.sound("filtered", subject=f"{code.number}", detail=words, site=site, now=now)


def _hold_prefix(code: Code, deliveries: Group, now: datetime) -> None:
    """What waits for this number range, and what is opened meanwhile, finds it held at its claim."""
    blocked_ranges.hold((delivery.contact.address for delivery in deliveries), now=now)
    _alert("number_range")(code, deliveries, now)


def _suspect_sender(code: Code, deliveries: Group, now: datetime) -> None:
    for site in _sites(deliveries):
        hour = Delivery.objects.filter(site=site, claimed_at__gte=now - timedelta(hours=1), code=code.number)
        if hour.values("contact").distinct().count() > MANY_NUMBERS:
            breaker.trip("sms", site=site, now=now, code=code.number, why=code.meaning)


def _suspect_phone(code: Code, deliveries: Group, now: datetime) -> None:
    """Off in three reminders running. Only an alarm: each of them went to mail or to reception on its own, and a
    phone that is switched on again after a stay in hospital must not have been struck off."""
    for contact, site in sorted({(delivery.contact_id, delivery.site_id) for delivery in deliveries}):
        own = Delivery.objects.filter(contact=contact, claimed_at__isnull=False).order_by("-claimed_at", "-pk")
        last = list(own.values_list("state", "code")[:UNREACHABLE_IN_A_ROW])
        if last == [(State.UNDELIVERED_PERM, code.number)] * UNREACHABLE_IN_A_ROW:
            alarms.sound("unreachable", subject=_of(contact), detail=_in_words(code), site=site, now=now)


ACTS: dict[Action, Act] = {
    Action.PAUSE_ACCOUNT: _pause_account,
    Action.PAUSE_SENDER: _pause_sender,
    Action.HOLD_SITE: _pause_sender,
    Action.RETRY_SLOWLY: _slow_down,
    Action.RETRY_SOON: _slow_down,
    Action.RETRY_TOMORROW: _alert("daily_cap"),
    Action.RETRY_NEXT_WINDOW: _alert("window"),
    Action.HOLD_PREFIX: _hold_prefix,
    Action.MARK_FOREIGN: _alert("foreign_number"),
    Action.GIVE_UP_AND_WATCH: _watch_filter,
    Action.TELL_DEVELOPER: _alert("developer"),
    Action.HUSH: _about_contact("machine_loop"),
    Action.ALERT: _alert("provider"),
    Action.ALERT_AND_RECONCILE: _alert("webhook"),
}
NUMBERS: dict[int, Act] = {  # what one code causes and others with the same action do not
    21612: _suspect_sender,
    30003: _suspect_phone,
    30004: _about_contact("perhaps_refused"),
}
