"""A visit on reception's board: what stands in front, who, how it stands, what can be done with it."""

from dataclasses import dataclass
from datetime import date

from clinic.staff.board import date_format
from clinic.staff.board.context import INPUT, WANTS_ANOTHER_TIME, BoardPerson, Scene, day_words
from clinic.staff.formats import Pill
from patients.models import CheckUp
from patients.models.checkup import CheckUpState
from reminders.replies.models import Intent


@dataclass(frozen=True, slots=True)
class VisitAction:
    """One thing to do with a visit. `asks_time`: opens a small form with a time that is filled in already.

    `asks_why`: opens one that asks for a reason.
    """

    verb: str
    label: str
    asks_time: bool = False
    asks_why: bool = False


ARRIVED, CONFIRM = VisitAction("attended", "Arrived"), VisitAction("confirm", "Confirm")
CAME, MISSED = VisitAction("attended", "They came"), VisitAction("missed", "Missed")
BOOK, MOVE = VisitAction("book", "Book", asks_time=True), VisitAction("book", "Move", asks_time=True)
FREE, NOT_NEEDED = VisitAction("free", "Free this time"), VisitAction("not-needed", "Not needed", asks_why=True)


@dataclass(frozen=True, slots=True)
class BoardVisitRow:
    key: str
    pk: int
    bookings: int  # what a form tells that it has seen
    lead: str
    person: BoardPerson
    title: str
    pill: Pill | None
    last: str
    main: VisitAction | None
    more: tuple[VisitAction, ...]
    at: str  # what the time field begins with
    day: str = ""  # its heading, while that day is still to come
    window: str = ""
    gone: int | None = None  # percent of the window

    @property
    def actions(self) -> tuple[VisitAction, ...]:
        return ((self.main,) if self.main else ()) + self.more


ENDED_PLAN = " (of an earlier operation, whose plan ended: {})"
KEEP_OR_FREE, BOOK_THE_LATER = "keep it or free its time", "book a visit of the later operation where one is needed"


def visit(check_up: CheckUp, scene: Scene) -> BoardVisitRow:
    """A row in whichever list: its state and the clock say what can be done, so a list cannot offer the wrong thing."""
    booked = check_up.state in (CheckUpState.BOOKED, CheckUpState.CONFIRMED)
    main, more = _actions(check_up, scene)
    unbooked = check_up.state in (CheckUpState.DUE, CheckUpState.MISSED)
    opens, closes = check_up.window_opens, check_up.window_closes
    return BoardVisitRow(
        key=f"visit-{check_up.pk}",
        pk=check_up.pk,
        bookings=check_up.bookings,
        lead=_lead(check_up, scene),
        person=BoardPerson.of(check_up.surgery, scene),
        title=_title(check_up, scene) + _of_ended(check_up, booked),
        pill=_pill(check_up, scene),
        last=scene.last(check_up.surgery_id),
        main=main,
        more=more,
        at=_begins_with(check_up, scene) if booked else scene.suggested(check_up),
        day=_day(check_up, scene),
        window=date_format.window(opens, closes, today=scene.today) if unbooked else "",
        gone=_gone(check_up, scene.today),
    )


def _of_ended(check_up: CheckUp, booked: bool) -> str:
    return ENDED_PLAN.format(KEEP_OR_FREE if booked else BOOK_THE_LATER) if check_up.surgery.ended_at else ""


def _gone(check_up: CheckUp, today: date) -> int | None:
    """Drawn only while the window can still be met."""
    if check_up.state != CheckUpState.DUE or today > check_up.window_closes:
        return None
    return date_format.share_gone(check_up.window_opens, check_up.window_closes, today=today)


def _begins_with(check_up: CheckUp, scene: Scene) -> str:
    """Moving starts from the booked time while that is still to come."""
    if check_up.booked_for and check_up.booked_for > scene.now:
        return f"{check_up.booked_for.astimezone(scene.site.zone):{INPUT}}"
    return scene.suggested(check_up)


def _lead(check_up: CheckUp, scene: Scene) -> str:
    if check_up.state == CheckUpState.DUE or not check_up.booked_for:
        return day_words(check_up.surgery.day_number(scene.today))
    local = check_up.booked_for.astimezone(scene.site.zone)
    return f"{local:%H:%M}" if local.date() >= scene.today else date_format.short_day(local.date())


def _day(check_up: CheckUp, scene: Scene) -> str:
    if check_up.state == CheckUpState.DUE or not check_up.booked_for:
        return ""
    day = scene.site.today(check_up.booked_for)
    return date_format.coming_day(day, today=scene.today) if day > scene.today else ""


def _title(check_up: CheckUp, scene: Scene) -> str:
    if check_up.state == CheckUpState.DUE or not check_up.booked_for:
        return check_up.title
    local = check_up.booked_for.astimezone(scene.site.zone)
    return check_up.title if local.date() >= scene.today else f"{check_up.title} {local:%H:%M}"


def _pill(check_up: CheckUp, scene: Scene) -> Pill | None:
    asked = _wants_another_time(check_up, scene)
    if asked:
        return Pill(asked, "warn")
    if check_up.state == CheckUpState.DUE:
        return _time_left(check_up, scene.today)
    return {
        CheckUpState.BOOKED: Pill("not confirmed", "warn"),
        CheckUpState.CONFIRMED: Pill("confirmed", "good"),
        CheckUpState.ATTENDED: Pill("arrived", "good"),
        CheckUpState.MISSED: Pill("missed", "bad"),
    }.get(CheckUpState(check_up.state))


def _time_left(check_up: CheckUp, today: date) -> Pill | None:
    if today < check_up.window_opens:
        return None
    if today > check_up.window_closes:
        return Pill("window closed", "bad")
    tone = "bad" if (check_up.window_closes - today).days <= 1 else "warn"
    return Pill(date_format.days_left(check_up.window_closes, today=today), tone)


def _wants_another_time(check_up: CheckUp, scene: Scene) -> str:
    """Only while that reply is the last thing that happened: a new booking answers it.

    Of two visits of one patient the one that the reply is about.
    """
    happening = scene.story.get(check_up.surgery_id)
    if happening is None or check_up.state not in (CheckUpState.BOOKED, CheckUpState.CONFIRMED):
        return ""
    if happening.visit and happening.visit != check_up.pk:
        return ""
    return WANTS_ANOTHER_TIME.get(Intent(happening.intent), "") if happening.intent else ""


def _actions(check_up: CheckUp, scene: Scene) -> tuple[VisitAction | None, tuple[VisitAction, ...]]:
    """The one main action and the others."""
    if check_up.state in (CheckUpState.DUE, CheckUpState.MISSED):
        if check_up.surgery.ended_at:  # a booking would be refused
            return CAME, (NOT_NEEDED,)
        return BOOK, (CAME, NOT_NEEDED)
    if check_up.state not in (CheckUpState.BOOKED, CheckUpState.CONFIRMED) or not check_up.booked_for:
        return None, ()
    confirm = (CONFIRM,) if check_up.state == CheckUpState.BOOKED else ()
    missed = (MISSED,) if check_up.booked_for <= scene.now else ()
    day = scene.site.today(check_up.booked_for)
    if day < scene.today:
        return CAME, (*missed, MOVE, FREE, NOT_NEEDED)
    if day == scene.today:
        return ARRIVED, (*missed, *confirm, MOVE, FREE, NOT_NEEDED)
    if _wants_another_time(check_up, scene) or not confirm:
        return MOVE, (*confirm, FREE, NOT_NEEDED)
    return CONFIRM, (MOVE, FREE, NOT_NEEDED)
