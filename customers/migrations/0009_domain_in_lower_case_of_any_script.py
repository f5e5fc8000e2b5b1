from django.db import migrations, models
from django.db.models.functions import Collate, Lower


class Migration(migrations.Migration):
    """Made anew: under its column's collation lower() changed nothing but ASCII."""

    dependencies = [
        ('customers', '0008_domain_of_an_email'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='customer', name='customer_by_email_domain'),
        migrations.RemoveField(model_name='customer', name='email_domain'),
        migrations.AddField(
            model_name='customer',
            name='email_domain',
            field=models.GeneratedField(db_persist=True, expression=Lower(Collate(models.Func('email', models.Value('@([^@]+)$'), function='SUBSTRING', output_field=models.TextField()), 'default')), output_field=models.TextField(db_collation='C', null=True)),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'email_domain'], name='customer_by_email_domain'),
        ),
    ]
