from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0017_ended_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoundCounter",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_round_counter"),
                ],
            },
        ),
    ]
