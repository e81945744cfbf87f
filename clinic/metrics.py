"""`/metrics`, in Prometheus's text format: read from the tables when it is asked for. Nothing about anybody.

Every query is bounded by an index: what is open, what of the last day, or what is rare.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clinic.health import ages_at, found_at, seconds
from patients import clock
from patients.models import Contact, Site
from reminders.delivery.models import Alarm, Breaker, Delivery, Freeze
from reminders.delivery.monitoring import due_unsent, watchdogs
from reminders.replies.models import Alert, Reply
from reminders.replies.models.alert import Level

DAY = timedelta(days=1)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics page: 404 for everybody while METRICS_TOKEN is not set."""
    if not settings.METRICS_TOKEN:
        raise Http404("Set METRICS_TOKEN to open this page.")
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(StatusCollector(clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class StatusCollector(Collector):
    """All figures at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> list[Metric]:
        """Describes nothing in advance: registering must not read the tables a second time."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self.deliveries()
        yield from self.ages()
        yield from self.troubles()
        yield from self.what_no_design_can_promise()
        yield from self.people_wait()

    def deliveries(self) -> Iterator[Metric]:
        open_ones = family("aftercare_deliveries_open", "On their way, by state.", ["state", "channel"])
        add(open_ones, Delivery.objects.open(), "state", "channel")
        yield open_ones
        day = family("aftercare_deliveries_last_day", "Claimed in the last 24 hours, by state.", ["state", "channel"])
        sites = list(Site.objects.values_list("pk", flat=True))  # lets the index by site serve
        add(day, Delivery.objects.filter(site__in=sites, claimed_at__gte=self.now - DAY), "state", "channel")
        yield day

    def ages(self) -> Iterator[Metric]:
        ages = ages_at(self.now)
        yield gauge("aftercare_oldest_due_age_seconds", "How long the oldest due message waits.", ages.pop("due") or 0)
        beats = family("aftercare_heartbeat_age_seconds", "Since a part's last round; absent: it never ran.", ["name"])
        for name, age in ages.items():
            if age is not None:
                beats.add_metric([name], age)
        yield beats

    def troubles(self) -> Iterator[Metric]:
        watchdog = family("aftercare_watchdog", "1 during the problem; /health/ names the same.", ["kind", "urgent"])
        for kind, urgent in sorted({(warning.kind, warning.urgent) for warning in found_at(self.now)}):
            watchdog.add_metric([kind, str(urgent).lower()], 1)
        yield watchdog
        breakers = family("aftercare_breaker_open", "Nothing leaves here; site `all`: nowhere.", ["channel", "site"])
        for channel, site in Breaker.objects.filter(closed_at=None).values_list("channel", "site__code"):
            breakers.add_metric([channel, site or "all"], 1)
        yield breakers
        alarms = family("aftercare_alarms_open", "How often an open alarm was raised, by kind.", ["kind"])
        rows = Alarm.objects.filter(cleared_at=None).order_by().values_list("kind").annotate(times=Sum("count"))
        for kind, times in rows:
            alarms.add_metric([kind], times)
        yield alarms
        frozen = Freeze.objects.filter(in_force=True).count()
        yield gauge("aftercare_frozen", "1 while nothing is sent at all, as after a restore.", frozen)
        total, missing = watchdogs.callback_rate(self.now)
        yield gauge("aftercare_texts_watched", "Accepted texts of the last day, older than an hour.", total)
        yield gauge("aftercare_texts_without_callback", "Of these, how many only a poll told the end of.", missing)

    def what_no_design_can_promise(self) -> Iterator[Metric]:
        for name, counted in due_unsent.counts(self.now).items():
            yield gauge(f"aftercare_{name}", counted.meaning, counted.number)

    def people_wait(self) -> Iterator[Metric]:
        yield gauge("aftercare_replies_waiting", "Texts nobody has dealt with.", Reply.objects.to_read().count())
        since = Alert.objects.late(self.now).order_by("answer_by").values_list("answer_by", flat=True).first()
        age = seconds(self.now, since) or 0
        yield gauge("aftercare_alert_late_seconds", "How long the latest alert is past its answer-by time.", age)
        alerts = family("aftercare_alerts_open", "A person must look, by class.", ["level"])
        late = family("aftercare_alerts_late", "Of these, past the moment they had to be answered by.", ["level"])
        for level in Level.values:
            alerts.add_metric([level], Alert.objects.open().filter(level=level).count())
            late.add_metric([level], Alert.objects.late(self.now).filter(level=level).count())
        yield alerts
        yield late
        held = Contact.objects.filter(held_since__isnull=False, ended_at=None).count()
        yield gauge("aftercare_contacts_held", "Perhaps a refusal: a person has to decide.", held)


def gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def family(name: str, meaning: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=labels)


def add(to: GaugeMetricFamily, rows: QuerySet[Delivery], *labels: str) -> None:
    for *values, number in rows.order_by().values_list(*labels).annotate(number=Count("pk")):
        to.add_metric([str(value) for value in values], number)
