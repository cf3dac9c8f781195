import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kulanz.core.ids
import kulanz.desk.routing_models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_roles'),
        ('desk', '0004_sorting'),
        ('inbox', '0002_attachments'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgentSettings',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='routing', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('skills', models.JSONField(blank=True, default=list)),
                ('capacity', models.JSONField(default=kulanz.desk.routing_models.usual_capacity)),
                ('away_from', models.DateField(blank=True, null=True)),
                ('away_until', models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='presence', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('available', 'Available'), ('busy', 'Busy'), ('away', 'Away')], default='available', max_length=10)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='TeamSettings',
            fields=[
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='routing', serialize=False, to='accounts.team')),
                ('languages', models.JSONField(blank=True, default=list)),
                ('subjects', models.JSONField(blank=True, default=list)),
                ('priority', models.PositiveSmallIntegerField(default=0)),
                ('distribution', models.BooleanField(default=False)),
                ('react_minutes', models.PositiveSmallIntegerField(default=5)),
                ('week', models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='QueueAlarm',
            fields=[
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='queue_alarm', serialize=False, to='inbox.conversation')),
                ('why', models.CharField(max_length=20)),
                ('since', models.DateTimeField()),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minutes', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('why', models.JSONField(default=list)),
                ('minutes', models.FloatField(default=0)),
                ('at', models.DateTimeField()),
                ('react_by', models.DateTimeField()),
                ('ended', models.CharField(blank=True, choices=[('reacted', 'Reacted'), ('no_reaction', 'No Reaction'), ('overtaken', 'Overtaken')], max_length=12)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='inbox.conversation')),
                ('handover', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='desk.handover')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended', '')), fields=['react_by'], name='assignments_to_watch')],
            },
        ),
    ]
