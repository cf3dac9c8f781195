from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('understanding', '0002_teaching'),
    ]

    operations = [
        migrations.AlterField(
            model_name='protectedcase',
            name='expects',
            field=models.CharField(choices=[('intent', 'Intent'), ('rejection', 'Rejection'), ('person', 'Person'), ('emotion', 'Emotion')], max_length=10),
        ),
    ]
