from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0004_who_ordered_a_job_stays'),
    ]

    operations = [
        migrations.AlterField(
            model_name='segmentjob',
            name='trouble',
            field=models.TextField(db_default='', default='', help_text='What is the matter, as a code'),
        ),
    ]
