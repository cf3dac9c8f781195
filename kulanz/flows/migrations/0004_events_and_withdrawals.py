from django.db import migrations, models

import kulanz.core.ids


class Migration(migrations.Migration):
    dependencies = [("flows", "0003_wishes")]

    operations = [
        migrations.CreateModel(
            name="OutsideEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=200)),
                ("data", models.JSONField(default=dict)),
                ("taken_by", models.JSONField(default=list)),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["told_at"], name="events_by_time")],
                "constraints": [models.UniqueConstraint(fields=("event", "key"), name="one_event_of_a_key")],
            },
        ),
        migrations.AlterField(
            model_name="approval",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("approved", "Approved"),
                    ("changed", "Changed"),
                    ("refused", "Refused"),
                    ("expired", "Expired"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
