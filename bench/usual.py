"""The usual design, under faults: one Celery task with an ETA for each reminder, sending inside a retrying task.

As the tutorials write it, with what careful people add: late acknowledgement, a hard time limit, a few retries with a
pause. `BENCH_BROKER` is Redis; nothing else of the task's future is kept anywhere.
"""

import os

import django
from celery import Celery, Task
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import Error  # noqa: E402

from patients.models import Contact  # noqa: E402
from reminders.delivery.models import Sender  # noqa: E402
from reminders.plan.models import Reminder  # noqa: E402

CALLBACK = "https://clinic.example.org/webhooks/sms/status/00000000-0000-0000-0000-{:012d}/"
TEXT = "Riverside Clinic: it is time for your walk. Questions? Call us. Reply STOP to opt out."
TRIES, PAUSE = 5, 1  # seconds; the waits of the other lane are played about as much faster

app = Celery("usual", broker=settings.REDIS_URL)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=30,
    broker_transport_options={"visibility_timeout": 10, "global_keyprefix": "usual:"},
    broker_connection_retry_on_startup=True,
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
)


class RedirectedWithTimeout(TwilioHttpClient):
    """Twilio's own client with a time-out, and the stand-in's address instead of the provider's."""

    def request(self, method, url, *arguments, **options):
        return super().request(
            method, url.replace("https://api.twilio.com", settings.TWILIO_API_URL), *arguments, **options
        )


@app.task(
    bind=True,
    name="usual.send",
    autoretry_for=(TwilioException, OSError, Error),
    max_retries=TRIES,
    default_retry_delay=PAUSE,
)
def send(self: Task, reminder_id: int) -> None:
    """Looks whether it was sent, sends, and writes that down: each right by itself."""
    reminder = Reminder.objects.get(pk=reminder_id)
    contact = Contact.objects.reachable().filter(patient__surgeries=reminder.surgery_id).first()
    if reminder.status != "planned" or contact is None:
        return
    sender = Sender.objects.get(site=reminder.site_id, channel="sms").address
    key, secret = settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET
    client = Client(key, secret, settings.TWILIO_ACCOUNT_SID, http_client=RedirectedWithTimeout(timeout=3))
    client.messages.create(to=contact.address, from_=sender, body=TEXT, status_callback=CALLBACK.format(reminder_id))
    Reminder.objects.filter(pk=reminder_id).update(status="done")
