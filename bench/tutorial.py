"""The design of the tutorials, for comparison: one Celery task per reminder, a sync call inside it.

Better than most: the client and its connection are kept open between tasks.
"""

import os
from functools import cache
from typing import Any

import django
from celery import Celery
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.conf import settings  # noqa: E402

from patients.models import Contact  # noqa: E402
from reminders.delivery.sending.texts import Library  # noqa: E402
from reminders.plan.models import Reminder  # noqa: E402

app = Celery("bench", broker=settings.REDIS_URL)
app.conf.update(
    broker_transport_options={"global_keyprefix": os.environ.get("BENCH_PREFIX", "bench:")},
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


class RedirectedClient(TwilioHttpClient):
    """Twilio's own client, with the stand-in's address instead of the provider's."""

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> Any:  # type: ignore[override]
        url = url.replace("https://api.twilio.com", settings.TWILIO_API_URL)
        return super().request(method, url, *arguments, **options)


@cache
def client() -> Client:
    key, secret = settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET
    return Client(key, secret, settings.TWILIO_ACCOUNT_SID, http_client=RedirectedClient())


@app.task
def send_one(reminder_id: int) -> None:
    reminder = Reminder.objects.select_related("surgery__patient", "site").get(pk=reminder_id)
    contact = Contact.objects.reachable().filter(patient=reminder.surgery.patient_id).first()
    text = Library([reminder.step_id]).find(reminder.step_id, "en", reminder.site.language)
    if reminder.status == "planned" and contact and text:
        sender = reminder.site.senders.get(channel="sms").address
        client().messages.create(to=contact.address, from_=sender, body=text.sms)
        reminder.status = "done"
        reminder.save()
