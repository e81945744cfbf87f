"""What is done with a version as a whole: signed, retired, copied, compared, exported. A page or a button each."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from patients import clock
from patients.models.staff import Role
from reminders.admin.blank_pages import BlankPages
from reminders.admin.rights import CLINICAL
from reminders.plan import signing
from reminders.plan.blank_rows import rows_of
from reminders.plan.files.document_rows import document_of, export, fingerprint
from reminders.plan.models import CarePlan, ProtocolVersion
from reminders.plan.models.protocol import VersionState
from reminders.plan.version_diff import chapters
from reminders.plan.version_review import judge


class VersionPages(BlankPages):
    """For `ProtocolVersionAdmin`: every page begins with the rows of one's own sites."""

    admin_site: Any
    has_role: Any

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "blanks": self.blanks,
            "sign": self.sign,
            "retire": self.retire,
            "new-version": self.branch,
            "export": self.export,
            "compare": self.compare,
        }
        names = {"new-version": "branch"}
        own = [
            path(
                f"<int:pk>/{word}/",
                self.admin_site.admin_view(page),
                name=f"reminders_protocolversion_{names.get(word, word)}",
            )
            for word, page in pages.items()
        ]
        return own + list(super().get_urls())  # type: ignore[misc]

    @method_decorator(require_http_methods(["GET", "POST"]))
    def sign(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every fault and every warning at once; signed only with the warnings ticked that are shown here."""
        version, by = self._own(request, pk), request.user
        if not self.has_role(request, [Role.SURGEON], version):
            raise PermissionDenied("Only a surgeon of the site can sign this protocol.")
        if version.state != VersionState.DRAFT:
            messages.info(request, f"{version} is {version.state}.")
            return redirect("admin:reminders_protocolversion_change", version.pk)
        read = request.POST.getlist("read")
        if request.method == "POST":
            try:
                seen = request.POST.get("seen", "")
                signing.sign(version, by=by, now=clock.now(), read=read, seen=seen)  # type: ignore[arg-type]
            except ValidationError as error:
                changed = error.messages[0] if seen != fingerprint(version) else "What is missing is listed below."
                messages.error(request, f"Not signed. {changed}")
            else:
                messages.success(request, f"{version} is signed. Patients can be enrolled on it.")
                return redirect("admin:reminders_protocolversion_change", version.pk)
        before = version.protocol.signed_version
        return self._page(
            request,
            "admin/reminders/sign.html",
            f"Sign {version}",
            version=version,
            verdict=judge(version),
            read=read,
            seen=fingerprint(version),
            asked=request.method == "POST",
            before=before,
            blanks=rows_of(version),
            staying=CarePlan.objects.filter(version=before).active().count() if before else 0,
        )

    @method_decorator(require_POST)
    def retire(self, request: HttpRequest, pk: int) -> HttpResponse:
        version, by = self._own(request, pk), request.user
        try:
            signing.retire(version, by=by, now=clock.now())  # type: ignore[arg-type]
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"{version} is retired. Its patients stay on it; nobody new is enrolled on it.")
        return redirect("admin:reminders_protocolversion_change", version.pk)

    @method_decorator(require_POST)
    def branch(self, request: HttpRequest, pk: int) -> HttpResponse:
        version, by = self._own(request, pk), request.user
        if not self.has_role(request, CLINICAL, version):
            raise PermissionDenied("Only a surgeon or a manager of the site can begin a new version.")
        draft = signing.new_version(version, by=by, now=clock.now())  # type: ignore[arg-type]
        messages.success(request, f"{draft} is a draft: change what should change, then sign it.")
        return redirect("admin:reminders_protocolversion_change", draft.pk)

    @method_decorator(require_GET)
    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._own(request, pk)
        name = f"{version.protocol.code}-version-{version.number}.yaml"
        return HttpResponse(
            export(version),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @method_decorator(require_GET)
    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What `pk` changes against another version of the same protocol: the one asked for, else the one before."""
        version = self._own(request, pk)
        others = version.protocol.versions.exclude(pk=version.pk).order_by("-number")
        asked = request.GET.get("with", "")
        earlier = others.filter(pk=asked).first() if asked.isdigit() else None
        earlier = earlier or others.filter(number__lt=version.number).first() or others.first()
        found = chapters(document_of(earlier), document_of(version)) if earlier else []
        return self._page(
            request,
            "admin/reminders/compare.html",
            f"What changes in {version}",
            version=version,
            earlier=earlier,
            others=others,
            chapters=found,
        )

    def _own(self, request: HttpRequest, pk: int) -> ProtocolVersion:
        version: ProtocolVersion | None = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]
        if version is None:
            raise Http404
        return version

    def _page(self, request: HttpRequest, template: str, title: str, **context: object) -> HttpResponse:
        return render(request, template, self.admin_site.each_context(request) | {"title": title} | context)
