"""Settings of the API's libraries; `clinic.settings` takes these three names from here."""

from datetime import timedelta

from clinic.env import env

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [  # the token first: its header makes a missing sign-in a 401
        "clinic.api.access.TokenSignIn",
        "rest_framework.authentication.SessionAuthentication",  # a staff member's browser, with CSRF
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["clinic.api.parsing.JSONBody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "clinic.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["clinic.api.filtering.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"sign-in by address": "20/min", "sign-in by name": "10/min"},
    "EXCEPTION_HANDLER": "clinic.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,  # an unknown parameter is refused, so none may be hidden
    # Behind a proxy the last X-Forwarded-For counts; without one it is made up by the caller, so never believed.
    "NUM_PROXIES": 1 if env.bool("BEHIND_PROXY", default=False) else 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

REST_KNOX: dict[str, object] = {
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",  # of 256 random bits, so a fast hash is enough
    "TOKEN_TTL": timedelta(hours=12),  # a shift, as the browser's session
    "AUTO_REFRESH": False,
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "care_",  # lets a secret scanner recognise one that leaked
}

DESCRIPTION = """
The plan of every surgery as data: register a patient, enrol a surgery, read the whole schedule, book the check-ups.

**Sign in** with `POST auth/token/`, then send `Authorization: Bearer TOKEN`. A token ends after 12 hours.
A browser session of the staff pages is accepted too; it needs the CSRF token for anything but reading.

**Sites.** You see the rows of the sites you work at. A row of another site is a 404, as if it did not exist.

**Roles.** Everybody at a site may register patients, keep contacts and consent, enrol on a surgeon's behalf, book and
close check-ups, and send again. Only surgeons and managers move or cancel an operation, change its facts, and take a
message out of a plan.

**Lists** come in pages: follow `next`. There are no counts. `page_size` is 1 to 200.

**Times** are ISO 8601 with an offset; answers are in UTC. `due_local` is the same moment on the patient's clock.

**Privacy.** No address carries personal data: patients are named by `id`, and `POST patients/search/` takes a name,
number or phone in its body.

**Errors** are problem documents (RFC 9457, `application/problem+json`). `errors` names each field by its JSON pointer
(`pointer`), or the query parameter or header, and says what would be right. Unknown fields and parameters are refused.
"""

SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Aftercare",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],  # it describes the doors, not what is behind them
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "none"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "clinic.api.schema.say_what_is_refused",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CheckUpStateEnum": "patients.models.checkup.CheckUpState",
        "DeliveryStateEnum": "reminders.delivery.models.delivery.STATES",
        "SessionStateEnum": "patients.models.therapy.SessionState",
        "VersionStateEnum": "reminders.plan.models.protocol.VersionState",
        "ReminderStatusEnum": "reminders.plan.models.reminder.ReminderStatus",
        "PatientStatusEnum": "patients.models.patient.PatientStatus",
        "RecordedStatusEnum": "patients.models.patient.RECORDED_BY_STAFF",
        "DecisionKindEnum": "clinic.api.decisions.KINDS",
        "StepKindEnum": "reminders.plan.models.step.StepKind",
        "ChannelEnum": "patients.models.contact.Channel",
        "FamilyEnum": "patients.models.surgery.Family",
        "ReasonEnum": "clinic.api.reminders.REASONS",
        "SurgeryStateEnum": "clinic.api.surgeries.STATES",
        "PreviewOutcomeEnum": "clinic.api.preview.OUTCOMES",
        "CallOutcomeEnum": "reminders.plan.models.call.CallListOutcome",
        "AlertOutcomeEnum": "reminders.replies.models.alert.Outcome",
        "ConsentStateEnum": "clinic.api.contacts.CONSENT_STATES",
        "ConsentKindEnum": "clinic.api.contacts.CONSENT_KINDS",
        "GivenConsentSourceEnum": "clinic.api.contacts.SOURCES",
        "ConsentSourceEnum": "patients.models.contact.ConsentSource",
        "RoleEnum": "patients.models.staff.Role",
        "SiteModeEnum": "patients.models.site.SiteMode",
        "PlannedChannelEnum": "clinic.api.preview.CHANNELS",
        "PlannedStatusEnum": "clinic.api.preview.STATUSES",
    },
    "TAGS": [
        {"name": "auth", "description": "Sign in and out."},
        {"name": "patients", "description": "Who is cared for, how they are reached and what they agreed to."},
        {"name": "surgeries", "description": "Enrol, preview, read the schedule, move, cancel."},
        {"name": "reminders", "description": "Each message of each plan and what became of it."},
        {"name": "check-ups", "description": "The visits the plans call for."},
        {"name": "check-ins", "description": "How patients say they are."},
        {"name": "therapy-sessions", "description": "Physical therapy: planned, attended, missed."},
        {"name": "protocols", "description": "Each site's plans and their versions."},
        {"name": "procedures", "description": "Kinds of operation."},
        {"name": "sites", "description": "The sites you work at."},
    ],
}
