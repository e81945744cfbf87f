"""A row's phone and e-mail against those on record. Adds, never removes; what a person ended or stopped stays so."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from clinic.exchange.existing import ExistingPatient
from clinic.exchange.import_rows import Fault, IncomingPatient, Why
from clinic.exchange.row_checks import ImportRules, Judged
from patients import actions as care
from patients.consent import ConsentKind
from patients.models import Contact, Patient, Site, StaffMember
from patients.models.contact import Channel, Relationship
from reminders.enrolment import NewContact


@dataclass(frozen=True, slots=True)
class Agreed:
    """The words the patients agreed to, and where that was said (a ConsentSource)."""

    wording: str
    source: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What holds for every row of one import. `agreed` None: nobody agreed, so nothing is sent to new contacts."""

    site: Site
    by: StaffMember
    now: datetime
    rules: ImportRules
    agreed: Agreed | None = None
    without_contact: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class ToDo:
    """What to do with one row's contacts. False when there is nothing to do; warnings alone do not count."""

    new: list[NewContact] = field(default_factory=list)
    consent_for: list[Contact] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.consent_for)


def compare(
    row: IncomingPatient,
    judged: Judged,
    known: ExistingPatient | None,
    intake: Intake,
    stopped_here: Container[str] | None = None,
) -> ToDo:
    """`stopped_here`: addresses at which messages were stopped, where they were read already; see `stopped`."""
    if stopped_here is None:
        fresh = [one for one in (judged.phone, judged.email) if one and not (known and known.at(one))]
        stopped_here = stopped(intake.site, [fresh]) if intake.agreed else ()
    todo = ToDo()
    agreed = None if row.consent is False else intake.agreed
    if row.consent and not agreed:
        todo.warnings.append(_consent("The file says yes, but not to what. Give the wording with --consent."))
    for channel, address in ((Channel.SMS, judged.phone), (Channel.EMAIL, judged.email)):
        if not address:
            continue
        if contact := known.at(address) if known else None:
            _on_record(contact, row, agreed, todo)
        else:
            _new(channel, address, known, agreed, stopped_here, todo)
    return todo


def _on_record(contact: Contact, row: IncomingPatient, agreed: Agreed | None, todo: ToDo) -> None:
    name = contact.get_channel_display()
    given: str | None = getattr(contact, "consent_kind", None)
    if contact.ended_at:
        todo.warnings.append(Fault(Why.RECORD, f"This {name} contact was ended here and is not imported again."))
    elif row.consent is False and given == ConsentKind.GIVEN:
        says = "The file does not say yes, but consent is on record. If it was withdrawn, record that."
        todo.warnings.append(_consent(f"{name}: {says}"))
    elif agreed and given is None and contact.relationship == Relationship.SELF:
        todo.consent_for.append(contact)


def _new(
    channel: Channel,
    address: str,
    known: ExistingPatient | None,
    agreed: Agreed | None,
    stopped_here: Container[str],
    todo: ToDo,
) -> None:
    if agreed and address in stopped_here:
        agreed = None
        says = "Messages to this address were stopped earlier; the import does not start them again."
        todo.warnings.append(_consent(f"{channel.label}: {says}"))
    if known and known.has(channel):
        says = f"Another {channel.label} contact is on record and stays: end it there if it is no longer right."
        todo.warnings.append(Fault(Why.RECORD, says))
    where = {"phone" if channel == Channel.SMS else "email": address}
    said = {"consent_source": agreed.source, "consent_wording": agreed.wording} if agreed else {}
    todo.new.append(NewContact(**where, **said))


def stopped(site: Site, addresses: Iterable[Iterable[str]]) -> set[str]:
    """Of these, where somebody took consent back at this site, perhaps as another patient. One query for all."""
    wanted = {one for some in addresses for one in some}
    mails = {one for one in wanted if "@" in one}
    here = Contact.objects.for_site(site).filter(Q(phone__in=wanted - mails, email="") | Q(email__in=mails, phone=""))
    found = here.with_consent() if wanted else here.none()
    return {one.address for one in found if getattr(one, "consent_kind", None) == ConsentKind.WITHDRAWN}


def _consent(says: str) -> Fault:
    return Fault(Why.CONSENT, says)


def bring_over(todo: ToDo, patient: Patient, intake: Intake) -> None:
    for new in todo.new:
        contact = care.add_contact(patient, by=intake.by, now=intake.now, phone=new.phone, email=new.email)
        if new.consent_wording:
            _agree([contact], Agreed(new.consent_wording, new.consent_source), intake)
    if intake.agreed:
        _agree(todo.consent_for, intake.agreed, intake)


def _agree(contacts: Sequence[Contact], agreed: Agreed, intake: Intake) -> None:
    for contact in contacts:
        care.give_consent(contact, source=agreed.source, wording=agreed.wording, by=intake.by, now=intake.now)
