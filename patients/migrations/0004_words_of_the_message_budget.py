"""The two limits of messages say what becomes of what is too much."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_facts_that_pace_a_plan"),
    ]

    operations = [
        migrations.AlterField(
            model_name="site",
            name="messages_a_day",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="What a plan sends to one contact. Visits and warnings always keep their day and count; then come check-ins, other questions, and the rest. What is too much moves to the next free day, is merged with one that says the same, or is left out.",
            ),
        ),
        migrations.AlterField(
            model_name="site",
            name="messages_a_week",
            field=models.PositiveSmallIntegerField(
                default=5,
                help_text="The same, within any 7 days. Check-ins, and words about therapy that was ordered, go even in a full week.",
            ),
        ),
    ]
