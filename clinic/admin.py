"""Screens that libraries bring along are taken down: they know nothing of sites, and tokens and logs are no toys."""

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Group
from knox.models import AuthToken

for model in (Group, LogEntry, AuthToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
