import patients  # noqa: F401  sets where time zones come from, before Celery and Django make one
from clinic.celery import app as celery_app

__all__ = ["celery_app"]
