"""One click and no more e-mails (RFC 8058). The mail program posts by itself; a person gets a page with a button."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic.patient import page_texts as vocabulary
from clinic.patient.recovery_page import help_of
from clinic.patient.views import private, unknown
from patients import clock
from patients.models import Contact
from patients.models.contact import ConsentSource
from reminders.delivery.followup.opt_out import stop_contacts

SALT = "unsubscribe"
WORDING = "Unsubscribed by the link in an e-mail."


@private
@csrf_exempt  # the signed token is the proof, and a mail program brings no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe by POST only: mail scanners open every link."""
    contact = _contact(token)
    if contact is None:
        return unknown(request)
    done = request.method == "POST"
    if done:
        stop_contacts([contact], source=ConsentSource.LINK, wording=WORDING, by=None, now=clock.now())
    return _page(request, contact, done=done)


def _contact(token: str) -> "Contact | None":
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Contact.objects.select_related("site", "patient").filter(pk=pk).first()


def _page(request: HttpRequest, contact: Contact, *, done: bool) -> HttpResponse:
    language = vocabulary.best(contact.language, contact.site.language)
    words = vocabulary.WORDS[language]
    with translation.override(language):
        context = {"words": words, "help": help_of(contact.site, language), "language": language,
                   "clinic": contact.site.short_name, "button": "" if done else words["unsubscribe_button"],
                   "title": words["unsubscribed" if done else "unsubscribe"],
                   "more": words["unsubscribed_more" if done else "unsubscribe_more"]}  # fmt: skip
    return render(request, "patient/plain.html", context)
