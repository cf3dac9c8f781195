from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion

import kulanz.core.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_architects'),
        ('desk', '0005_routing'),
        ('inbox', '0002_attachments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NextDue',
            fields=[
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='next_due', serialize=False, to='inbox.conversation')),
                ('level', models.CharField(max_length=12)),
                ('due_at', models.DateTimeField(db_index=True)),
                ('warn_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='AssistantStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(blank=True, max_length=30, unique=True)),
                ('set_at', models.DateTimeField()),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LevelClock',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('urgency', models.CharField(max_length=10)),
                ('level', models.CharField(max_length=12)),
                ('number', models.PositiveIntegerField()),
                ('from_seq', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('running', 'Running'), ('paused', 'Paused'), ('reached', 'Reached'), ('dropped', 'Dropped')], max_length=8)),
                ('target', models.PositiveIntegerField(null=True)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('warn_at', models.DateTimeField(null=True)),
                ('warned_at', models.DateTimeField(null=True)),
                ('broken_at', models.DateTimeField(null=True)),
                ('told_broken_at', models.DateTimeField(null=True)),
                ('worked', models.PositiveIntegerField(default=0)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='level_clocks', to='inbox.conversation')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='desk.handover')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'running')), fields=['warn_at'], name='clocks_to_warn'),
                    models.Index(fields=['ended_at', 'level'], name='clocks_ended'),
                ],
                'constraints': [models.UniqueConstraint(fields=('handover', 'level', 'number'), name='one_clock')],
            },
        ),
        migrations.CreateModel(
            name='Whisper',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='whispers', to='inbox.conversation')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('seen_at', None)), fields=['to'], name='whispers_unseen')],
            },
        ),
        migrations.CreateModel(
            name='LevelTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('urgency', models.CharField(max_length=10)),
                ('first_reply', models.PositiveIntegerField(null=True)),
                ('next_reply', models.PositiveIntegerField(null=True)),
                ('resolution', models.PositiveIntegerField(null=True)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'urgency'), name='one_target', nulls_distinct=False)],
            },
        ),
    ]
