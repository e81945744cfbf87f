"""The one settings file. Every variable it reads is explained in `.env.example`."""

from datetime import timedelta
from pathlib import Path

from django.templatetags.static import static

from clinic.api.conf import REST_FRAMEWORK, REST_KNOX, SPECTACULAR_SETTINGS  # noqa: F401
from clinic.env import BASE_DIR, database, env, secret_key

# The way it runs -------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # demo people, printed sign-ins, a clock that can be moved, a page to answer
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")  # as patients and Twilio reach us
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
REDIS_URL = env.str("REDIS_URL", default="")  # set: a service; empty: everything on this machine, tasks as files
SECRET_KEY = secret_key(VAR_DIR, service=bool(REDIS_URL))

# Behind https ----------------------------------------------------------------------------------------------------
SECURE = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REDIRECT_EXEMPT = [r"^webhooks/", r"^health/"]  # a redirect would turn a provider's POST into a bodiless GET
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 3600  # a shift; a shared reception desk is signed out by the next morning
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Parts -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "phonenumber_field",
    "anymail",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "patients",
    "reminders",
    "clinic",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Data ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": database("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/aftercare.sqlite3")}
# A provider's callback rather gets a 503 than waits for a lock; SQLite knows no such limits for one transaction.
WEBHOOK_SQL = (
    "SET LOCAL lock_timeout = 1500; SET LOCAL statement_timeout = 2000"
    if str(DATABASES["default"]["ENGINE"]).endswith("postgresql")
    else ""
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "patients.StaffMember"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "staff:board"

# Words and time: UTC everywhere; every page and text converts to the site's or the patient's own zone --------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_I18N = True
PHONENUMBER_DEFAULT_REGION = "US"  # only for numbers typed without +; stored as E.164
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"

# Messages to patients --------------------------------------------------------------------------------------------
MESSAGES = env.str("MESSAGES", default="outbox")  # outbox: stored and shown, nothing leaves; live: by each site's mode
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_API_KEY = env.str("TWILIO_API_KEY", default="")
TWILIO_API_SECRET = env.str("TWILIO_API_SECRET", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")  # signs what Twilio sends to us
TWILIO_AUTH_TOKEN_OLD = env.str("TWILIO_AUTH_TOKEN_OLD", default="")  # still accepted while the token is rotated
TWILIO_WEBHOOK_SECRET = env.str(
    "TWILIO_WEBHOOK_SECRET", default=""
)  # of a shared key, where one signs instead (SHA-256)
TWILIO_WEBHOOK_SECRET_OLD = env.str("TWILIO_WEBHOOK_SECRET_OLD", default="")
TWILIO_API_URL = env.str("TWILIO_API_URL", default="")  # a test host in place of api.twilio.com
WAITS_SCALE = env.float("WAITS_SCALE", default=1.0)  # below 1: leases and look-ups played faster, for fault runs
CLOCKS_APART = env.int("CLOCKS_APART", default=60)  # seconds between this clock and the database's that stop sending
ROUND_NOTES = env.list("ROUND_NOTES", default=["file", "redis"])  # where each round is noted, to notice a restore
SEND_WINDOW = env.int("SEND_WINDOW", default=250)  # requests in flight in one process
MAIL_WINDOW = env.int("MAIL_WINDOW", default=16)  # open connections to the mail server; most allow no more than 20
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
ANYMAIL: dict[str, object] = {  # read by django-anymail: its backends, and its webhooks once WEBHOOK_SECRET is set
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    "IGNORE_UNSUPPORTED_FEATURES": True,  # not every service can switch tracking off or carry our attempt's id
    **dict(env.json("ANYMAIL", default={})),
}

# Work in the background: the table is the plan, the broker wakes workers ----------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {
        "visibility_timeout": 600,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "retry_on_timeout": True,
        "global_keyprefix": "aftercare:",
    }
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "control_folder": str(VAR_DIR / "broker-control"),
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 80  # send_due stops pulling after 50 s; lease 120 s; visibility 600 s
CELERY_TASK_TIME_LIMIT = 95
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 85
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # a task may run twice: claims make that harmless
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_WORKER_ETA_TASK_LIMIT = 10  # nothing here uses eta; a tripwire
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.3, "interval_max": 0.5}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "reminders.tasks.send_due": {"queue": "send"},
    "reminders.tasks.mail_due": {"queue": "mail"},
}
SWEEP_EVERY = env.float("SWEEP_EVERY", default=10)  # seconds from signal to signal
SEEK_EVERY, HEAR_EVERY = 30 * WAITS_SCALE, 300 * WAITS_SCALE
CELERY_BEAT_SCHEDULER = "clinic.celery:HealingScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {  # expires: a signal that waited is dropped, the next one does its work
    "sweep": {"task": "reminders.tasks.sweep", "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY * 0.9}},
    "seek": {"task": "reminders.tasks.seek", "schedule": SEEK_EVERY, "options": {"expires": SEEK_EVERY * 0.9}},
    "hear": {"task": "reminders.tasks.hear", "schedule": HEAR_EVERY, "options": {"expires": HEAR_EVERY * 0.9}},
    "keep check-ins": {
        "task": "reminders.tasks.keep_check_ins",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 280},
    },
    "extend the horizon": {
        "task": "reminders.tasks.extend_horizon",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    "carry on imports": {"task": "clinic.import_tasks.carry_on", "schedule": 30, "options": {"expires": 27}},
}

# Figures for machines -------------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # whoever shows it may read /metrics; empty: there is no such page

# Pages -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns at every start where it is missing
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # embedded runs without collectstatic

# Inside the admin's look (unfold): light only, so that amber and red mean the same on every screen
UNFOLD: dict[str, object] = {
    "SITE_TITLE": "Aftercare",
    "SITE_HEADER": "Aftercare",
    "SITE_SYMBOL": "healing",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icon.svg")}],
    "LOGIN": {"form": "clinic.staff.login.LoginForm"},
    "THEME": "light",
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "clinic.staff.navigation.sidebar"},
    "COLORS": {
        "primary": {
            "50": "#effaf8",
            "100": "#e6f4f1",
            "200": "#cfe8e4",
            "300": "#9fd3cb",
            "400": "#4fada2",
            "500": "#14857b",
            "600": "#0f766e",
            "700": "#0b5d56",
            "800": "#0a4a45",
            "900": "#083b37",
            "950": "#042220",
        }
    },
}

# Logs: one line an event, never a name, a number or a text -------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {"()": "clinic.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "twilio": {"level": "WARNING"},
        "aiohttp": {"level": "WARNING"},
        # Django's own handlers would mail a whole request to ADMINS, and print addresses as they are
        "django": {"handlers": [], "level": "NOTSET"},
        "django.server": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.db.backends": {"level": "INFO"},  # at DEBUG it writes statements with their values
    },
}
