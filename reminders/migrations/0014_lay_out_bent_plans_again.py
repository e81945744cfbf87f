from typing import Any

from django.db import migrations
from django.utils import timezone

BENDING = ["hold", "pace", "shift"]


def mark(apps: Any, schema_editor: Any) -> None:
    """Plans that were held, paced or moved are laid out again within the hour: their safety steps return to their days."""
    changes = apps.get_model("reminders", "PlanChange").objects.filter(kind__in=BENDING, undone_at=None)
    plans = apps.get_model("reminders", "CarePlan").objects.filter(surgery__in=changes.values("surgery"))
    plans.update(laid_out_until=timezone.now().date())


class Migration(migrations.Migration):
    dependencies = [("reminders", "0013_nature_of_steps_and_check_ups")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
