"""Staff pages, beside the admin's own; both live under /staff/."""

from django.urls import URLPattern, URLResolver

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = []
