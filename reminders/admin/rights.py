"""Who edits what patients are told."""

from patients.models.staff import Role

CLINICAL = frozenset([Role.SURGEON, Role.MANAGER])
