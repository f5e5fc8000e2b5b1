"""The list of audit entries is called what people call it; no column changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0009_time_zone_of_a_person"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"verbose_name_plural": "audit trail"},
        ),
    ]
