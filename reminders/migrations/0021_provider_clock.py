from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0020_check_up_moved_by_hand"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.SlugField(max_length=30, unique=True)),
                ("ahead", models.FloatField(help_text="Seconds that our clock is ahead of the provider's.")),
                ("measured_at", models.DateTimeField()),
                ("apart_since", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
