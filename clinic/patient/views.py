"""The patient's own pages. Who holds the link may look and answer; nobody signs in, no cookie is set."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from clinic.exchange import ical
from clinic.patient import checkin, therapy
from clinic.patient import page_texts as vocabulary
from clinic.patient.checkin import AnswerWarning
from clinic.patient.current_plan import RELATED, current_plan
from clinic.patient.recovery_page import help_of, page
from clinic.patient.visit import booked_visit, key_of, own_contact
from patients import clock
from patients import therapy_sessions as care
from patients.models import CheckUp
from patients.models.patient import PatientStatus
from reminders import visit_actions
from reminders.plan.models import CarePlan
from reminders.replies import actions as replies
from reminders.replies.checkins import by_page, lifecycle
from reminders.replies.models.checkin import Answered
from reminders.replies.parsing import questionnaire
from reminders.replies.parsing.questionnaire import Answers

P = ParamSpec("P")
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key to the page
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def private(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Decorator for private pages: no cache, no search engine, no referrer."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


def with_plan(
    view: Callable[Concatenate[HttpRequest, CarePlan, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Opens what the link leads to; a link nobody knows and a plan that has ended each get a plain page."""

    @wraps(view)
    def opened(request: HttpRequest, link: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        plan = CarePlan.objects.select_related(*RELATED).filter(link=link).first()
        if plan is None:
            return unknown(request)
        plan = current_plan(plan, clock.now())
        if not plan.surgery.is_active or plan.surgery.patient.status != PatientStatus.ACTIVE:
            return ended(request, plan, language=language_of(request, plan))
        return view(request, plan, *args, **kwargs)

    return opened


def language_of(request: HttpRequest, plan: CarePlan) -> str:
    """What was asked for with ?lang=, else the patient's own, else the clinic's."""
    asked = request.GET.get("lang", "")
    return vocabulary.best(asked if asked in vocabulary.WORDS else "", plan.surgery.patient.language,
                           plan.surgery.site.language)  # fmt: skip


@private
@with_plan
@require_GET
def show(request: HttpRequest, plan: CarePlan) -> HttpResponse:
    return _show(request, plan)


def _show(
    request: HttpRequest, plan: CarePlan, *, status: int = 200, notice: str = "", warning: AnswerWarning | None = None
) -> HttpResponse:
    """`warning`: about answers that were not taken; those that were have their own."""
    language = language_of(request, plan)
    shown = page(plan, language=language, now=clock.now(), typed=request.POST.dict())
    warning = warning or (shown.check_in.warning if shown.check_in else None)
    context = {"page": shown, "link": plan.link, "others": others(language), "notice": notice, "warning": warning,
               "language": language, "clinic": shown.clinic}  # fmt: skip
    return rendered(request, "patient/page.html", context, language=language, status=status)


def others(language: str) -> list[tuple[str, str]]:
    return [(tag, words["this_language"]) for tag, words in vocabulary.WORDS.items() if tag != language]


@private
@csrf_exempt  # the link is the secret: who has it needs no forged form, and phones that block cookies can answer
@with_plan
@require_POST
def answer(request: HttpRequest, plan: CarePlan) -> HttpResponse:
    """`will_come` or `cannot_come`, about the booking the page was opened with."""
    language, now = language_of(request, plan), clock.now()
    check_up = booked_visit(plan.surgery, now)
    if check_up is None or key_of(check_up) != request.POST.get("visit") or not _said(request, plan, check_up, now):
        changed = vocabulary.WORDS[language]["has_changed"]
        return _show(request, plan, status=409, notice=changed)
    return _back(plan, language)


def _back(plan: CarePlan, language: str) -> HttpResponse:
    address = reverse("patient:page", args=[plan.link]) + "?" + urlencode({"lang": language})
    return HttpResponse(status=303, headers={"Location": address})


def _said(request: HttpRequest, plan: CarePlan, check_up: CheckUp, now: datetime) -> bool:
    """False when it cannot be said any more, or by nobody reception could call back."""
    contact = own_contact(plan.surgery)
    try:
        if request.POST.get("answer") == "will_come":
            visit_actions.confirm_visit(check_up, by=None, now=now)
        elif request.POST.get("answer") == "cannot_come" and contact:
            replies.say_cannot_come(check_up, contact=contact, now=now)
        else:
            return False
    except ValidationError:
        return False
    return True


@private
@csrf_exempt  # as `answer`
@with_plan
@require_POST
def check_in(request: HttpRequest, plan: CarePlan) -> HttpResponse:
    """All or some of the questions of the check-in the page was opened with. The same answers again do no harm.

    Nothing that was said is refused: what no check-in takes any more is kept for a person to read.
    """
    now, language = clock.now(), language_of(request, plan)
    words, answers = vocabulary.WORDS[language], checkin.read(request.POST)
    key = request.POST.get("check_in", "")
    row = checkin.asked(plan.surgery, key, now)
    if row is None:
        warning = checkin.warning(questionnaire.seen(answers, last_pain=None), words, plan.surgery.site)
        said = _kept(plan, answers, key, "to questions that are closed", now)
        return _show(request, plan, notice=words["check_in_kept" if said else "check_in_closed"], warning=warning)
    recorded = lifecycle.record(row, answers, via=Answered.PAGE, now=now)
    if recorded.contrary:
        _kept(plan, answers, key, "answered otherwise before", now)
        return _show(request, plan, notice=words["check_in_changed"])
    if recorded.check_in.closed_at is None:
        return _show(request, plan, status=422, notice=words["check_in_open"])
    return _back(plan, language)


def _kept(plan: CarePlan, answers: Answers, key: str, why: str, now: datetime) -> bool:
    """False: there was nothing to keep."""
    if answers.given:
        by_page.keep(plan.surgery, answers, key=key, why=why, contact=own_contact(plan.surgery), now=now)
    return bool(answers.given)


@private
@csrf_exempt  # as `answer`
@with_plan
@require_POST
def therapy_done(request: HttpRequest, plan: CarePlan) -> HttpResponse:
    """ "I did it today": records today's session. Idempotent."""
    now = clock.now()
    if therapy.card(plan.surgery, words=vocabulary.EN, now=now):
        care.say_attended(plan.surgery, now=now)
    return _back(plan, language_of(request, plan))


@private
@with_plan
@require_GET
def calendar(request: HttpRequest, plan: CarePlan) -> HttpResponse:
    """The next visit for the patient's own calendar; of a cancelled one the entry that takes it back."""
    file = ical.visit_file(plan.surgery, language=language_of(request, plan), now=clock.now())
    if file is None:
        return _show(request, plan, status=404)
    headers = {"Content-Disposition": 'attachment; filename="visit.ics"'}
    return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=headers)


def ended(request: HttpRequest, plan: CarePlan, *, language: str) -> HttpResponse:
    words = vocabulary.WORDS[language]
    with translation.override(language):
        context = {"words": words, "help": help_of(plan.surgery.site, language), "language": language,
                   "clinic": plan.surgery.site.short_name, "title": words["ended"], "more": words["ended_more"],
                   "others": others(language)}  # fmt: skip
    return rendered(request, "patient/plain.html", context, language=language)


def unknown(request: HttpRequest) -> HttpResponse:
    """The page for an unknown link, in both languages. It names no clinic, in case somebody guesses links."""
    return rendered(request, "patient/unknown.html", {"all": vocabulary.WORDS}, language="en", status=404)


def rendered(
    request: HttpRequest, template: str, context: dict[str, object], *, language: str, status: int = 200
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = language
    return response
