"""Screens that libraries bring along are taken down: they know nothing of sites, and tokens are no toys."""

from django.contrib import admin
from django.contrib.auth.models import Group
from knox.models import AuthToken

for model in (Group, AuthToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
