"""The first eight migrations in one step, for an empty database; where some of them have run, the others still do."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.validators
import reminders.delivery.state
import reminders.plan.models.careplan
import reminders.plan.values
from reminders.plan import signed_guard


def set_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":  # on SQLite after every migration: it rebuilds tables
        signed_guard.set_up(schema_editor.connection)


def lift(apps, schema_editor):
    signed_guard.lift(schema_editor.connection)


class Migration(migrations.Migration):
    replaces = [
        ("reminders", "0001_initial"),
        ("reminders", "0002_signed_versions_never_change"),
        ("reminders", "0003_delivery_contract"),
        ("reminders", "0004_a_plan_of_ones_own"),
        ("reminders", "0005_notices_ranges_answers_and_contradictions"),
        ("reminders", "0006_the_budget_of_messages"),
        ("reminders", "0007_one_alert_per_episode_and_check_ins_by_phone"),
        ("reminders", "0008_messages_added_by_surgeons"),
    ]

    initial = True

    dependencies = [
        ("patients", "0001_squashed_0005_mailboxes_in_one_spelling"),
    ]

    operations = [
        migrations.CreateModel(
            name="Protocol",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="protocols", to="patients.site"
                    ),
                ),
                ("code", models.SlugField()),
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
                ("summary", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["site", "name"],
                "constraints": [models.UniqueConstraint(fields=("site", "code"), name="one_protocol_per_code")],
            },
        ),
        migrations.CreateModel(
            name="DefaultProtocol",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="default_protocols",
                        to="patients.site",
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="default_protocols",
                        to="patients.procedure",
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="default_for", to="reminders.protocol"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site", "procedure"), name="one_default_protocol_per_procedure")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProtocolVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="reminders.protocol"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("signed", "Signed"), ("retired", "Retired")],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "expected_pain",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="The expected course, to draw a patient's answers beside: [[day, lowest, highest], …], pain 0 to 10.",
                        validators=[patients.validators.expected_pain],
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["protocol", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "number"), name="one_version_per_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "signed")),
                        fields=("protocol",),
                        name="one_signed_version_per_protocol",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(("signed_at__isnull", False), ("signed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="signed_version_has_signature",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CarePlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "surgery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="care_plan", to="patients.surgery"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_plans",
                        to="reminders.protocolversion",
                    ),
                ),
                (
                    "laid_out_until",
                    models.DateField(help_text="Endless repeats are planned up to this day; extended nightly."),
                ),
                (
                    "channels",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="The patient's channels when the plan was last computed.",
                        max_length=20,
                    ),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Counts decisions, so that a decision on an outdated plan is refused.",
                    ),
                ),
                (
                    "link",
                    models.CharField(
                        default=reminders.plan.models.careplan.new_link, editable=False, max_length=24, unique=True
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["laid_out_until"], name="care_plan_horizon")],
            },
        ),
        migrations.CreateModel(
            name="VersionMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="version_moves", to="patients.site"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reminders.protocolversion"
                    ),
                ),
                ("why", models.CharField(max_length=200)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField()),
                ("total", models.PositiveIntegerField(default=0)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                (
                    "worked_at",
                    models.DateTimeField(blank=True, help_text="When a worker last made progress.", null=True),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(
                        blank=True, help_text="When somebody stopped it; it can be continued.", null=True
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)),
                        fields=("version",),
                        name="one_unfinished_move_per_version",
                        violation_error_message="Patients are being moved to this version already. Continue that move.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanChange",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="plan_changes", to="patients.surgery"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hold", "hold"),
                            ("shift", "shift"),
                            ("pace", "pace"),
                            ("skip", "skip"),
                            ("delay", "delay"),
                            ("replace", "replace"),
                            ("add", "add"),
                            ("order_pt", "order pt"),
                            ("date", "date"),
                            ("version", "version"),
                        ],
                        max_length=10,
                    ),
                ),
                ("starts", models.DateField(help_text="From this day on, in the site's time zone.")),
                (
                    "ends",
                    models.DateField(
                        blank=True,
                        help_text="For a hold: the day the plan continues. Empty: until it is released.",
                        null=True,
                    ),
                ),
                ("phase", models.SlugField(blank=True)),
                ("step", models.SlugField(blank=True, max_length=60)),
                (
                    "occurrence",
                    models.PositiveIntegerField(
                        blank=True, help_text="Which repeat of the step. Empty: all.", null=True
                    ),
                ),
                ("days", models.SmallIntegerField(default=0, help_text="Days later; a minus means earlier.")),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        default=100, help_text="Length of the phases that have not started, in percent."
                    ),
                ),
                ("was", models.CharField(blank=True, max_length=80)),
                ("to", models.CharField(blank=True, max_length=80)),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        help_text="The version the plan moves to.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reminders.protocolversion",
                    ),
                ),
                (
                    "was_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reminders.protocolversion",
                    ),
                ),
                (
                    "move",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="changes",
                        to="reminders.versionmove",
                    ),
                ),
                ("why", models.CharField(max_length=200)),
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
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="For a hold: when it was released.", null=True),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_at", None)), fields=["surgery", "id"], name="plan_change_in_force"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends", None), ("kind", "hold"), ("undone_at", None)),
                        fields=("surgery",),
                        name="one_open_hold",
                        violation_error_message="This plan is already held. Release it before you hold it again.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends__isnull", True), ("ends__gte", models.F("starts")), _connector="OR"),
                        name="hold_ends_after_it_begins",
                        violation_error_message="A hold is released on the day it begins or later.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__range", (50, 300))),
                        name="pace_is_possible",
                        violation_error_message="A pace is between 50 and 300 percent; 100 is the protocol's own.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "hold",
                                    "shift",
                                    "pace",
                                    "skip",
                                    "delay",
                                    "replace",
                                    "add",
                                    "order_pt",
                                    "date",
                                    "version",
                                ],
                            )
                        ),
                        name="plan_change_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="plan_change_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaceRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pace_rules", to="patients.site"
                    ),
                ),
                ("code", models.SlugField()),
                (
                    "factor",
                    models.CharField(
                        choices=[
                            ("type_of_surgery", "type of surgery"),
                            ("overall_health", "overall health"),
                            ("age", "age"),
                            ("post_op_care", "post op care"),
                        ],
                        max_length=16,
                    ),
                ),
                ("fact", models.CharField(max_length=24)),
                (
                    "test",
                    models.CharField(
                        choices=[
                            ("at_least", "at least"),
                            ("at_most", "at most"),
                            ("is", "is"),
                            ("includes", "includes"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=24)),
                (
                    "proposes",
                    models.CharField(
                        choices=[
                            ("pace", "pace"),
                            ("check_ins", "check ins"),
                            ("call", "call"),
                            ("nudge", "nudge"),
                            ("next_phase", "next phase"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "words",
                    models.CharField(
                        help_text="The reason shown to the surgeon, such as “{value} years”.", max_length=120
                    ),
                ),
                ("source", models.CharField(blank=True, help_text="The source of the rule.", max_length=200)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["site", "factor", "code"],
                "constraints": [models.UniqueConstraint(fields=("site", "code"), name="one_pace_rule_per_code")],
            },
        ),
        migrations.CreateModel(
            name="PaceProposal",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="patients.surgery"
                    ),
                ),
                (
                    "proposes",
                    models.CharField(
                        choices=[
                            ("pace", "pace"),
                            ("check_ins", "check ins"),
                            ("call", "call"),
                            ("nudge", "nudge"),
                            ("next_phase", "next phase"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reasons", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("outdated", "outdated: the facts changed"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        help_text="The change that accepting it made.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reminders.planchange",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("surgery", "proposes"),
                        name="one_open_proposal_of_a_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phases",
                        to="reminders.protocolversion",
                    ),
                ),
                ("code", models.SlugField()),
                ("first_day", models.PositiveSmallIntegerField()),
                ("last_day", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("title", models.JSONField(default=dict)),
                ("do", models.JSONField(blank=True, default=dict)),
                ("avoid", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["version", "first_day"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="one_phase_per_code"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_day__isnull", True), ("last_day__gte", models.F("first_day")), _connector="OR"
                        ),
                        name="phase_ends_after_it_begins",
                        violation_error_message="A phase ends on its first day or later; the last phase has no end.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckUpDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_ups",
                        to="reminders.protocolversion",
                    ),
                ),
                ("code", models.SlugField()),
                ("title", models.JSONField(default=dict)),
                ("first_day", models.PositiveSmallIntegerField()),
                ("target_day", models.PositiveSmallIntegerField()),
                ("last_day", models.PositiveSmallIntegerField()),
                ("repeat_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["version", "first_day"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="one_check_up_definition_per_code"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_day__lte", models.F("target_day")), ("target_day__lte", models.F("last_day"))
                        ),
                        name="check_up_definition_in_order",
                        violation_error_message="The target day must be between the first and the last day of the window.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("repeat_days__isnull", True), ("repeat_days__gte", 28), _connector="OR"),
                        name="check_up_repeats_rarely",
                        violation_error_message="A check-up repeats every 28 days or less often.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="reminders.protocolversion",
                    ),
                ),
                ("code", models.SlugField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("walk_today", "walk today"),
                            ("avoid_heavy_lifting", "avoid heavy lifting"),
                            ("pain_medicine", "pain medicine"),
                            ("start_pt", "start physical therapy"),
                            ("ask_about_pt", "ask about physical therapy"),
                            ("strengthening", "Strengthening"),
                            ("phase_change", "phase change"),
                            ("listen_to_body", "listen to your body"),
                            ("return_to_work", "return to work"),
                            ("book_check_up", "book check-up"),
                            ("recall", "Recall"),
                            ("visit_reminder", "visit reminder"),
                            ("check_in", "check-in"),
                            ("outcome_questions", "outcome questions"),
                            ("maintenance", "Maintenance"),
                        ],
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="reminders.phase"
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[
                            ("surgery", "surgery"),
                            ("phase_start", "phase start"),
                            ("phase_end", "phase end"),
                            ("check_up_window", "check up window"),
                            ("visit", "visit"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "check_up",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="reminders.checkupdefinition",
                    ),
                ),
                ("offset_days", models.SmallIntegerField(default=0)),
                ("at", models.TimeField(help_text="The patient's local time.")),
                ("channels", models.JSONField(default=list)),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("always", "always"),
                            ("pt_ordered_early", "pt ordered early"),
                            ("pt_ordered", "pt ordered"),
                            ("pt_not_declined", "pt not declined"),
                            ("job_desk", "job desk"),
                            ("job_physical", "job physical"),
                            ("job_unknown", "job unknown"),
                        ],
                        default=reminders.plan.values.Condition["ALWAYS"],
                        max_length=20,
                    ),
                ),
                ("repeat_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "repeat_count",
                    models.PositiveSmallIntegerField(blank=True, help_text="Empty: repeats without end.", null=True),
                ),
                ("useful_days", models.PositiveSmallIntegerField(default=1)),
                ("staffed_days_only", models.BooleanField(default=False)),
                (
                    "late_rule",
                    models.CharField(
                        choices=[
                            (reminders.plan.values.LateRule["UNTIL"], "send it while it is useful"),
                            (reminders.plan.values.LateRule["SKIP"], "leave it out once its day is over"),
                            (reminders.plan.values.LateRule["NEXT"], "leave it out when the next of its kind is due"),
                        ],
                        default=reminders.plan.values.LateRule["UNTIL"],
                        max_length=5,
                        verbose_name="when it is late",
                    ),
                ),
                ("warning", models.BooleanField(default=False)),
                ("why", models.TextField(blank=True, help_text="The source of the shipped value.")),
            ],
            options={
                "ordering": ["version", "phase__first_day", "offset_days", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="one_step_per_code"),
                    models.CheckConstraint(
                        condition=models.Q(("late_rule__in", ["until", "skip", "next"])), name="step_late_rule_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "anchor__in",
                                    [
                                        reminders.plan.values.Anchor["CHECK_UP_WINDOW"],
                                        reminders.plan.values.Anchor["VISIT"],
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("check_up__isnull", False),
                            _connector="OR",
                        ),
                        name="visit_step_names_its_check_up",
                        violation_error_message="A step that depends on a check-up must name it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("anchor", reminders.plan.values.Anchor["SURGERY"]), _negated=True),
                            ("offset_days__gte", 0),
                            _connector="OR",
                        ),
                        name="no_step_before_the_operation",
                        violation_error_message="A step counted from the operation cannot be before day 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("repeat_days__isnull", True), ("repeat_days__gte", 1), _connector="OR"),
                        name="step_repeats_by_days",
                        violation_error_message="Repeat every 1 day or more. Empty: only once.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("repeat_count__isnull", True), ("repeat_count__range", (1, 99)), _connector="OR"
                        ),
                        name="step_repeats_below_100",
                        violation_error_message="Repeat 1 to 99 times. Empty: repeats without end.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="reminders.step"
                    ),
                ),
                ("language", models.CharField(max_length=16, validators=[patients.validators.language])),
                ("sms", models.TextField(blank=True)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("body", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["step", "language"],
                "constraints": [models.UniqueConstraint(fields=("step", "language"), name="one_text_per_language")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="patients.site"
                    ),
                ),
                (
                    "surgery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="patients.surgery"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="reminders.step"
                    ),
                ),
                ("step_code", models.SlugField(help_text="Stays the same from version to version.", max_length=60)),
                ("occurrence", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("useful_until", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("skipped", "Skipped"),
                            ("in_progress", "on its way"),
                            ("done", "delivered"),
                            ("unconfirmed", "Unconfirmed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("suppressed", "not allowed"),
                            ("expired", "Expired"),
                        ],
                        default="planned",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="A code; `why` says it in words.", max_length=20)),
                (
                    "shifts",
                    models.JSONField(
                        blank=True, default=list, help_text="Codes: why it is not on the day and time of the protocol."
                    ),
                ),
                (
                    "moved_from",
                    models.DateField(
                        blank=True, help_text="The day it would have without the site's limit of messages.", null=True
                    ),
                ),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("handled_note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["due_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "planned")), fields=["due_at", "id"], name="reminder_due"
                    ),
                    models.Index(
                        condition=models.Q(("status", "planned")),
                        fields=["site", "due_at", "id"],
                        name="reminder_due_by_site",
                    ),
                    models.Index(fields=["site", "due_at"], name="reminder_by_site"),
                    models.Index(
                        condition=models.Q(
                            ("handled_at", None), ("status__in", ["failed", "suppressed", "expired", "unconfirmed"])
                        ),
                        fields=["site", "due_at"],
                        name="reminder_to_call",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("surgery", "step_code", "occurrence"), name="one_reminder_per_step_and_occurrence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("useful_until__gt", models.F("due_at"))), name="reminder_is_useful_when_due"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "planned",
                                    "skipped",
                                    "in_progress",
                                    "done",
                                    "unconfirmed",
                                    "failed",
                                    "cancelled",
                                    "suppressed",
                                    "expired",
                                ],
                            )
                        ),
                        name="reminder_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["skipped", "cancelled", "suppressed", "expired", "failed"]),
                                _negated=True,
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="nothing_is_silent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="patients.site"
                    ),
                ),
                (
                    "reminder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="reminders.reminder"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="patients.contact"
                    ),
                ),
                ("channel", models.CharField(choices=[("sms", "text"), ("email", "e-mail")], max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("claimed", "claimed"),
                            ("unknown", "unknown"),
                            ("accepted", "accepted"),
                            ("sent", "sent"),
                            ("undelivered_temp", "undelivered temp"),
                            ("undelivered_perm", "undelivered perm"),
                            ("rejected", "rejected"),
                            ("suppressed", "suppressed"),
                            ("cancelled", "cancelled"),
                            ("expired", "expired"),
                            ("unconfirmed", "unconfirmed"),
                            ("delivered", "delivered"),
                        ],
                        default=reminders.delivery.state.State["QUEUED"],
                        max_length=18,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="A code; `why` says it in words.", max_length=20)),
                (
                    "code",
                    models.PositiveIntegerField(
                        default=0, help_text="The provider's code behind the state, if it gave one."
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(choices=[(0, "Warning"), (1, "Visit"), (2, "Other")], default=2),
                ),
                (
                    "is_fallback",
                    models.BooleanField(default=False, help_text="Sent because another channel did not work."),
                ),
                ("not_before", models.DateTimeField()),
                ("useful_until", models.DateTimeField()),
                ("attempt_count", models.PositiveSmallIntegerField(default=0)),
                ("temporary_failures", models.PositiveSmallIntegerField(default=0)),
                ("after_unknown", models.PositiveSmallIntegerField(default=0)),
                ("lost_leases", models.PositiveSmallIntegerField(default=0)),
                ("look_at", models.DateTimeField(blank=True, null=True)),
                ("looks", models.PositiveSmallIntegerField(default=0)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=16)),
                ("text", models.TextField(blank=True, help_text="As it was sent.")),
                ("subject", models.CharField(blank=True, max_length=200)),
                (
                    "parts",
                    models.PositiveSmallIntegerField(default=0, help_text="What the carrier counts and charges."),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["channel", "site", "priority", "not_before", "id"],
                        name="delivery_queued",
                    ),
                    models.Index(
                        condition=models.Q(("look_at__isnull", False)), fields=["look_at"], name="delivery_to_look_up"
                    ),
                    models.Index(fields=["contact", "claimed_at"], name="delivery_by_contact"),
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    reminders.delivery.state.State["QUEUED"],
                                    reminders.delivery.state.State["CLAIMED"],
                                    reminders.delivery.state.State["UNKNOWN"],
                                    reminders.delivery.state.State["ACCEPTED"],
                                    reminders.delivery.state.State["SENT"],
                                    reminders.delivery.state.State["UNDELIVERED_TEMP"],
                                ],
                            )
                        ),
                        fields=["state", "claimed_at"],
                        name="delivery_open",
                    ),
                    models.Index(fields=["site", "claimed_at"], name="delivery_by_site"),
                    models.Index(
                        condition=models.Q(("after_unknown__gt", 0)),
                        fields=["claimed_at"],
                        name="delivery_perhaps_twice",
                    ),
                    models.Index(
                        condition=models.Q(("state", "unconfirmed")), fields=["settled_at"], name="delivery_unconfirmed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reminder", "contact"), name="one_delivery_per_contact"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "queued",
                                    "claimed",
                                    "unknown",
                                    "accepted",
                                    "sent",
                                    "undelivered_temp",
                                    "undelivered_perm",
                                    "rejected",
                                    "suppressed",
                                    "cancelled",
                                    "expired",
                                    "unconfirmed",
                                    "delivered",
                                ],
                            )
                        ),
                        name="delivery_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "suppressed", "cancelled", "expired"]),
                            ("attempt_count__gte", 1),
                            _connector="OR",
                        ),
                        name="started_delivery_has_attempt",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="reminders.delivery"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("route", models.CharField(max_length=8)),
                ("started_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=16)),
                ("provider_id", models.CharField(blank=True, max_length=254)),
                ("code", models.PositiveIntegerField(default=0)),
                ("detail", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["delivery", "number"],
                "indexes": [
                    models.Index(condition=models.Q(("outcome", "")), fields=["lease_until"], name="attempt_leased"),
                    models.Index(fields=["started_at"], name="attempt_by_start"),
                    models.Index(
                        condition=models.Q(("route", "smtp")), fields=["provider_id"], name="attempt_by_mail_id"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("delivery", "number"), name="one_attempt_per_number"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("provider_id", ""), _negated=True), models.Q(("route", "smtp"), _negated=True)
                        ),
                        fields=("provider_id",),
                        name="one_attempt_per_provider_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lease_until__gt", models.F("started_at"))), name="attempt_lease_lasts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "attempt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="reminders.attempt",
                    ),
                ),
                ("attempt_ref", models.UUIDField()),
                ("source", models.CharField(max_length=10)),
                ("provider_id", models.CharField(blank=True, max_length=254)),
                ("status", models.CharField(max_length=24)),
                ("code", models.PositiveIntegerField(default=0)),
                ("received_at", models.DateTimeField()),
                (
                    "is_against",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="It came after the message had another final result (T19).",
                    ),
                ),
            ],
            options={
                "ordering": ["received_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_against", True)), fields=["received_at"], name="report_against"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attempt_ref", "source", "provider_id", "status"), name="one_report_per_status"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="transitions", to="reminders.delivery"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "was",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("queued", "queued"),
                            ("claimed", "claimed"),
                            ("unknown", "unknown"),
                            ("accepted", "accepted"),
                            ("sent", "sent"),
                            ("undelivered_temp", "undelivered temp"),
                            ("undelivered_perm", "undelivered perm"),
                            ("rejected", "rejected"),
                            ("suppressed", "suppressed"),
                            ("cancelled", "cancelled"),
                            ("expired", "expired"),
                            ("unconfirmed", "unconfirmed"),
                            ("delivered", "delivered"),
                        ],
                        max_length=18,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("claimed", "claimed"),
                            ("unknown", "unknown"),
                            ("accepted", "accepted"),
                            ("sent", "sent"),
                            ("undelivered_temp", "undelivered temp"),
                            ("undelivered_perm", "undelivered perm"),
                            ("rejected", "rejected"),
                            ("suppressed", "suppressed"),
                            ("cancelled", "cancelled"),
                            ("expired", "expired"),
                            ("unconfirmed", "unconfirmed"),
                            ("delivered", "delivered"),
                        ],
                        max_length=18,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("code", models.PositiveIntegerField(default=0)),
                ("attempt", models.PositiveSmallIntegerField(default=0, help_text="How many attempts had started.")),
                ("until", models.DateTimeField(blank=True, help_text="Held: not before then.", null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state", "delivered"),
                            (
                                "was__in",
                                ["undelivered_perm", "rejected", "suppressed", "cancelled", "expired", "unconfirmed"],
                            ),
                        ),
                        fields=["at"],
                        name="transition_late",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Breaker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(choices=[("sms", "text"), ("email", "e-mail")], max_length=8)),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="breakers",
                        to="patients.site",
                    ),
                ),
                ("code", models.PositiveIntegerField(default=0)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("probe_at", models.DateTimeField()),
                (
                    "probes",
                    models.PositiveSmallIntegerField(default=0, help_text="Test messages sent since it opened."),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-opened_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("site__isnull", False)),
                        fields=("channel", "site"),
                        name="one_open_breaker_per_sender",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("site__isnull", True)),
                        fields=("channel",),
                        name="one_open_breaker_per_channel",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("why", models.CharField(max_length=200)),
                (
                    "blind_from",
                    models.DateTimeField(
                        blank=True,
                        help_text="Messages sent or received after this time may be unknown here.",
                        null=True,
                    ),
                ),
                (
                    "reconciled_from",
                    models.DateTimeField(blank=True, help_text="How far back the provider was asked.", null=True),
                ),
                ("reconciled_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("in_force", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["-since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("in_force", True)), fields=("in_force",), name="one_freeze_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SlugField(max_length=30)),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alarms",
                        to="patients.site",
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True, help_text="Tells two alarms of a kind apart, such as a code.", max_length=60
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="For people; never a name, a number or a text.", max_length=200
                    ),
                ),
                ("count", models.PositiveIntegerField(default=1)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-last_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at", None)), fields=["kind", "subject"], name="alarm_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.SlugField(max_length=30, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sid", models.CharField(max_length=64, unique=True)),
                ("code", models.PositiveIntegerField()),
                ("level", models.CharField(max_length=16)),
                (
                    "message_id",
                    models.CharField(blank=True, help_text="Of the message it is about, if it is.", max_length=64),
                ),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-received_at"],
            },
        ),
        migrations.CreateModel(
            name="SaidBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="patients.site",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="patients.contact",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "automatic answers",
                "indexes": [
                    models.Index(fields=["contact", "at"], name="said_back_by_contact"),
                    models.Index(fields=["site", "at"], name="said_back_by_site"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Sender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="senders", to="patients.site"
                    ),
                ),
                ("channel", models.CharField(choices=[("sms", "text"), ("email", "e-mail")], max_length=8)),
                ("address", models.CharField(max_length=254)),
                (
                    "parts_per_second",
                    models.FloatField(
                        default=1.0,
                        help_text="Texts per second: US long code about 1, toll-free 3, short code 10 to 100.",
                    ),
                ),
                (
                    "free_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="Until when its rate is used up.", null=True
                    ),
                ),
                (
                    "heard_until",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Texts that came in are known up to here (reconcile).",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parts_per_second__gt", 0)), name="sender_rate_is_positive"
                    ),
                    models.UniqueConstraint(fields=("site", "channel"), name="one_sender_per_channel"),
                    models.UniqueConstraint(
                        condition=models.Q(("channel", "sms")),
                        fields=("address",),
                        name="one_site_per_sms_number",
                        violation_error_message="Another site sends from this number. It would be unclear whose a reply is.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_ins", to="patients.site"
                    ),
                ),
                (
                    "surgery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="check_ins", to="patients.surgery"
                    ),
                ),
                (
                    "reminder",
                    models.OneToOneField(
                        blank=True,
                        help_text="The reminder that asked.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_in",
                        to="reminders.reminder",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.contact",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("pain", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("wound", models.BooleanField(blank=True, help_text="Red, hot, opening or leaking.", null=True)),
                (
                    "legs",
                    models.BooleanField(blank=True, help_text="New weakness or numbness in a leg or foot.", null=True),
                ),
                (
                    "bladder",
                    models.BooleanField(
                        blank=True, help_text="Trouble with bladder or bowel, or numb between the legs.", null=True
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        blank=True,
                        choices=[("sms", "by text"), ("page", "on the patient's page"), ("phone", "told by phone")],
                        max_length=5,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who took the answers.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, help_text="When the first answer came.", null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "indexes": [
                    models.Index(fields=["surgery", "asked_at"], name="check_in_by_surgery"),
                    models.Index(condition=models.Q(("closed_at", None)), fields=["asked_at"], name="check_in_open"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pain__isnull", True), ("pain__range", (0, 10)), _connector="OR"),
                        name="pain_is_0_to_10",
                        violation_error_message="Pain is a number from 0 (none) to 10 (worst).",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="patients.site",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="patients.contact",
                    ),
                ),
                ("provider_id", models.CharField(max_length=64, unique=True)),
                ("from_address", models.CharField(max_length=64)),
                ("to_address", models.CharField(max_length=64)),
                ("text", models.TextField(blank=True)),
                (
                    "intent",
                    models.CharField(
                        choices=[
                            ("stop", "stop"),
                            ("refusal", "refusal"),
                            ("urgent", "urgent"),
                            ("start", "start"),
                            ("help", "help"),
                            ("yes", "yes"),
                            ("cannot_come", "cannot come"),
                            ("new_time", "new time"),
                            ("call_me", "call me"),
                            ("score", "score"),
                            ("unclear_score", "unclear score"),
                            ("other", "other"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "is_urgent",
                    models.BooleanField(default=False, help_text="Shown first, until somebody has seen it."),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        help_text="The reminder it answers.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="answers",
                        to="reminders.reminder",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("received_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("effect", models.CharField(blank=True, help_text="What was done because of it.", max_length=200)),
                (
                    "answer",
                    models.TextField(blank=True, help_text="The automatic answer, sent at once."),
                ),
                ("source", models.CharField(default="webhook", max_length=10)),
            ],
            options={
                "verbose_name_plural": "replies",
                "ordering": ["-received_at", "-pk"],
                "indexes": [models.Index(fields=["site", "handled_at", "-received_at"], name="reply_to_read")],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="patients.site"
                    ),
                ),
                (
                    "surgery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="patients.surgery",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.contact",
                    ),
                ),
                (
                    "reply",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="reminders.reply",
                    ),
                ),
                (
                    "check_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="reminders.checkin",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("E", "emergency: told to seek help at once"),
                            ("D", "same-day call by the team"),
                            ("R", "reception's list"),
                        ],
                        max_length=1,
                    ),
                ),
                ("signs", models.JSONField(default=list)),
                ("raised_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                (
                    "owner_role",
                    models.CharField(
                        choices=[("surgeon", "Surgeon"), ("reception", "Reception"), ("manager", "Manager")],
                        max_length=16,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tell_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When to e-mail the staff responsible, or try again. Empty: done.",
                        null=True,
                    ),
                ),
                ("told_at", models.DateTimeField(blank=True, help_text="When staff were last e-mailed.", null=True)),
                (
                    "tellings",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="How often staff had to be told: when raised, and when raised to class E.",
                    ),
                ),
                (
                    "escalated_at",
                    models.DateTimeField(
                        blank=True, help_text="When staff were last reminded because it was late.", null=True
                    ),
                ),
                ("escalations", models.PositiveSmallIntegerField(default=0)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reached", "spoke with the patient, nothing more needed"),
                            ("seen", "to be seen at the clinic"),
                            ("sent_on", "sent to emergency care"),
                            ("not_reached", "could not be reached"),
                            ("false_alarm", "nothing was wrong"),
                        ],
                        max_length=12,
                    ),
                ),
                ("outcome_note", models.CharField(blank=True, max_length=200)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["answer_by", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["site", "answer_by"], name="alert_open"
                    ),
                    models.Index(fields=["surgery", "raised_at"], name="alert_by_surgery"),
                    models.Index(
                        condition=models.Q(("tell_at__isnull", False)), fields=["tell_at"], name="alert_to_tell"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reply__isnull", False)), fields=("reply",), name="one_alert_per_reply"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["E", "D", "R"])), name="alert_level_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None), models.Q(("outcome", ""), _negated=True), _connector="OR"
                        ),
                        name="closed_alert_has_an_outcome",
                        violation_error_message="Give the outcome before you close it.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="causes", to="reminders.alert"
                    ),
                ),
                (
                    "reply",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cause",
                        to="reminders.reply",
                    ),
                ),
                (
                    "check_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reminders.checkin",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("E", "emergency: told to seek help at once"),
                            ("D", "same-day call by the team"),
                            ("R", "reception's list"),
                        ],
                        max_length=1,
                    ),
                ),
                ("signs", models.JSONField(default=list)),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["heard_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="alert_rules", to="patients.site"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("E", "emergency: told to seek help at once"),
                            ("D", "same-day call by the team"),
                            ("R", "reception's list"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "owner_role",
                    models.CharField(
                        choices=[("surgeon", "Surgeon"), ("reception", "Reception"), ("manager", "Manager")],
                        max_length=16,
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(help_text="Minutes until somebody must have answered it."),
                ),
                (
                    "staffed_only",
                    models.BooleanField(default=True, help_text="Count only staffed minutes."),
                ),
                (
                    "wording",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="What the patient is told at once, by language. Empty: the built-in text.",
                    ),
                ),
            ],
            options={
                "ordering": ["site", "level"],
                "constraints": [
                    models.UniqueConstraint(fields=("site", "level"), name="one_alert_rule_per_level"),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)),
                        name="alert_has_time",
                        violation_error_message="Give at least one minute.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteSign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="signs", to="patients.site"
                    ),
                ),
                ("language", models.CharField(default="en", max_length=16, validators=[patients.validators.language])),
                (
                    "level",
                    models.CharField(
                        choices=[("E", "emergency: told to seek help at once"), ("D", "same-day call by the team")],
                        max_length=1,
                    ),
                ),
                ("phrase", models.CharField(max_length=120)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["site", "level", "phrase"],
                "constraints": [
                    models.UniqueConstraint(fields=("site", "level", "phrase"), name="one_sign_per_phrase")
                ],
            },
        ),
        migrations.RunPython(set_up, lift),
    ]
