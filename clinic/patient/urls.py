"""Pages for patients, each behind a link that only they were given."""

from django.urls import path

from clinic.patient import caregiver, views
from clinic.patient.unsubscribe import unsubscribe

app_name = "patient"
urlpatterns = [
    path("u/<str:token>/", unsubscribe, name="unsubscribe"),
    path("c/<str:key>/", caregiver.show, name="caregiver"),
    path("<str:link>/", views.show, name="page"),
    path("<str:link>/answer/", views.answer, name="answer"),
    path("<str:link>/check-in/", views.check_in, name="check-in"),
    path("<str:link>/therapy/", views.therapy_done, name="therapy"),
    path("<str:link>/visit.ics", views.calendar, name="calendar"),
]
