"""A column of e-mail addresses."""

from typing import Any

from django.db import models

from patients import mailboxes


class MailboxField(models.EmailField):  # type: ignore[type-arg]  # fields cannot be subscripted at run time
    """An e-mail column in one spelling, for writing and for look-ups."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return mailboxes.spelt(value) if isinstance(value, str) else value
