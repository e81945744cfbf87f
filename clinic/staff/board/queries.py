"""What stands on reception's board: bounded lists, each in a fixed number of queries however many rows it has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, Self, TypeVar

from django.db.models import Case, Model, Prefetch, Q, QuerySet, When

from clinic.staff.board import alert_rows, call_list
from clinic.staff.board.date_format import DAY, start_of
from patients.models import CheckUp, Contact, Patient, Site, StaffMember, Surgery
from patients.models.checkup import LEAD, CheckUpQuerySet, CheckUpState
from patients.models.patient import PatientStatus
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan.models import PlanChange, Reminder
from reminders.plan.values import ChangeKind
from reminders.replies.models import Alert, Reply, VisitAnswer
from reminders.replies.models.alert import Level

M = TypeVar("M", bound=Model)

LIMIT = 30  # rows of one list; a longer one says how many more there are
FOUND = 12
AHEAD = timedelta(days=14)
LATE_BY = timedelta(minutes=10)  # a sweep comes every few seconds, so this late means that something stands still
LEFT = [State.ACCEPTED, State.SENT, State.DELIVERED, State.UNCONFIRMED]
CAME_OR_COMES = [CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.ATTENDED]


@dataclass(frozen=True, slots=True)
class BoardList(Generic[M]):
    """The first rows of a list and how many there are in all."""

    rows: list[M]
    total: int

    @classmethod
    def of(cls, rows: "QuerySet[M]", *, limit: int = LIMIT) -> Self:
        """Counts only where the list is longer than what is shown."""
        first = list(rows[: limit + 1])
        return cls(first[:limit], len(first) if len(first) <= limit else rows.count())


@dataclass(frozen=True, slots=True)
class Desk:
    """One site as one staff member may see it, at one moment. The day is the site's."""

    site: Site
    staff: StaffMember
    now: datetime

    @property
    def today(self) -> date:
        return self.site.today(self.now)

    @property
    def day(self) -> tuple[datetime, datetime]:
        """The site's day, from midnight to midnight, also when the clocks change in between."""
        return start_of(self.today, self.site.zone), start_of(self.today + DAY, self.site.zone)

    def _check_ups(self) -> CheckUpQuerySet:
        return CheckUp.objects.for_staff(self.staff).for_site(self.site)

    def _shown(self, check_ups: CheckUpQuerySet, *order: str) -> BoardList[CheckUp]:
        return BoardList.of(self._with_all(check_ups).order_by(*order, "pk"))

    def _with_all(self, check_ups: CheckUpQuerySet) -> CheckUpQuerySet:
        return check_ups.with_patient().prefetch_related(_phones("surgery__patient"))

    def not_closed(self) -> BoardList[CheckUp]:
        """Visits whose day has passed and nobody recorded whether the patient came."""
        return self._shown(self._check_ups().upcoming().filter(booked_for__lt=self.day[0]), "booked_for")

    def visits_today(self) -> BoardList[CheckUp]:
        """Today's visits; attended ones stay on the list, so that a wrong click is seen."""
        return self._shown(self._today(), "booked_for")

    def unconfirmed_today(self) -> int:
        return self._today().filter(state=CheckUpState.BOOKED).count()

    def _today(self) -> CheckUpQuerySet:
        start, end = self.day
        return self._check_ups().filter(state__in=CAME_OR_COMES, booked_for__gte=start, booked_for__lt=end)

    def next_visits(self) -> BoardList[CheckUp]:
        end = self.day[1]
        last = start_of(self.today + DAY + AHEAD, self.site.zone)
        return self._shown(self._check_ups().upcoming().filter(booked_for__gte=end, booked_for__lt=last), "booked_for")

    def booked_later(self) -> CheckUpQuerySet:
        """After the days that the board shows."""
        last = start_of(self.today + DAY + AHEAD, self.site.zone)
        return self._with_all(self._check_ups().upcoming().filter(booked_for__gte=last)).order_by("booked_for", "pk")

    def due_later(self) -> CheckUpQuerySet:
        """Not booked; their window opens after what counts as due."""
        rows = self._check_ups().filter(state=CheckUpState.DUE, window_opens__gt=self.today + LEAD)
        return self._with_all(rows).order_by("window_opens", "pk")

    def due(self) -> BoardList[CheckUp]:
        return self._shown(self._check_ups().due(self.today), "window_closes")

    def overdue(self) -> BoardList[CheckUp]:
        return self._shown(self._check_ups().overdue(self.today), "-window_closes")

    def missed(self) -> BoardList[CheckUp]:
        return self._shown(self._check_ups().missed(), "-booked_for")

    def calls(self) -> BoardList[Patient]:
        """Whom to call, one row a patient: see `call_list`."""
        return BoardList.of(call_list.to_call(self.site, self.staff, self.now).prefetch_related(_phones("")))

    def replies(self) -> BoardList[Reply]:
        """Replies to read: urgent ones first, then the oldest."""
        rows = Reply.objects.for_staff(self.staff).for_site(self.site).to_read()
        return BoardList.of(
            rows.select_related("contact__patient", "handled_by")
            .prefetch_related(Prefetch("visit_answers", VisitAnswer.objects.select_related("check_up")))
            .order_by("-is_urgent", "received_at", "pk")
        )

    def alerts(self) -> BoardList[Alert]:
        """Emergencies first, late or not; then by the moment somebody must have answered."""
        rows = alert_rows.waiting(self.site, self.staff).order_by(Case(When(level=Level.E, then=0), default=1),
                                                                  "answer_by", "pk")  # fmt: skip
        return BoardList.of(rows)

    def sent_today(self) -> int:
        start, end = self.day
        rows = Delivery.objects.for_staff(self.staff).for_site(self.site)
        return rows.filter(claimed_at__gte=start, claimed_at__lt=end, state__in=LEFT).count()

    def late(self) -> int:
        return Reminder.objects.for_staff(self.staff).for_site(self.site).late(self.now, by=LATE_BY).count()


def found(words: str, *, staff: StaffMember) -> BoardList[Patient]:
    """Search all sites of the staff member: whoever answers the phone may not know the caller's site."""
    if not words.strip():
        return BoardList([], 0)
    patients = Patient.objects.for_staff(staff).matching(words).exclude(status=PatientStatus.MERGED)
    patients = patients.select_related("site")
    return BoardList.of(patients.prefetch_related(_phones(""), "surgeries"), limit=FOUND)


def held_among(surgeries: Iterable[Surgery], today: date) -> frozenset[int]:
    """Which of these surgeries have a held plan."""
    mine = {surgery.pk for surgery in surgeries}
    holds = PlanChange.objects.filter(surgery__in=mine, kind=ChangeKind.HOLD, starts__lte=today).in_force()
    return frozenset(holds.filter(Q(ends=None) | Q(ends__gt=today)).values_list("surgery_id", flat=True))


def _phones(path: str) -> "Prefetch[Any]":
    """The patient's own number before a caregiver's."""
    contacts = Contact.objects.filter(ended_at=None).exclude(phone="").order_by("-relationship", "pk")
    return Prefetch("__".join(filter(None, [path, "contacts"])), queryset=contacts, to_attr="phones")
