"""What texts to a number must respect besides their own deliveries: answers count, a blocked range waits."""

from django.db import models

from patients.models import Contact, Site


class SaidBack(models.Model):
    """One automatic answer, sent in the webhook's response: not a delivery, but a text that the limits count."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "automatic answers"
        indexes = [
            models.Index(fields=["contact", "at"], name="said_back_by_contact"),
            models.Index(fields=["site", "at"], name="said_back_by_site"),
        ]

    def __str__(self) -> str:
        return f"said back at {self.at:%Y-%m-%d %H:%M} UTC"


class HeldRange(models.Model):
    """A range of numbers that gets no text before `until`: the provider blocks it for the whole account."""

    prefix = models.CharField(max_length=16, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"held until {self.until:%Y-%m-%d %H:%M} UTC"
