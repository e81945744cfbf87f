"""The numbers and addresses a site sends from, and their rates."""

from django.db import models
from django.db.models import Q

from patients.models import Site
from patients.models.contact import Channel


class Sender(models.Model):
    """What a site sends from: a number, a messaging service (MG…) or an e-mail address."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="senders")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=254)
    parts_per_second = models.FloatField(
        default=1.0,
        help_text="Texts per second: US long code about 1, toll-free 3, short code 10 to 100.",
    )
    free_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Until when its rate is used up.")
    heard_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Texts that came in are known up to here (reconcile)."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(parts_per_second__gt=0), name="sender_rate_is_positive"),
            models.UniqueConstraint(fields=["site", "channel"], name="one_sender_per_channel"),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(channel="sms"),
                name="one_site_per_sms_number",
                violation_error_message="Another site sends from this number. It would be unclear whose a reply is.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} from {self.address}"
