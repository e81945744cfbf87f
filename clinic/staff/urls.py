"""Staff pages, beside the admin's own; both live under /staff/."""

from django.urls import URLPattern, URLResolver, path

from clinic.staff import board_views, enrol, outbox_views, record, record_contacts

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", board_views.show, name="board"),
    path("board/site/", board_views.choose_site, name="board-site"),
    path("board/search/", board_views.search, name="board-search"),
    path("board/visits/<int:pk>/<slug:deed>/", board_views.visit, name="board-visit"),
    path("board/calls/<int:pk>/called/", board_views.called, name="board-called"),
    path("board/replies/<int:pk>/<slug:deed>/", board_views.reply, name="board-reply"),
    path("outbox/", outbox_views.show, name="outbox"),
    path("outbox/<int:pk>/", outbox_views.show, name="outbox-person"),
    path("outbox/<int:pk>/answer/", outbox_views.answer, name="outbox-answer"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("enrol/preview/", enrol.preview, name="enrol_preview"),
    path("surgeries/<int:pk>/", record.record, name="record"),
    path("surgeries/<int:pk>/move/", record.move, name="record_move"),
    path("surgeries/<int:pk>/move/preview/", record.move_preview, name="record_move_preview"),
    path("surgeries/<int:pk>/cancel/", record.cancel, name="record_cancel"),
    path("surgeries/<int:pk>/facts/", record.facts, name="record_facts"),
    path("surgeries/<int:pk>/contacts/", record_contacts.add_contact, name="record_contact"),
    path("surgeries/<int:pk>/contacts/<int:contact_pk>/consent/", record_contacts.consent, name="record_consent"),
    path("reminders/<int:pk>/skip/", record.skip, name="reminder_skip"),
    path("reminders/<int:pk>/resend/", record.resend, name="reminder_resend"),
]
