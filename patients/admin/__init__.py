from patients.admin.scoped import ScopedInline, SiteScopedAdmin, local, own
from patients.admin.staff import StaffMemberAdmin
from patients.admin.surgeries import SurgeryAdmin

__all__ = ["ScopedInline", "SiteScopedAdmin", "StaffMemberAdmin", "SurgeryAdmin", "local", "own"]
