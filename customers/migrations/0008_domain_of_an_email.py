import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_addresses_that_are_known'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='email_domain',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.Func('email', models.Value('@([^@]+)$'), function='SUBSTRING', output_field=models.TextField())), output_field=models.TextField(db_collation='C', null=True)),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'email_domain'], name='customer_by_email_domain'),
        ),
    ]
