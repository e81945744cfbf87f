"""Triggers that refuse what the models cannot see: bulk updates, cascades and plain SQL on a signed version."""

from django.db import migrations

from reminders.plan import signed_guard


def set_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":  # on SQLite after every migration: it rebuilds tables
        signed_guard.set_up(schema_editor.connection)


def lift(apps, schema_editor):
    signed_guard.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial")]

    operations = [migrations.RunPython(set_up, lift)]
