"""What the merge of two patient numbers would move, change and end. `reminders.merge` does it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from patients.consent import ConsentKind, narrower, stricter
from patients.models import Contact, Patient, Surgery, TherapySession
from patients.models.contact import Relationship
from patients.models.patient import PatientStatus
from patients.models.surgery import CANCELLED, ENDED
from patients.patient_matching import like_names
from reminders.replies.models import Alert, CheckIn, Reply


@dataclass(frozen=True, slots=True)
class AddressMerge:
    """One phone or mailbox that both records know. `kept` stays in use; `ended`: the other row, if it is in use too.

    `consent` and what follows it: as it will be on the row that is kept, the stricter of both records. `decisive`: the
    row whose latest consent event counts from here on.
    """

    kept: Contact
    ended: Contact | None
    decisive: Contact
    consent: str | None
    is_held: bool
    is_unusable: bool
    scope: str

    @property
    def changes(self) -> list[str]:
        """What becomes another thing for the row that is kept, in words."""
        was, kept = consent_of(self.kept), self.kept
        said = [f"consent: {was or 'never asked'} → {self.consent}"] if was != self.consent else []
        said += ["held until somebody decides"] if self.is_held and kept.held_since is None else []
        said += ["cannot be reached"] if self.is_unusable and kept.unusable_since is None else []
        return said + ([f"hears: {kept.scope} → {self.scope}"] if kept.scope != self.scope else [])


@dataclass(slots=True)
class MergePreview:
    """`patient` is merged into `into`: its number, name, birth date and language stay. `problems`: why not."""

    patient: Patient
    into: Patient
    moved: list[Contact] = field(default_factory=list)
    addresses: list[AddressMerge] = field(default_factory=list)
    surgeries: list[Surgery] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    bmi_band: str = ""
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ended(self) -> list[AddressMerge]:
        return [one for one in self.addresses if one.ended]


def preview(patient: Patient, into: Patient) -> MergePreview:
    """Both with their site. The same facts give the same answer here and in `reminders.merge.merge`."""
    shown = MergePreview(patient, into, problems=_problems(patient, into))
    if shown.problems:
        return shown
    theirs, own = _contacts(patient), _contacts(into)
    shown.addresses, mixed = _addresses(own, theirs)
    ended = {one.ended.pk for one in shown.addresses if one.ended}
    shown.moved = [contact for contact in theirs if contact.pk not in ended]
    shown.surgeries = list(patient.surgeries.select_related("procedure").order_by("date", "pk"))
    shown.counts = _counts(patient)
    shown.conditions = [code for code in patient.conditions if code not in into.conditions]
    shown.bmi_band = "" if into.bmi_band else patient.bmi_band
    shown.problems = [*mixed, *_same_day(shown)]
    shown.warnings = [*_other_person(patient, into), *_phones(own, shown), *_plans(shown), *_recorded_twice(shown),
                      *_ended_there(own, theirs)]  # fmt: skip
    return shown


def consent_of(contact: Contact) -> str | None:
    """Of a contact that was read `with_consent`."""
    return contact.consent_kind


def _problems(patient: Patient, into: Patient) -> list[str]:
    if patient.pk == into.pk:
        return ["This is the same patient number. Name the other one."]
    if patient.site_id != into.site_id:
        return ["These patients belong to two sites. Only numbers of one site can be merged."]
    for one in (patient, into):
        if one.merged_into:
            return [f"Patient number {one.number} was merged into {one.merged_into.number} already. Use that one."]
    if patient.status != into.status:
        said = f"{patient.number} is {patient.get_status_display()}, {into.number} is {into.get_status_display()}"
        return [f"Their records differ: {said}. Correct the wrong one first."]
    return []


def _contacts(patient: Patient) -> list[Contact]:
    return list(Contact.objects.with_consent().filter(patient=patient).order_by("pk"))


def _addresses(own: Iterable[Contact], theirs: Iterable[Contact]) -> tuple[list[AddressMerge], list[str]]:
    """Of each address that both know, and the sentences about those that only a person can settle."""
    ours, others = _by_address(own), _by_address(theirs)
    merged, mixed = [], []
    for address in ours:
        if address in others:
            pair = _standing(ours[address]), _standing(others[address])
            if len({one.relationship for one in pair if one.ended_at is None}) == 2:
                mixed.append(
                    f"{address} is the patient's own on one record and a caregiver's on the other. End the wrong one."
                )
            elif one := _merged(*pair):
                merged.append(one)
    return merged, mixed


def _by_address(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        found[contact.address].append(contact)
    return found


def _standing(rows: list[Contact]) -> Contact:
    """The row in use, which decides for its record; else the latest that was ended."""
    return next((row for row in rows if row.ended_at is None), rows[-1])


def _merged(own: Contact, other: Contact) -> AddressMerge | None:
    """None: it is in use on neither record."""
    in_use = [row for row in (own, other) if row.ended_at is None]
    if not in_use:
        return None
    kept, both = in_use[0], len(in_use) == 2
    kind = stricter(consent_of(own), consent_of(other))
    if not both and kind != ConsentKind.WITHDRAWN:
        kind = consent_of(kept)  # what was said of a row that has ended gives no consent
    return AddressMerge(
        kept=kept,
        ended=other if both else None,
        decisive=next((row for row in (kept, own, other) if consent_of(row) == kind), kept),
        consent=kind,
        is_held=kind != ConsentKind.WITHDRAWN and any(row.held_since for row in in_use),
        is_unusable=any(row.unusable_since for row in in_use),
        scope=narrower(own.scope, other.scope) if both else kept.scope,
    )


def _counts(patient: Patient) -> dict[str, int]:
    """What follows its contact or its operation to the other number."""
    of_plan = {"surgery__patient": patient}
    alerts = Alert.objects.filter(**of_plan) | Alert.objects.filter(surgery=None, contact__patient=patient)
    return {
        "replies": Reply.objects.filter(contact__patient=patient).count(),
        "alerts": alerts.count(),
        "check_ins": CheckIn.objects.filter(**of_plan).count(),
        "therapy_sessions": TherapySession.objects.filter(**of_plan).count(),
    }


def _same_day(shown: MergePreview) -> list[str]:
    """A patient has one operation a day, unless it was cancelled. Where both plans ended, neither says anything."""
    return [f"Both have an operation on {day:%-d %b %Y}. Cancel the one that is wrong first."
            for day, both_ended in _twice(shown) if not both_ended]  # fmt: skip


def _twice(shown: MergePreview) -> list[tuple[date, bool]]:
    """Days on which both have an operation, and whether the plans of both ended."""
    mine: dict[date, list[Surgery]] = defaultdict(list)
    for surgery in [*shown.surgeries, *shown.into.surgeries.all()]:
        if surgery.state != CANCELLED:
            mine[surgery.date].append(surgery)
    return [(day, all(one.state == ENDED for one in mine[day])) for day in sorted(mine) if len(mine[day]) > 1]


def _recorded_twice(shown: MergePreview) -> list[str]:
    return [
        f"Both have an operation on {day:%-d %b %Y}, and both plans ended. Both stay on the record."
        for day, both_ended in _twice(shown)
        if both_ended
    ]


def _other_person(patient: Patient, into: Patient) -> list[str]:
    said = []
    if patient.born != into.born:
        said.append(f"Their dates of birth differ: {patient.born} and {into.born}.")
    if not like_names((patient.given_name, patient.family_name), (into.given_name, into.family_name)):
        said.append(f"Their names differ: {patient} and {into}.")
    return said


def _phones(own: Iterable[Contact], shown: MergePreview) -> list[str]:
    mine = [c for c in [*own, *shown.moved] if c.ended_at is None and c.phone and c.relationship == Relationship.SELF]
    if len(mine) < 2:
        return []
    return [
        "The patient then has several phone numbers of their own. Texts go to one of them: end those that are wrong."
    ]


def _plans(shown: MergePreview) -> list[str]:
    running = sum(surgery.is_active for surgery in shown.surgeries)
    if not running or shown.into.status != PatientStatus.ACTIVE or not shown.into.surgeries.active().exists():
        return []
    return [
        "The patient then has several plans that run. What both would say is said once, by the plan of the later "
        "operation. Say on the record of the earlier one whether its plan ends, is held or goes on."
    ]


def _ended_there(own: Iterable[Contact], theirs: Iterable[Contact]) -> list[str]:
    ours, others = _by_address(own), _by_address(theirs)
    pairs = [(_standing(ours[one]), _standing(others[one])) for one in ours if one in others]
    if any((one.ended_at is None) != (other.ended_at is None) for one, other in pairs):
        return ["An address that is in use on one record was ended on the other. Check that it is still right."]
    return []
