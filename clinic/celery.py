"""The Celery app: `celery -A clinic worker`. Beat's schedule calls `reminders.tasks` and `clinic.import_tasks`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["reminders"])
app.autodiscover_tasks(["clinic"], related_name="import_tasks")
