"""A page of a draft's blanks: each filled in, struck or left open. Filling in is for editors; the signature is not."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from patients import clock
from reminders.admin.rights import CLINICAL
from reminders.plan import blank_editing
from reminders.plan.blank_rows import BlankRow, rows_of
from reminders.plan.blanks import STRUCK
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.protocol import VersionState


class BlankPages:
    """For `ProtocolVersionAdmin`, beside its other pages."""

    admin_site: Any
    has_role: Any
    _own: Any

    @method_decorator(require_http_methods(["GET", "POST"]))
    def blanks(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody of the site reads it; a surgeon or a manager fills it in while the version is a draft."""
        version, by = self._own(request, pk), request.user
        is_open = version.state == VersionState.DRAFT and self.has_role(request, CLINICAL, version)
        rows = rows_of(version)
        if request.method == "POST":
            if not self.has_role(request, CLINICAL, version):
                raise PermissionDenied("Only a surgeon or a manager of the site can edit this draft.")
            typed = {row.name: _typed(request.POST, row.name) for row in rows}
            was = {row.name: request.POST.get(f"was-{row.name}", row.value) for row in rows}
            try:
                blank_editing.fill(version, typed, by=by, now=clock.now(), was=was)  # type: ignore[arg-type]
            except ValidationError as error:
                rows = _refused(request, rows, typed, error)
            else:
                still = sum(not value for value in typed.values())
                messages.success(request, f"Saved. {still} still open." if still else "Saved. No blank is open.")
                return redirect("admin:reminders_protocolversion_change", version.pk)
        return self._shown_blanks(request, version, rows, is_open=is_open)

    def _shown_blanks(
        self, request: HttpRequest, version: ProtocolVersion, rows: list[BlankRow], *, is_open: bool
    ) -> HttpResponse:
        about = {"title": f"Blanks of {version}", "version": version, "rows": rows, "is_open": is_open}
        return render(request, "admin/reminders/blanks.html", self.admin_site.each_context(request) | about)


def _typed(post: QueryDict, name: str) -> str:
    """A number with its unit; "" where nothing is typed, however the unit stands."""
    if f"struck-{name}" in post:
        return STRUCK
    amount = post.get(f"amount-{name}", "").strip().replace(",", ".").removesuffix(".0")
    return f"{amount} {post.get(f'unit-{name}', '')}" if amount else ""


def _refused(
    request: HttpRequest, rows: list[BlankRow], typed: dict[str, str], error: ValidationError
) -> list[BlankRow]:
    """What was typed stays in the boxes, each mistake beside its own."""
    if not hasattr(error, "error_dict"):
        messages.error(request, error.messages[0])
        return rows
    messages.error(request, "Not saved. What is wrong is said beside each.")
    wrong = error.message_dict
    return [replace(row, value=typed[row.name], wrong=" ".join(wrong.get(row.name, []))) for row in rows]
