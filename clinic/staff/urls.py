"""Staff pages, beside the admin's own; both live under /staff/."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from clinic.staff.alerts import views as alerts
from clinic.staff.board import call_views
from clinic.staff.board import later as board_later
from clinic.staff.board import views as board
from clinic.staff.calendars import views as calendars
from clinic.staff.coverage import views as coverage
from clinic.staff.enrol import views as enrol
from clinic.staff.imports import views as imports
from clinic.staff.outbox import views as outbox
from clinic.staff.record import (
    check_in_views,
    merge_views,
    plan_views,
    proposal_views,
    running_plan_views,
    surgeon_views,
    visit_views,
)
from clinic.staff.record import contact_views as record_contacts
from clinic.staff.record import therapy_views as record_sessions
from clinic.staff.record import views as record
from clinic.staff.simulator import views as simulator
from clinic.staff.status import views as status
from clinic.staff.surgeons import views as surgeons
from clinic.staff.version_moves import views as moving

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="staff:board")),  # in place of the admin's list of tables
    path("board/", board.show, name="board"),
    path("board/later/", board_later.later, name="board-later"),
    path("board/site/", board.choose_site, name="board-site"),
    path("board/search/", board.search, name="board-search"),
    path("board/visits/<int:pk>/<slug:action>/", board.visit, name="board-visit"),
    path("board/calls/<int:pk>/called/", call_views.called, name="board-called"),
    path("board/replies/<int:pk>/<slug:action>/", board.reply, name="board-reply"),
    path("alerts/<int:pk>/", alerts.show, name="alert"),
    path("alerts/<int:pk>/take/", alerts.take, name="alert-take"),
    path("alerts/<int:pk>/hand-over/", alerts.hand_over, name="alert-hand-over"),
    path("alerts/<int:pk>/close/", alerts.close, name="alert-close"),
    path("calendars/", calendars.show, name="calendars"),
    path("calendars/decide/", calendars.decide, name="calendar-decide"),
    path("coverage/", coverage.show, name="coverage"),
    path("coverage/missed.csv", coverage.download, name="coverage-csv"),
    path("imports/", imports.begin, name="imports"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/stop/", imports.stop, name="import-stop"),
    path("imports/<int:pk>/go-on/", imports.go_on, name="import-go-on"),
    path("imports/<int:pk>/delete/", imports.delete_file, name="import-delete"),
    path("imports/<int:pk>/report.csv", imports.report, name="import-report"),
    path("outbox/", outbox.show, name="outbox"),
    path("outbox/<int:pk>/", outbox.show, name="outbox-person"),
    path("outbox/<int:pk>/answer/", outbox.answer, name="outbox-answer"),
    path("status/", status.show, name="status"),
    path("status/alarms/<int:pk>/seen/", status.seen, name="alarm-seen"),
    path("versions/<int:pk>/move/", moving.begin, name="move-begin"),
    path("versions/<int:pk>/move/look/", moving.look, name="move-look"),
    path("moves/<int:pk>/", moving.show, name="move"),
    path("moves/<int:pk>/stop/", moving.stop, name="move-stop"),
    path("moves/<int:pk>/go-on/", moving.go_on, name="move-go-on"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("enrol/preview/", enrol.preview, name="enrol_preview"),
    path("surgeons/", surgeons.hand_over, name="surgeons"),
    path("simulator/", simulator.show, name="simulator"),
    path("surgeries/<int:pk>/", record.record, name="record"),
    path("surgeries/<int:pk>/change/<slug:verb>/", plan_views.act, name="record_act"),
    path("surgeries/<int:pk>/running-plan/", running_plan_views.choose, name="record_running_plan"),
    path("surgeries/<int:pk>/cancel/", record.cancel, name="record_cancel"),
    path("surgeries/<int:pk>/proposals/<slug:what>/<slug:action>/", proposal_views.decide, name="record_proposal"),
    path("surgeries/<int:pk>/surgeon/", surgeon_views.change, name="record_surgeon"),
    path("surgeries/<int:pk>/facts/", record.facts, name="record_facts"),
    path("surgeries/<int:pk>/check-ins/", check_in_views.write, name="record_check_in"),
    path("surgeries/<int:pk>/sessions/", record_sessions.write, name="record_session"),
    path("surgeries/<int:pk>/sessions/<int:session_pk>/remove/", record_sessions.remove, name="record_session_remove"),
    path("surgeries/<int:pk>/contacts/", record_contacts.add_contact, name="record_contact"),
    path("surgeries/<int:pk>/link/", record_contacts.renew_link, name="record_link"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/consent/", record_contacts.consent, name="record_consent"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/scope/", record_contacts.scope, name="record_scope"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/revoke/", record_contacts.revoke, name="record_revoke"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/end/", record_contacts.end, name="record_contact_end"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/refusal/", record_contacts.refusal, name="record_refusal"),
    path("surgeries/<int:pk>/visits/<int:visit_pk>/<slug:action>/", visit_views.visit, name="record_visit"),
    path("patients/<int:pk>/merge/", merge_views.merge, name="patient_merge"),
    path("reminders/<int:pk>/change/", plan_views.message, name="reminder_change"),
    path("reminders/<int:pk>/resend/", record.resend, name="reminder_resend"),
]
