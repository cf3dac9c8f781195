import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0006_levels'),
        ('inbox', '0004_after'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactedAgain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was', models.CharField(max_length=16)),
                ('because', models.CharField(max_length=6)),
                ('detail', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('earlier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='contacted_again', to='inbox.conversation')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacted_before', to='inbox.conversation')),
            ],
        ),
        migrations.CreateModel(
            name='LateNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_at', models.DateTimeField()),
                ('promised_by', models.DateTimeField(null=True)),
                ('handover', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='late_notice', to='desk.handover')),
            ],
        ),
        migrations.CreateModel(
            name='ReplyWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, choices=[('email', 'Email'), ('call', 'Call')], max_length=5)),
                ('asked_for', models.CharField(blank=True, max_length=6)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=16)),
                ('due_from', models.DateTimeField(null=True)),
                ('due_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handover', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='wish', to='desk.handover')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None), ('kind', 'call')), fields=['due_from'], name='calls_due')],
            },
        ),
    ]
