import django.db.models.deletion
import kulanz.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_architects'),
        ('desk', '0002_handover_message'),
        ('inbox', '0002_attachments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Closed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('solved', 'Solved'), ('informed', 'Information given'), ('not_solvable', 'Not solvable'), ('duplicate', 'Duplicate'), ('spam', 'Spam'), ('no_answer', 'No answer from customer')], db_index=True, max_length=12)),
                ('at', models.DateTimeField()),
                ('agent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='closed', to='inbox.conversation')),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(blank=True)),
                ('passed_to', models.CharField(blank=True, max_length=80)),
                ('after_seq', models.PositiveIntegerField()),
                ('key', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('agent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='inbox.conversation')),
            ],
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to=settings.AUTH_USER_MODEL)),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='desk.note')),
            ],
        ),
        migrations.CreateModel(
            name='ReadyText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shortcut', models.CharField(max_length=30)),
                ('text_de', models.TextField(blank=True)),
                ('text_en', models.TextField(blank=True)),
                ('note', models.TextField(blank=True)),
                ('then', models.CharField(blank=True, choices=[('', 'nothing more'), ('resolve', 'Resolve'), ('team', 'Hand to a team')], default='', max_length=10)),
                ('closing', models.CharField(choices=[('solved', 'Solved'), ('informed', 'Information given'), ('not_solvable', 'Not solvable'), ('duplicate', 'Duplicate'), ('spam', 'Spam'), ('no_answer', 'No answer from customer')], default='solved', max_length=12)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ready_texts', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='HeldReply',
            fields=[
                ('id', models.UUIDField(default=kulanz.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(blank=True)),
                ('key', models.CharField(max_length=80)),
                ('due_at', models.DateTimeField()),
                ('agent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='held_reply', to='inbox.conversation')),
                ('files', models.ManyToManyField(related_name='held_by', to='inbox.attachment')),
                ('macro', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='desk.readytext')),
            ],
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.UniqueConstraint(fields=('conversation', 'key'), name='note_once'),
        ),
        migrations.AddIndex(
            model_name='mention',
            index=models.Index(condition=models.Q(('seen_at', None)), fields=['user'], name='unseen_mentions'),
        ),
        migrations.AddConstraint(
            model_name='mention',
            constraint=models.UniqueConstraint(fields=('note', 'user'), name='mention_once'),
        ),
        migrations.AddConstraint(
            model_name='readytext',
            constraint=models.UniqueConstraint(fields=('shortcut', 'owner'), name='ready_text_shortcut', nulls_distinct=False),
        ),
    ]
