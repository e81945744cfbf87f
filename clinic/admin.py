"""Unregisters admin screens of libraries: they show rows of every site, and tokens."""

from django.contrib import admin
from django.contrib.auth.models import Group
from knox.models import AuthToken

for model in (Group, AuthToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
