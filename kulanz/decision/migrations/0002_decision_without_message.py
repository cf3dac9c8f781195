import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decision", "0001_initial"), ("inbox", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="storeddecision",
            name="message",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decision_made",
                to="inbox.message",
            ),
        ),
    ]
