"""What each patient was told about the time of a visit in a played sequence, held against the time that stands."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from patients.models import CheckUp, Site
from reminders.delivery.models import Delivery
from reminders.delivery.sending.texts import spoken_moment
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.values import Anchor

PER_VISIT, DAY = 100, timedelta(days=1)
NIGHT = timedelta(hours=16)  # the hours in which nothing leaves, and some
COMING = ("booked", "confirmed")
WAY = (ReminderStatus.PLANNED, ReminderStatus.IN_PROGRESS)


class VisitJudge:
    """`told`: by visit, the time the patient heard last; None once they heard that it does not take place."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.told: dict[int, datetime | None] = {}
        self.told_at: dict[int, datetime] = {}

    def hear(self, deliveries: Iterable[Delivery], now: datetime) -> None:
        """What arrived in this round. Raises AssertionError where it tells another time than the one that stands."""
        for delivery in deliveries:
            step, row = delivery.reminder.step, delivery.reminder
            if step.anchor != Anchor.VISIT or step.offset_days > 0 or step.check_up is None:
                continue
            visit = CheckUp.objects.get(
                surgery=row.surgery_id, code=step.check_up.code, occurrence=row.occurrence // PER_VISIT
            )
            gone = row.step_code.startswith("visit-cancelled:")
            stands = visit.booked_for if visit.state in COMING else None
            said = f"{row.step_code} of operation {row.surgery_id}: {delivery.text!r}"
            assert gone == (stands is None), f"{said}, but the visit is {visit.state}"
            if stands:
                sms = delivery.channel == "sms"
                moment = spoken_moment(stands.astimezone(self.site.zone), delivery.language, sms=sms)
                assert f"{moment['visit_day']}, " in delivery.text or sms is False, said
                assert moment["visit_time"] in delivery.text, f"{said}, but the visit is at {moment}"
            again = visit.pk in self.told_at and self.told.get(visit.pk) == stands
            assert not again or now >= self.told_at[visit.pk] + DAY, f"{said} was told at {self.told_at[visit.pk]}"
            self.told[visit.pk], self.told_at[visit.pk] = stands, now

    def moments(self) -> list[datetime]:
        """When the times that were told come."""
        return sorted(at for at in self.told.values() if at)

    def check(self, now: datetime, *, at_rest: bool = False) -> None:
        """Raises AssertionError for a patient who is left with a wrong time. `at_rest`: nothing is on its way."""
        known = {pk: at for pk, at in self.told.items() if at}
        for visit in CheckUp.objects.filter(pk__in=known).select_related("surgery__patient"):
            told = known[visit.pk]
            if visit.state in ("attended", "missed"):
                self.told[visit.pk] = None
                continue
            stands = visit.booked_for if visit.state in COMING else None
            if told != stands:
                wrong = list(self._left_wrong(visit, told, now, at_rest))
                assert not wrong, f"visit {visit.code} of operation {visit.surgery_id}, told {told}: {wrong[0]}"
            if told <= now:
                self.told[visit.pk] = None  # it has come: nobody waits for it any more

    def _left_wrong(self, visit: CheckUp, told: datetime, now: datetime, at_rest: bool) -> Iterator[str]:
        about = Reminder.objects.filter(surgery=visit.surgery_id, step__check_up__code=visit.code)
        about = about.filter(
            occurrence__gte=visit.occurrence * PER_VISIT, occurrence__lt=(visit.occurrence + 1) * PER_VISIT
        )
        if about.to_call().exists() or about.filter(handled_by__isnull=False).exists():
            return
        notices = about.filter(Q(step_code__startswith="visit-")).filter(step_code__contains=":")
        way = notices.filter(status__in=WAY, reason="", due_at__lt=told, due_at__lte=now + NIGHT)
        if at_rest or told <= now or not way.exists():
            stands = f"{visit.state} {visit.booked_for}"
            rows = [f"{row.step_code} {row.occurrence} {row.status} {row.reason} {row.due_at}" for row in notices]
            yield f"now {now}, it is {stands}; no correction is on its way, and nobody calls. {rows}"
