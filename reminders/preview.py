"""What a plan would say: when, to whom, in which words, and why not. Writes nothing.

One answer for the API, the enrolment page and the simulator. The layout is the one that makes the rows, and each
message is played through what opens and claims it, so what a preview shows is what is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from patients import shared_contacts
from patients.consent import ConsentKind
from patients.initials import Person
from patients.models import CheckUp, Contact, Patient, Surgery
from patients.models.checkup import CheckUpState
from patients.models.contact import Channel, Relationship, Scope
from reminders.beside import PlanBeside, RunningPlanOutcome, ending, outcome, plans_beside
from reminders.delivery.models import Sender
from reminders.delivery.safeguards import blocked_ranges
from reminders.delivery.sending import frequency_caps, recipient_names, texts
from reminders.delivery.sending.checks import DeliveryChecks
from reminders.delivery.sending.dry_run import SURGEON, SURGERY, DryDelivery, DryReminder, DryRun, Recipient
from reminders.delivery.sending.fair_share import route
from reminders.delivery.sending.frequency_caps import Number, Tallies
from reminders.delivery.sending.load import ContactStanding
from reminders.delivery.sending.recipient_names import RecipientName
from reminders.further_operation import RunningPlan, gives_way
from reminders.plan import notice_steps
from reminders.plan.facts import Sketch, box, horizon, sketch
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import ProtocolVersion, Step, StepText, VisitTimeChange
from reminders.plan.models.reminder import NEEDS_CALL, ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import fresh
from reminders.plan.schedule import drafted, ended, lay_out_together
from reminders.plan.shifts import why_moved
from reminders.plan.values import ChangeKind, Decision, Facts, Layout, TimeChange, VisitFact, Wanted
from reminders.plan.visit_notices import NoticeKind, step_code

LINK = "their-own-page"  # where a text would have a link that nobody can guess
BOOKINGS = 1  # of a visit that is booked once
ALOUD, PATIENT = 0, ContactStanding(ConsentKind.GIVEN, None, None, None, Relationship.SELF, Scope.ALL)


class PreviewOutcome(StrEnum):
    SENT = "sent"
    CALL = "call"  # nobody can be written to: reception calls
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One wanted reminder. `step`: the plan's; `is_planned`: False where it is laid out and not to be sent."""

    step: Step
    is_planned: bool
    reminder: DryReminder

    @property
    def want(self) -> Wanted:
        """What the plan wants: day, time and channel."""
        return self.reminder.want

    @property
    def why(self) -> Reason:
        """Why nothing of it leaves."""
        return self.reminder.why

    @property
    def moved(self) -> str:
        """Why it is not on the protocol's own day and time; empty: it is."""
        return why_moved(self.want.shifts, self.want.moved_from)

    @property
    def deliveries(self) -> Sequence[DryDelivery]:
        """To each recipient, and why one does not leave. What leaves comes first, and the patient's before others'."""
        return sorted(self.reminder.deliveries, key=lambda one: (not one.leaves, one.to.standing.is_caregiver))

    @property
    def outcome(self) -> PreviewOutcome:
        """Sent, a call, or neither."""
        if any(one.leaves for one in self.deliveries):
            return PreviewOutcome.SENT
        return PreviewOutcome.CALL if self.reminder.status in NEEDS_CALL else PreviewOutcome.LEFT_OUT


@dataclass(frozen=True)
class Preview:
    """`surgery`: saved or not, with its patient. `now`: of the enrolment.

    `until`: the day up to which repeats without end are laid out; `ends`: what is due later is left out of `rows`;
    `booked`: when, by a visit's code and occurrence; `running_plan`: what becomes of a plan of this patient that runs.
    """

    surgery: Surgery
    version: ProtocolVersion
    recipients: Sequence[Recipient]
    now: datetime
    until: date | None = None
    ends: datetime | None = None
    enrolled_on: date | None = None
    booked: Mapping[tuple[str, int], datetime] = field(default_factory=dict)
    running_plan: str = ""

    @property
    def layout(self) -> Layout:
        return self._layouts[-1]

    @cached_property
    def outcomes(self) -> list[RunningPlanOutcome]:
        """What becomes of each plan of this patient that runs, the earliest operation first."""
        own = self.surgery.patient.pk
        found = [
            outcome(one, layout, now=self.now)
            for one, layout in zip(self._beside, self._layouts, strict=False)
            if own and one.surgery.patient_id == own and one.surgery.is_active
        ]
        return sorted(found, key=lambda one: one.surgery.date)

    @property
    def gives_way(self) -> bool:
        """It is not the patient's last operation: the choice is about its own plan."""
        return self.surgery in gives_way([one.surgery for one in self._same_patient], self.surgery)

    @cached_property
    def _beside(self) -> list[PlanBeside]:
        own = [one for one in self.recipients if not one.standing.is_caregiver and one.standing.usable]
        addresses = {(self.surgery.site.pk, one.address) for one in own}
        return plans_beside(self.surgery, addresses, self.running_plan, now=self.now)

    @property
    def _ends_on(self) -> date | None:
        if self.running_plan != RunningPlan.END:
            return None
        return ending(self.surgery.date, (one.surgery.date for one in self._same_patient))

    @property
    def _same_patient(self) -> list[PlanBeside]:
        own = self.surgery.patient.pk
        return [one for one in self._beside if own and one.surgery.patient_id == own and one.surgery.is_active]

    @cached_property
    def _layouts(self) -> list[Layout]:
        """Of the plans beside, then of this one: they are laid out together."""
        spec, facts = spec_of(self.version), self._facts
        is_over = facts.ends_on is not None and facts.ends_on <= self.surgery.site.today(self.now)
        own = ended(spec, facts) if is_over else drafted(spec, facts)
        return lay_out_together([*(one.draft for one in self._beside), own])

    @property
    def _facts(self) -> Facts:
        site, surgery = self.surgery.site, self.surgery
        own = [one for one in self.recipients if not one.standing.is_caregiver]
        reached = [one for one in own if one.standing.usable and one.standing.agreed]
        is_held = self.gives_way and self.running_plan == RunningPlan.HOLD
        starts = max(site.today(self.now), surgery.date)
        facts = Sketch(
            site=site,
            patient=surgery.patient,
            day0=surgery.date,
            enrolled_on=self.enrolled_on or site.today(self.now),
            physical_therapy=surgery.physical_therapy,
            job=surgery.job,
            ends_on=self._ends_on,
            channels=frozenset(one.channel for one in reached),
            addresses=tuple(sorted((one.channel, box(site.pk, one.address)) for one in reached)),
            visits=tuple(self._booked(*key, at) for key, at in self.booked.items()),
            decisions=(Decision(ChangeKind.HOLD, starts),) if is_held else (),
        )
        return sketch(facts, until=self.laid_out_until)

    def _booked(self, code: str, occurrence: int, at: datetime) -> VisitFact:
        """Booked in the moment of the enrolment, so that its confirmation is shown as well."""
        changes = (TimeChange(BOOKINGS, self.now, at),)
        return VisitFact(code, occurrence, CheckUpState.BOOKED, at, BOOKINGS, changes)

    @property
    def laid_out_until(self) -> date:
        """The last day of endless repeats."""
        return self.until or horizon(self.surgery.site, self.now)

    @cached_property
    def rows(self) -> list[PreviewRow]:
        """In the order in which they are due."""
        planned = [one.status == ReminderStatus.PLANNED for one in self._run.reminders]
        self._run.play(self.now)
        steps = (self._steps[one.want.step] for one in self._run.reminders)
        return [PreviewRow(*row) for row in zip(steps, planned, self._run.reminders, strict=True)]

    @property
    def stays_in_outbox(self) -> bool:
        """Every message is shown there and none is sent."""
        return all(route(channel, self.surgery.site) == "outbox" for channel in Channel.values)

    def channel_of(self, row: PreviewRow) -> str:
        """By which it leaves, or would if it were sent; empty where nobody has agreed to any."""
        if row.outcome == PreviewOutcome.SENT:
            return row.deliveries[0].to.channel
        told = self._run.told(row.reminder.step)
        return "" if isinstance(told, Reason) else told[0].channel

    def words_of(self, row: PreviewRow, channel: str) -> texts.WrittenText:
        """In the patient's language, sent or not: what reception would say on the phone. Empty without a channel."""
        if not channel:
            return texts.WrittenText()
        aloud = Recipient(ALOUD, channel, "", PATIENT, self.surgery.patient.language)
        return self._run.checks.words(self._run.row(row.reminder, aloud, self.now))

    @cached_property
    def _steps(self) -> dict[str, Step]:
        own = {step.code: step for step in self.version.steps.select_related("phase", "check_up")}
        return own | {code: step for code, (step, _) in self._notices.items()}

    @cached_property
    def _notices(self) -> dict[str, tuple[Step, dict[str, StepText]]]:
        codes = sorted({step_code(NoticeKind.BOOKED, code) for code, _ in self.booked})
        return notice_steps.sketched(codes)

    @cached_property
    def _run(self) -> DryRun:
        recipients = {one.contact: one for one in self.recipients}
        link = self.surgery.care_plan.link if self.surgery.pk else LINK
        return DryRun(self.surgery, link, recipients, self._reminders(), self._checks())

    def _reminders(self) -> list[DryReminder]:
        """As planning would write them."""
        wanted = (one for one in self.layout.reminders if self.ends is None or one.due_at <= self.ends)
        return [
            DryReminder(number, want, self._steps[want.said or want.step], *fresh(want, self.surgery, self.now))
            for number, want in enumerate(wanted)
        ]

    def _checks(self) -> DeliveryChecks:
        site = self.surgery.site
        numbers: dict[int, Number] = {
            one.contact: (site.pk, one.address) for one in self.recipients if one.channel == Channel.SMS
        }
        sharing = frequency_caps.sharing({*numbers.values()}) if frequency_caps.is_limited(site) else {}
        return DeliveryChecks(
            contacts={ALOUD: PATIENT} | {one.contact: one.standing for one in self.recipients},
            names=self._names(),
            numbers=numbers,
            tallies=Tallies.read([site], sharing | numbers, self.now),
            ranges=blocked_ranges.held(self.now),
            senders={(site.pk, one.channel) for one in Sender.objects.filter(site=site)},
            texts=self._texts(),
            clinics={site.pk: texts.ClinicValues(site)},
            surgeons={SURGEON: str(self.surgery.surgeon)},
            visits={
                (SURGERY, *key): CheckUp(pk=number, booked_for=at, bookings=BOOKINGS)
                for number, (key, at) in enumerate(self.booked.items())
            },
            late={},
            changes={
                number: VisitTimeChange(number=BOOKINGS, at=self.now, starts=at)
                for number, at in enumerate(self.booked.values())
            },
        )

    def _texts(self) -> texts.Library:
        library = texts.Library(step.pk for step in self._steps.values())
        library.texts |= {step.pk: words for step, words in self._notices.values()}
        return library

    def _names(self) -> dict[int, RecipientName]:
        """Who is written to at each phone and mailbox, once this patient is enrolled as well."""
        patient, site = self.surgery.patient, self.surgery.site
        born = (patient.birth_date, patient.birth_known)
        own = Person(patient.pk or 0, patient.given_name, patient.family_name, *born)
        people = shared_contacts.people((site.pk, one.address) for one in self.recipients)
        names: dict[int, RecipientName] = {}
        for one in self.recipients:
            others = [other for other in people.get((site.pk, one.address), []) if other.patient != own.patient]
            name = recipient_names.name_of(own.patient, [*others, own], is_caregiver=one.standing.is_caregiver)
            if name:
                names[one.contact] = name
        return names


def known_recipients(patient: Patient) -> list[Recipient]:
    """The phones and mailboxes of a patient who is saved, whether they may be used or not."""
    rows = Contact.objects.for_site(patient.site).with_consent().filter(patient=patient, ended_at=None).order_by("pk")
    return [
        Recipient(
            contact=row.pk,
            channel=row.channel,
            address=row.address,
            standing=ContactStanding(*(getattr(row, name) for name in ContactStanding._fields)),
            language=row.language,
            name=row.name,
            is_trial_recipient=row.is_trial_recipient,
        )
        for row in rows
    ]
