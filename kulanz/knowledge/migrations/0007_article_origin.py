from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0006_attachments_ratings'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='origin',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
