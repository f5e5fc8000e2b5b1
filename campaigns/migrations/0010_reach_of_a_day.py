"""Reach is kept day by day. What a store's row says now was counted within the last hours, so it is
called today's; a worker counts anew within the hour."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0009_statistics_of_messages'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reach',
            name='one_reach_per_store',
        ),
        migrations.AddField(
            model_name='reach',
            name='day',
            field=models.DateField(default=datetime.date.today, help_text="The store's"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='reach',
            constraint=models.UniqueConstraint(fields=('tenant', 'day'), name='one_reach_per_day'),
        ),
    ]
