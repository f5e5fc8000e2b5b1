"""The list of audit entries is called what people call it; no column changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0009_time_zone_of_a_person"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "verbose_name_plural": "audit trail",
            },
        ),
    ]
