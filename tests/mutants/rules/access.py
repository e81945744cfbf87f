"""Whose rows one sees: the owner, a colleague, a stranger from another site; and whoever has left."""

from tests.mutants.mutant import Mutant

SCOPED, STAFF = "patients/models/scoped.py", "patients/models/staff.py"
API, RECORD = "tests/api/test_access.py::", "tests/staff/test_record.py::"

MUTANTS = [
    Mutant(
        "one sees rows of one's own sites only",
        SCOPED,
        'return self.filter(site__in=Membership.objects.filter(staff=staff).values("site"))',
        "return self.all()",
        ("tests/patients/test_actions.py::test_a_colleague_sees_the_patient_and_a_stranger_does_not",),
    ),
    Mutant(
        "somebody who left sees nothing",
        SCOPED,
        "        if not staff.is_active:\n            return self.none()\n",
        "",
        ("tests/patients/test_actions.py::test_somebody_who_left_sees_nothing_and_a_superuser_no_more_than_others",),
    ),
    Mutant(
        "somebody who left has no role any more",
        STAFF,
        "        if not self.is_active:\n            return False\n",
        "",
        ("tests/patients/test_actions.py::test_somebody_who_left_has_no_role_any_more",),
    ),
    Mutant(
        "a role at one site is none at another",
        STAFF,
        "here = Membership.objects.filter(staff=self, site=site)",
        "here = Membership.objects.filter(staff=self)",
        (API + "test_a_surgeon_elsewhere_who_is_reception_here_decides_nothing_here",),
    ),
    Mutant(
        "reception does not decide about a plan",
        STAFF,
        "return self.is_at(site, *DECIDES)",
        "return self.is_at(site)",
        (API + "test_reception_enrols_and_books_but_does_not_move_cancel_or_skip",),
    ),
    Mutant(
        "a staff page opens to members of a site only",
        "clinic/staff/access.py",
        "request.user.is_staff and request.user.memberships.exists()",
        "request.user.is_staff",
        ("tests/staff/test_enrol.py::test_who_belongs_to_no_site_reads_why",),
    ),
    Mutant(
        "a staff page opens to nobody who is not signed in",
        "clinic/staff/access.py",
        "        if not request.user.is_authenticated:",
        "        if False:",
        ("tests/staff/test_enrol.py::test_who_is_signed_out_is_asked_to_sign_in",),
    ),
    Mutant(
        "a record is shown to the people of its site",
        "clinic/staff/record/views.py",
        "surgeries = Surgery.objects.for_staff(staff).select_related(",
        "surgeries = Surgery.objects.select_related(",
        (RECORD + "test_a_colleague_at_reception_sees_but_does_not_decide_a_stranger_finds_nothing",),
    ),
    Mutant(
        "a contact is reached through its own patient's record",
        "clinic/staff/record/contact_views.py",
        "return get_object_or_404(contacts, pk=pk, patient=surgery.patient)",
        "return get_object_or_404(contacts, pk=pk)",
        (RECORD + "test_a_contact_of_another_patient_cannot_be_reached_through_this_record",),
    ),
    Mutant(
        "in the API too a contact is reached through its own patient",
        "clinic/api/patients.py",
        "return get_object_or_404(contacts_of(staff(self.request), self.get_object()), pk=pk)",
        "return get_object_or_404(contacts_of(staff(self.request)), pk=pk)",
        ("tests/api/test_patients.py::test_a_contact_of_another_patient_is_not_there",),
    ),
    Mutant(
        "a stranger cannot reach in through the fields of a body",
        "clinic/api/fields.py",
        "        found: QuerySet[Any] = rows.for_staff(me)\n",
        "        found: QuerySet[Any] = rows.all()\n",
        (API + "test_a_stranger_cannot_reach_in_through_the_fields_of_a_body",),
    ),
    Mutant(
        "the API lists reminders of one's own sites",
        "clinic/api/reminders.py",
        "rows = Reminder.objects.for_staff(me).with_patient()",
        "rows = Reminder.objects.with_patient()",
        (API + "test_for_a_stranger_nothing_of_the_site_exists",),
    ),
    Mutant(
        "the API lists check-ins of one's own sites",
        "clinic/api/check_ins.py",
        "return CheckIn.objects.for_staff(staff(self.request)).select_related(",
        "return CheckIn.objects.select_related(",
        (API + "test_for_a_stranger_nothing_of_the_site_exists",),
    ),
    Mutant(
        "the API shows alerts to the people of their site",
        "clinic/api/alerts.py",
        "            Alert.objects.for_staff(staff(self.request))\n",
        "            Alert.objects.all()\n",
        ("tests/api/test_alerts.py::test_for_a_stranger_there_is_none",),
    ),
    Mutant(
        "the board's search finds patients of one's own sites",
        "clinic/staff/board/queries.py",
        "patients = Patient.objects.for_staff(staff).matching(words)",
        "patients = Patient.objects.matching(words)",
        ("tests/staff/test_board_rights.py::test_a_stranger_sees_and_finds_no_patient_of_this_site",),
    ),
    Mutant(
        "whom else a phone serves is told of one's own sites",
        "clinic/staff/shared_phones.py",
        '.filter(pk__in=Contact.objects.for_staff(staff).values("pk"))',
        "",
        ("tests/staff/test_caregivers.py::test_whom_a_phone_serves_is_told_to_nobody_of_another_site",),
    ),
    Mutant(
        "the admin shows rows of one's own sites",
        "patients/admin/scoped.py",
        'return rows.for_staff(staff) if hasattr(rows, "for_staff") else rows',
        "return rows",
        ("tests/staff/test_admin_lists.py::test_every_list_and_page_is_seen_by_colleagues_and_by_no_stranger",),
    ),
    Mutant(
        "the token of somebody who left is dead",
        "clinic/api/access.py",
        "return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]",
        "from knox.models import AuthToken\n        row = AuthToken.objects.get(token_key=token.decode()[:15])\n"
        "        return row.user, row",
        ("tests/api/test_signing_in.py::test_somebody_who_left_cannot_sign_in_and_their_token_is_dead",),
    ),
    Mutant(
        "guessing one person's password is slowed down",
        "clinic/api/auth.py",
        "throttle_classes = [TriesByAddress, TriesByName]",
        "throttle_classes = [TriesByAddress]",
        ("tests/api/test_signing_in.py::test_guessing_one_persons_password_is_slowed_down_and_told_when_to_try_again",),
    ),
    Mutant(
        "a manager who left is not the one who stays",
        "patients/admin/staff.py",
        "role=Role.MANAGER, staff__is_active=True)",
        "role=Role.MANAGER)",
        ("tests/staff/test_admin_staff.py::test_a_manager_who_left_does_not_count_as_the_last_one",),
    ),
]
