"""A file becomes a draft: of a protocol the site has, or of a new one. All of it or nothing."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from patients import audit
from patients.models import Procedure, Site, StaffMember
from patients.models.staff import Role
from reminders.plan.draft_editing import next_version
from reminders.plan.files.document import Document
from reminders.plan.files.document_rows import ABOUT_A_VERSION, parts_of
from reminders.plan.files.parse import read
from reminders.plan.files.yaml_tree import UnreadableFile
from reminders.plan.models import DefaultProtocol, Protocol, ProtocolVersion


@transaction.atomic
def take(data: bytes, *, site: Site, new: bool, by: StaffMember, now: datetime) -> ProtocolVersion:
    """With `new` a protocol of its own, else the next version of the site's protocol with the file's code.

    Raises UnreadableFile with every sentence. A protocol the site has keeps its name, family and summary: all its
    versions share them.
    """
    if not by.is_at(site, Role.SURGEON, Role.MANAGER):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can import a protocol.")
    document = read(data)
    draft = next_version(_new(site, document) if new else _known(site, document))
    for name in ABOUT_A_VERSION:
        setattr(draft, name, document[name])
    draft.save()
    parts = parts_of(draft, document)
    if wrong := list(parts.faults()):
        raise UnreadableFile(*wrong)
    parts.save()
    audit.record("imported", of=draft, by=by, now=now)
    return draft


def _new(site: Site, document: Document) -> Protocol:
    code = document["code"]
    if known := Protocol.objects.for_site(site).filter(code=code).first():
        raise UnreadableFile(
            f"“{code}” is the code of “{known}” here. Import it as a new version of that, or change the code."
        )
    head = {name: document[name] for name in ("code", "name", "family", "summary")}
    protocol = Protocol.objects.create(site=site, **head)
    for procedure in Procedure.objects.filter(family=protocol.family):
        DefaultProtocol.objects.get_or_create(site=site, procedure=procedure, defaults={"protocol": protocol})
    return protocol


def _known(site: Site, document: Document) -> Protocol:
    protocols = Protocol.objects.for_site(site)
    if known := protocols.filter(code=document["code"]).first():
        return known
    codes = ", ".join(protocols.order_by("code").values_list("code", flat=True)) or "none yet"
    raise UnreadableFile(
        f"{site} has no protocol “{document['code']}”. Import it as a new protocol, "
        f"or change the code in the file to one of: {codes}."
    )
