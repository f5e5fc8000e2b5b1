import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0001_initial'),
        ('webhooks', '0002_statistics_follow_growth'),
    ]

    operations = [
        migrations.CreateModel(
            name='StaleTotals',
            fields=[
                ('tenant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='tenants.tenant')),
                ('done_to', models.BigIntegerField(db_default=0)),
                ('worked_at', models.DateTimeField(null=True)),
            ],
        ),
    ]
