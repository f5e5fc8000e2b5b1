"""What one asks of the audit trail: by whom, which action, when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_accounts_and_keys")]

    operations = [
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["tenant", "actor", "-id"], name="audit_of_actor"),
        ),
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["tenant", "action", "-id"], name="audit_of_action"),
        ),
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["tenant", "happened_at"], name="audit_by_time"),
        ),
        migrations.AddIndex(
            "auditentry",
            models.Index(
                fields=["tenant", "key", "-id"],
                condition=models.Q(key__isnull=False),
                name="audit_of_key",
            ),
        ),
    ]
