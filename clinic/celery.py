"""The Celery app: `celery -A clinic worker`. Beat's schedule calls `reminders.tasks` and `clinic.import_tasks`."""

import logging
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import beat_init, worker_init

from clinic import parent_process

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["reminders"])
app.autodiscover_tasks(["clinic"], related_name="import_tasks")


@worker_init.connect
@beat_init.connect
def _end_with_the_parent(**_facts: Any) -> None:
    parent_process.follow()


class HealingScheduler(PersistentScheduler):
    """Celery's own; a damaged schedule file (power cut, full disk) is moved aside, where that would end at each start.

    The file holds when each task last ran, and nothing else: without it hourly work waits an hour once.
    """

    schedule_filename: str  # set by Celery's own

    def setup_schedule(self) -> None:
        """Read the file, or begin anew."""
        try:
            super().setup_schedule()
        except Exception as error:  # whatever the pickle or the database module makes of it
            moved = ", ".join(self._move_aside())
            log.error("Beat's schedule file cannot be read (%s): moved to %s.", type(error).__name__, moved)
            super().setup_schedule()

    def _move_aside(self) -> list[str]:
        """All files of the schedule, in place of what was moved aside before. Returns their new names."""
        self._store = None
        moved = []
        for suffix in self.known_suffixes:
            file = Path(self.schedule_filename + suffix)
            if file.exists():
                moved.append(str(file.replace(f"{file}.damaged")))
        return moved
