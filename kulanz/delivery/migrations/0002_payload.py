from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]

    operations = [migrations.AddField("outboxitem", "payload", models.JSONField(default=dict))]
