"""The freeze: nothing leaves while it is in force, as after a restore."""

from reminders.delivery.models import Freeze


def in_force() -> bool:
    return Freeze.objects.filter(in_force=True).exists()
