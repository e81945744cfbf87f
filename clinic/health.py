"""For machines: is the database there, and is anything late? No names, no numbers of people."""

from datetime import timedelta

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from patients import clock
from reminders.plan.models import Reminder

LATE = timedelta(minutes=5)


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200: fine. 503: the database does not answer, or due messages have not begun their way for 5 minutes."""
    try:
        late = Reminder.objects.late(clock.now(), by=LATE).exists()
    except Error:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True, "on_time": not late}, status=503 if late else 200)
