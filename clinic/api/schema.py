"""What the OpenAPI description says beyond what it reads from the code: the token, the problems, what is refused."""

from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from patients.patient_matching import Likeness

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type={"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[!-~]{1,80}$"},
    location=OpenApiParameter.HEADER,
    description="Any text you choose, one per enrolment, such as a UUID. Sent again with the same facts, it answers "
    "with the first surgery and `Idempotency-Replayed: true`; with other facts it is refused.",
)
VERSION_NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Counts from 1.")
CANDIDATES = {
    "type": "array",
    "description": "Patients of the site who may be the one that was sent, the likeliest first.",
    "items": {
        "type": "object",
        "required": ["id", "number", "why"],
        "properties": {
            "id": {"type": "integer"},
            "number": {"type": "string", "description": "The patient number."},
            "why": {"type": "array", "items": {"type": "string", "enum": [like.value for like in Likeness]}},
        },
    },
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "Names the kind of problem.",
            "example": "urn:aftercare:problem:conflict",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person; says what would be right."},
        "existing": {
            "type": "string",
            "description": "The address of what exists already, if that is the problem.",
        },
        "candidates": CANDIDATES,
        "running_plans": {
            "type": "array",
            "description": "Plans of this patient that run: say in `running_plan` what becomes of them.",
            "items": {
                "type": "object",
                "required": ["surgery", "procedure", "date", "url"],
                "properties": {
                    "surgery": {"type": "integer"},
                    "procedure": {"type": "string"},
                    "date": {"type": "string", "format": "date"},
                    "url": {"type": "string"},
                },
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body.", "example": "#/date"},
                    "parameter": {"type": "string", "description": "Name of the query parameter."},
                    "header": {"type": "string", "description": "Name of the header."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_ENROLS = (
    "May be registered already (`candidates`; send `insist`), has a plan that runs (`running_plans`; send "
    "`running_plan`), or the number or the day is taken (`existing`)."
)
_REGISTERS = "The number is taken (`existing`), or may be registered already (`candidates`; send `insist`)."
_ADDS = "The patient has it already, or another patient of the same date of birth has it (`candidates`; send `insist`)."
CONFLICTS = {  # by method and end of the path
    ("post", "/surgeries/"): _ENROLS,
    ("post", "/surgeries/preview/"): _ENROLS,
    ("post", "/patients/"): _REGISTERS,
    ("post", "/patients/{id}/contacts/"): _ADDS,
}
USUAL = {
    "400": "Something in the request is not right; `errors` names it.",
    "401": "No valid token or session.",
    "404": "It does not exist, or belongs to a site you do not work at.",
    "default": "Any other problem: not allowed for your role (403), not possible in this state (409), and so on.",
}


class TokenScheme(KnoxTokenScheme):
    target_class = "clinic.api.access.TokenSignIn"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        scheme: dict[str, Any] = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        return scheme | {"description": "From `POST auth/token/`. Stored hashed; ends after 12 hours or when revoked."}


def say_what_is_refused(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: problem documents everywhere, and no unknown field in any body."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for (its_method, end), said in CONFLICTS.items():
                if method == its_method and path.endswith(end):
                    operation["responses"]["409"] = _problem(said)
            for code in USUAL:
                if code != "404" or "{" in path:
                    operation["responses"].setdefault(code, _problem(USUAL[code]))
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return result


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}
