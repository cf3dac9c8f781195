import django.db.models.deletion
import kulanz.core.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0007_after'),
        ('inbox', '0002_attachments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('seq', models.PositiveIntegerField()),
                ('rank', models.PositiveSmallIntegerField()),
                ('basis', models.CharField(choices=[('article', 'Article'), ('receipt', 'Receipt')], max_length=10)),
                ('text', models.TextField()),
                ('sources', models.JSONField(default=list)),
                ('confidence', models.FloatField()),
                ('outcome', models.CharField(choices=[('open', 'Open'), ('taken', 'Taken'), ('edited', 'Edited'), ('ignored', 'Ignored')], default='open', max_length=8)),
                ('likeness', models.FloatField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='inbox.conversation')),
                ('reply', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='inbox.message')),
            ],
            options={
                'indexes': [models.Index(fields=['-created_at'], name='suggestions_newest')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'seq', 'rank'), name='suggested_once')],
            },
        ),
    ]
