import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0008_gaps'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DismissedTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('centre', models.BinaryField()),
                ('reason', models.CharField(max_length=300)),
                ('dismissed_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='ImportedSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('imported_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ToldOwner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('keys', models.JSONField(default=list)),
                ('sent_at', models.DateTimeField()),
            ],
        ),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('contradiction', 'Contradiction'), ('duplicate', 'Duplicate'), ('broken', 'Broken'), ('rated', 'Rated')], max_length=14),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('valid_until__isnull', False)), fields=['valid_until'], name='article_expired'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('review_on__isnull', False)), fields=['review_on'], name='article_due'),
        ),
        migrations.AddIndex(
            model_name='lexeme',
            index=models.Index(models.F('dictionary'), django.db.models.functions.text.Reverse('word'), name='lexeme_endings'),
        ),
        migrations.AddField(
            model_name='dismissedtopic',
            name='dismissed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='toldowner',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
