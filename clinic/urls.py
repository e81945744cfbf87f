"""The root list of URLs."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from clinic import webhooks
from clinic.calendar_feed import calendar_feed
from clinic.health import health, web
from clinic.metrics import metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="staff:board"), name="home"),
    path("staff/", include("clinic.staff.urls")),  # before the admin: its pages live inside the admin's look
    path("staff/", admin.site.urls),
    path("p/", include("clinic.patient.urls")),
    path("calendars/<str:key>.ics", calendar_feed, name="calendar-feed"),
    path("api/v1/", include("clinic.api.urls")),
    path("webhooks/sms/status/<uuid:attempt>/", webhooks.sms_status, name="sms-status"),
    path("webhooks/sms/inbound/", webhooks.sms_inbound, name="sms-inbound"),
    path("webhooks/sms/log/", webhooks.sms_log, name="sms-log"),
    path("webhooks/mail/", include("clinic.mail_webhooks")),
    path("health/", health, name="health"),
    path("health/web/", web, name="health-web"),
    path("metrics", metrics, name="metrics"),  # without a slash: Prometheus asks for exactly this
    path("favicon.ico", RedirectView.as_view(url=static("icon.svg"))),  # browsers ask here whatever a page says
]
