import os
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models
from django.utils import timezone


def zone_as_before(name: str) -> ZoneInfo:
    """As it was computed until now: by the system's own file, where there is one."""
    folders = os.environ.get("PYTHONTZPATH") or sysconfig.get_config_var("TZPATH") or ""
    for folder in filter(None, folders.split(os.pathsep)):
        if (file := Path(folder, name)).is_file():
            with file.open("rb") as data:
                return ZoneInfo.from_file(data, key=name)
    return ZoneInfo(name)


def note_hours(apps: Any, schema_editor: Any) -> None:
    """Of each visit to come: the offset by which its time was booked. The next round puts it on that hour."""
    coming = apps.get_model("patients", "CheckUp").objects.filter(state__in=["booked", "confirmed"])
    rows = list(coming.filter(booked_for__gt=timezone.now() - timedelta(days=1)).select_related("site"))
    zones = {name: zone_as_before(name) for name in {row.site.time_zone for row in rows}}
    for row in rows:
        row.booked_offset = round(row.booked_for.astimezone(zones[row.site.time_zone]).utcoffset().total_seconds() / 60)
    coming.model.objects.bulk_update(rows, ["booked_offset"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("patients", "0016_imported_files")]

    operations = [
        migrations.AddField(
            model_name="checkup",
            name="booked_offset",
            field=models.SmallIntegerField(
                editable=False,
                help_text="Minutes from UTC at the site, as they were when it was booked: the hour that was agreed on.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="checkup",
            name="zone_data",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="Release of the time zones by which `booked_for` is that hour. Empty: not checked.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="visitchange",
            name="was_offset",
            field=models.SmallIntegerField(help_text="The visit's `booked_offset` then.", null=True),
        ),
        migrations.RunPython(note_hours, migrations.RunPython.noop),
    ]
