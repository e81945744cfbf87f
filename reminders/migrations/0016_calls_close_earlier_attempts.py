"""Which later attempt closed a call. So far the next one at the same operation that closes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

CLOSES = ["reached", "not_needed"]


def name_what_closed(apps, schema_editor):
    """An earlier attempt was closed by the first one after it, at the same operation, that closes."""
    attempts = apps.get_model("reminders", "CallAttempt").objects.using(schema_editor.connection.alias)
    after = attempts.filter(surgery=OuterRef("surgery"), pk__gt=OuterRef("pk"), outcome__in=CLOSES).order_by("pk")
    attempts.exclude(outcome__in=CLOSES).update(closed_by=Subquery(after.values("pk")[:1]))


class Migration(migrations.Migration):
    dependencies = [("reminders", "0015_blanks_before_signing")]

    operations = [
        migrations.AddField(
            model_name="callattempt",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="closed",
                to="reminders.callattempt",
            ),
        ),
        migrations.RunPython(name_what_closed, migrations.RunPython.noop),
    ]
