from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_architects'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('agent', 'Agent'), ('curator', 'Curator'), ('architect', 'Architect'), ('strategist', 'Escalation strategist'), ('privacy', 'Privacy officer'), ('supervisor', 'Supervisor'), ('administrator', 'Administrator')], default='agent', max_length=20),
        ),
    ]
