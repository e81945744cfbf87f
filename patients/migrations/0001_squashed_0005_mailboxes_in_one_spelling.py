"""The first five migrations in one step, for an empty database; where some of them have run, the others still do."""

import datetime

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models

import patients.consent
import patients.models.mailbox
import patients.models.site
import patients.validators


class Migration(migrations.Migration):
    replaces = [
        ("patients", "0001_initial"),
        ("patients", "0002_delivery_contract"),
        ("patients", "0003_facts_that_pace_a_plan"),
        ("patients", "0004_words_of_the_message_budget"),
        ("patients", "0005_mailboxes_in_one_spelling"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "short_name",
                    models.CharField(help_text="Every text starts with it; at most 22 characters.", max_length=22),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="America/New_York", max_length=64, validators=[patients.validators.time_zone]
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        default="US",
                        help_text="ISO 3166; for phone numbers and holidays.",
                        max_length=2,
                        validators=[patients.validators.country],
                    ),
                ),
                (
                    "languages",
                    models.JSONField(default=patients.models.site.english, validators=[patients.validators.languages]),
                ),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(
                        help_text="The number patients are told to call.", max_length=128, region=None
                    ),
                ),
                ("emergency_number", models.CharField(default="911", max_length=16)),
                (
                    "send_from",
                    models.TimeField(
                        default=datetime.time(9, 0),
                        help_text="End of the quiet hours: no message is sent before this time.",
                    ),
                ),
                (
                    "send_until",
                    models.TimeField(
                        default=datetime.time(20, 0),
                        help_text="Start of the quiet hours: no message is sent from this time on.",
                    ),
                ),
                ("staffed_from", models.TimeField(default=datetime.time(8, 0))),
                ("staffed_until", models.TimeField(default=datetime.time(17, 0))),
                (
                    "staffed_weekdays",
                    models.JSONField(
                        default=patients.models.site.monday_to_friday, validators=[patients.validators.weekdays]
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("test", "test: every message stays in the outbox"),
                            ("trial", "trial: only contacts marked as trial recipients get messages"),
                            ("live", "live: patients get messages"),
                        ],
                        default="test",
                        max_length=8,
                    ),
                ),
                ("treats_minors", models.BooleanField(default=False)),
                (
                    "when_unknown",
                    models.CharField(
                        choices=[
                            ("never", "never send it again: reception calls"),
                            ("again", "send it once more, when the provider's own list does not show it"),
                            ("email", "send it by e-mail, even if both may arrive"),
                        ],
                        default="again",
                        max_length=8,
                        verbose_name="when it is not known whether a text was sent",
                    ),
                ),
                (
                    "texts_a_day",
                    models.PositiveSmallIntegerField(
                        default=6,
                        help_text="To one phone number, within 24 hours, counting every text. Any more wait.",
                    ),
                ),
                (
                    "texts_a_week",
                    models.PositiveSmallIntegerField(default=14, help_text="To one phone number, within 7 days."),
                ),
                (
                    "messages_a_day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="What a plan sends to one contact. Visits and warnings always keep their day and count; then come check-ins, other questions, and the rest. What is too much moves to the next free day, is merged with one that says the same, or is left out.",
                    ),
                ),
                (
                    "messages_a_week",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="The same, within any 7 days. Check-ins, and words about therapy that was ordered, go even in a full week.",
                    ),
                ),
                (
                    "part_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=5,
                        help_text="What the provider charges for one part, for the editor's estimate. Empty: no price is shown.",
                        max_digits=7,
                        null=True,
                        verbose_name="price of one text part",
                    ),
                ),
                (
                    "price_currency",
                    models.CharField(default="USD", max_length=3, validators=[patients.validators.currency]),
                ),
                (
                    "daily_cap",
                    models.PositiveIntegerField(
                        blank=True, help_text="Texts of the whole site within 24 hours. Empty: no limit.", null=True
                    ),
                ),
                (
                    "text_countries",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Countries texts may be sent to, such as US, CA. Empty: the site's own.",
                        validators=[patients.validators.countries],
                    ),
                ),
                (
                    "stop_covers_all",
                    models.BooleanField(
                        default=False,
                        help_text="A STOP by text also ends the same person's e-mails.",
                        verbose_name="STOP ends e-mail too",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("send_from__lt", models.F("send_until"))),
                        name="sends_from_before_until",
                        violation_error_message="Sending must start before it stops, such as from 09:00 until 20:00.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("staffed_from__lt", models.F("staffed_until"))),
                        name="staffed_from_before_until",
                        violation_error_message="Staffed hours must start before they end, such as from 08:00 until 17:00.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["test", "trial", "live"])), name="site_mode_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("when_unknown__in", ["never", "again", "email"])),
                        name="site_unknown_policy_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("messages_a_day__gte", 1), ("messages_a_week__gte", models.F("messages_a_day"))
                        ),
                        name="message_budget_makes_sense",
                        violation_error_message="At least 1 message a day, and a week allows at least as many as a day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("texts_a_day__gte", 1), ("texts_a_week__gte", models.F("texts_a_day"))),
                        name="text_limits_make_sense",
                        violation_error_message="At least 1 text a day, and a week allows at least as many as a day.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="closed_days", to="patients.site"
                    ),
                ),
                ("date", models.DateField()),
                ("name", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "ordering": ["date"],
                "constraints": [models.UniqueConstraint(fields=("site", "date"), name="one_closed_day_per_date")],
            },
        ),
        migrations.CreateModel(
            name="StaffMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff member",
                "ordering": ["last_name", "first_name", "username"],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="patients.site"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("surgeon", "Surgeon"), ("reception", "Reception"), ("manager", "Manager")],
                        max_length=16,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("staff", "site", "role"), name="one_membership_per_role"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["surgeon", "reception", "manager"])), name="role_is_known"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="staffmember",
            name="sites",
            field=models.ManyToManyField(
                related_name="staff_members", through="patients.Membership", to="patients.site"
            ),
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="patients", to="patients.site"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        help_text="The clinic's own number (MRN).", max_length=64, verbose_name="patient number"
                    ),
                ),
                ("given_name", models.CharField(max_length=80)),
                ("family_name", models.CharField(max_length=80)),
                ("birth_date", models.DateField()),
                ("language", models.CharField(default="en", max_length=16, validators=[patients.validators.language])),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        help_text="Only when not the site's own.",
                        max_length=64,
                        validators=[patients.validators.time_zone],
                    ),
                ),
                (
                    "conditions",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Known conditions that may slow healing.",
                        validators=[patients.validators.conditions],
                    ),
                ),
                (
                    "bmi_band",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not known"),
                            ("under_18_5", "under 18.5"),
                            ("18_5_to_25", "18.5 to under 25"),
                            ("25_to_30", "25 to under 30"),
                            ("30_to_35", "30 to under 35"),
                            ("35_to_40", "35 to under 40"),
                            ("40_or_more", "40 or more"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="BMI",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("transferred", "Transferred"), ("deceased", "Deceased")],
                        default="active",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["family_name", "given_name", "pk"],
                "indexes": [models.Index(fields=["site", "family_name", "given_name"], name="patient_by_name")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "number"),
                        name="one_patient_per_number",
                        violation_error_message="This site already has a patient with this number.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True), name="patient_has_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "transferred", "deceased"])),
                        name="patient_status_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Procedure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("base", "minimally invasive spine surgery"),
                            ("decompression", "decompression, discectomy, endoscopic, foraminotomy"),
                            ("fusion", "fusion: TLIF, PLIF, LLIF"),
                            ("vertebroplasty", "kyphoplasty, vertebroplasty"),
                            ("si_fusion", "SI joint fusion"),
                        ],
                        max_length=16,
                    ),
                ),
            ],
            options={
                "ordering": ["family", "name"],
            },
        ),
        migrations.CreateModel(
            name="Surgery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="surgeries", to="patients.site"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="surgeries", to="patients.patient"
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.procedure"
                    ),
                ),
                (
                    "surgeon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surgeries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "date",
                    models.DateField(
                        help_text="Day 0 of the plan, in the site's time zone.", verbose_name="day of surgery"
                    ),
                ),
                (
                    "physical_therapy",
                    models.CharField(
                        choices=[
                            ("undecided", "not decided yet"),
                            ("ordered", "ordered, at the protocol's time"),
                            ("ordered_early", "ordered early, may begin in weeks 1-2"),
                            ("declined", "not for this patient"),
                        ],
                        default="undecided",
                        max_length=14,
                    ),
                ),
                (
                    "job",
                    models.CharField(
                        choices=[
                            ("unknown", "not known"),
                            ("none", "does not work"),
                            ("desk", "desk work"),
                            ("physical", "physical work"),
                        ],
                        default="unknown",
                        max_length=10,
                        verbose_name="kind of job",
                    ),
                ),
                (
                    "levels",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How many levels of the spine. Empty: not recorded.",
                        null=True,
                        verbose_name="levels treated",
                    ),
                ),
                (
                    "asa_class",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Overall health before the operation, 1 (healthy) to 4. Empty: not recorded.",
                        null=True,
                        verbose_name="ASA class",
                    ),
                ),
                (
                    "enrolment_key",
                    models.CharField(
                        blank=True, help_text="Idempotency key: a repeated request changes nothing.", max_length=80
                    ),
                ),
                ("enrolled_at", models.DateTimeField()),
                (
                    "enrolled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_why", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name_plural": "surgeries",
                "ordering": ["-date", "pk"],
                "indexes": [models.Index(fields=["site", "-date"], name="surgery_by_date")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None)),
                        fields=("patient", "date"),
                        name="one_surgery_per_patient_and_day",
                        violation_error_message="This patient already has an operation on that day. Open that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("levels__isnull", True), ("levels__range", (1, 25)), _connector="OR"),
                        name="levels_are_few",
                        violation_error_message="Give the number of levels treated, 1 to 25, or leave it empty.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asa_class__isnull", True), ("asa_class__range", (1, 4)), _connector="OR"),
                        name="asa_class_is_1_to_4",
                        violation_error_message="Give the ASA class, 1 to 4, or leave it empty.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("enrolment_key", ""), _negated=True),
                        fields=("site", "enrolment_key"),
                        name="one_surgery_per_enrolment_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_ups", to="patients.site"
                    ),
                ),
                (
                    "surgery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="check_ups", to="patients.surgery"
                    ),
                ),
                ("code", models.SlugField(help_text="The check-up's code in the protocol, such as six-weeks.")),
                (
                    "occurrence",
                    models.PositiveSmallIntegerField(default=0, help_text="Counts from 0; a yearly visit has many."),
                ),
                ("title", models.CharField(max_length=80)),
                ("window_opens", models.DateField()),
                ("target_day", models.DateField()),
                ("window_closes", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "not booked"),
                            ("booked", "Booked"),
                            ("confirmed", "Confirmed"),
                            ("attended", "Attended"),
                            ("missed", "Missed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("booked_for", models.DateTimeField(blank=True, null=True)),
                (
                    "bookings",
                    models.PositiveSmallIntegerField(default=0, help_text="How often it was booked or moved."),
                ),
            ],
            options={
                "ordering": ["window_opens", "pk"],
                "indexes": [
                    models.Index(fields=["site", "state", "window_closes"], name="check_up_by_window"),
                    models.Index(fields=["site", "state", "booked_for"], name="check_up_by_booking"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("surgery", "code", "occurrence"), name="one_check_up_per_occurrence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["booked", "confirmed"]), _negated=True),
                            ("booked_for__isnull", False),
                            _connector="OR",
                        ),
                        name="booked_check_up_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("window_opens__lte", models.F("target_day")),
                            ("target_day__lte", models.F("window_closes")),
                        ),
                        name="check_up_target_in_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["due", "booked", "confirmed", "attended", "missed", "cancelled"])
                        ),
                        name="check_up_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.site"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="patients.patient"
                    ),
                ),
                (
                    "relationship",
                    models.CharField(
                        choices=[("self", "the patient"), ("caregiver", "a caregiver")], default="self", max_length=12
                    ),
                ),
                ("name", models.CharField(blank=True, help_text="The caregiver's name.", max_length=120)),
                ("phone", phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None)),
                ("email", patients.models.mailbox.MailboxField(blank=True, max_length=254)),
                ("language", models.CharField(default="en", max_length=16, validators=[patients.validators.language])),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "everything"), ("visits", "visits only"), ("warnings", "visits and warnings")],
                        default="all",
                        max_length=12,
                    ),
                ),
                (
                    "is_trial_recipient",
                    models.BooleanField(default=False, help_text="Gets messages while the site is in trial mode."),
                ),
                (
                    "unusable_since",
                    models.DateTimeField(
                        blank=True, help_text="Since when a carrier reports that it cannot be reached.", null=True
                    ),
                ),
                ("unusable_reason", models.CharField(blank=True, max_length=120)),
                (
                    "held_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="May be an opt-out: nothing is sent until somebody has decided.",
                        null=True,
                    ),
                ),
                ("held_reason", models.CharField(blank=True, max_length=120)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["site", "phone"], name="contact_by_phone"),
                    models.Index(fields=["site", "email"], name="contact_by_email"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phone", ""), models.Q(("email", ""), _negated=True)),
                            models.Q(models.Q(("phone", ""), _negated=True), ("email", "")),
                            _connector="OR",
                        ),
                        name="contact_is_phone_or_email",
                        violation_error_message="Enter either a phone number or an e-mail address.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("phone", ""), _negated=True), ("ended_at", None)),
                        fields=("patient", "phone"),
                        name="one_contact_per_phone",
                        violation_error_message="This patient already has this phone number. Change that contact instead.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("email", ""), _negated=True), ("ended_at", None)),
                        fields=("patient", "email"),
                        name="one_contact_per_email",
                        violation_error_message="This patient already has this e-mail address. Change that contact instead.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent_events",
                        to="patients.contact",
                    ),
                ),
                ("kind", models.CharField(choices=[("given", "given"), ("withdrawn", "withdrawn")], max_length=10)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("paper", "signed on paper"),
                            ("verbal", "in person or by phone"),
                            ("sms", "answered by text"),
                            ("link", "by a link in a message"),
                            ("import", "from an import"),
                            ("provider", "reported by the carrier"),
                        ],
                        max_length=12,
                    ),
                ),
                ("wording", models.TextField(help_text="What was agreed to or said, word for word.")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["contact", "-id"], name="latest_consent")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [patients.consent.ConsentKind["GIVEN"], patients.consent.ConsentKind["WITHDRAWN"]],
                            )
                        ),
                        name="consent_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wording", ""), _negated=True), name="consent_has_wording"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TherapySession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.site"
                    ),
                ),
                (
                    "surgery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="therapy_sessions",
                        to="patients.surgery",
                    ),
                ),
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("attended", "Attended"), ("missed", "Missed")],
                        default="planned",
                        max_length=8,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("staff", "recorded by staff"), ("patient", "reported by the patient")],
                        default="staff",
                        max_length=8,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["day", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("surgery", "day"),
                        name="one_therapy_session_per_day",
                        violation_error_message="A session is already recorded for that day. Change that one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "attended", "missed"])),
                        name="therapy_session_state_is_known",
                    ),
                ],
            },
        ),
    ]
