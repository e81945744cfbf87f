"""The page of a caregiver whose scope is narrow: the next visit; with warnings, what not to do, when not to wait.

Nothing else of the patient's page: no name beyond initials, no day of the recovery, and no check-in to answer.
"""

from datetime import datetime
from hmac import compare_digest

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_GET

from clinic.patient import localized, visit
from clinic.patient import page_texts as vocabulary
from clinic.patient.current_plan import current_plan
from clinic.patient.recovery_page import help_of
from clinic.patient.views import ended, others, private, rendered, unknown
from patients import clock, initials
from patients.models import Contact, Patient
from patients.models.contact import Relationship, Scope
from reminders.plan.blanks import fill_lines
from reminders.plan.facts import course_of
from reminders.plan.models import CarePlan
from reminders.plan.models.careplan import caregiver_link


@private
@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    """The caregiver's page; 404 for somebody no longer a caregiver, and for a link that was renewed."""
    contact = _contact(key)
    plan = _plan(contact, key) if contact else None
    if contact is None or plan is None:
        return unknown(request)
    plan = current_plan(plan, clock.now())
    asked = request.GET.get("lang", "")
    known = asked if asked in vocabulary.WORDS else ""
    language = vocabulary.best(known, contact.language, plan.surgery.site.language)
    if not plan.surgery.is_active or plan.surgery.patient.status != "active":
        return ended(request, plan, language=language)
    context = _page(plan, contact, language, clock.now())
    return rendered(request, "patient/caregiver.html", context, language=language)


def _contact(key: str) -> Contact | None:
    pk = key.partition("-")[0]
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 16):
        return None
    caregivers = Contact.objects.filter(relationship=Relationship.CAREGIVER, ended_at=None)
    return caregivers.filter(pk=int(pk)).first()


def _plan(contact: Contact, key: str) -> CarePlan | None:
    plans = CarePlan.objects.filter(surgery__patient=contact.patient_id)
    related = plans.select_related("version", "surgery__site", "surgery__patient__site")
    made_for = (plan for plan in related if compare_digest(caregiver_link(plan.link, contact.pk), f"c/{key}"))
    return next(made_for, None)


def _page(plan: CarePlan, contact: Contact, language: str, now: datetime) -> dict[str, object]:
    words, site = vocabulary.WORDS[language], plan.surgery.site
    with translation.override(language):
        return {
            "words": {**words, "if_any": words["if_they_have_any"]},
            "language": language,
            "clinic": site.short_name,
            "others": others(language),
            "help": help_of(site, language),
            "about": words["about"].format(name=_tag(plan.surgery.patient)),
            "visit": visit.next_visit(plan, language=language, words=words, now=now),
            "avoid": _avoid(plan, language, now) if contact.scope != Scope.VISITS else [],
            "warns": contact.scope != Scope.VISITS,
        }


def _tag(patient: Patient) -> str:
    return initials.initials(initials.Person(patient.pk, patient.given_name, patient.family_name, patient.birth_date))


def _avoid(plan: CarePlan, language: str, now: datetime) -> list[str]:
    today = plan.surgery.site.today(now)
    code = course_of(plan.surgery, plan.version).seen_on(today).phase_on(today)
    phase = plan.version.phases.filter(code=code).first()
    lines = fill_lines(phase.avoid, plan.version.blanks) if phase else {}
    return list(localized.in_language(lines, language, plan.surgery.site.language) or [])
