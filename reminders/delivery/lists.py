"""Whose lists the provider is asked for."""

from django.conf import settings

from patients.models.site import SiteMode
from reminders.delivery.models import Sender


def live_senders() -> list[Sender]:
    """Of sites that really write: a site in test mode has its texts on the outbox page."""
    if settings.MESSAGES != "live":
        return []
    rows = Sender.objects.filter(channel="sms").exclude(site__mode=SiteMode.TEST)
    return list(rows.select_related("site").order_by("pk"))


def is_service(sender: Sender) -> bool:
    """A messaging service: its numbers are the provider's to choose, so no list can be asked for by number."""
    return sender.address.startswith("MG")
