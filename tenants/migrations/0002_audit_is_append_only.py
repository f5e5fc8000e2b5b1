from django.db import migrations


def take_rights(apps, schema_editor):
    """What is written in the audit trail stays: the application may only add and read."""
    connection = schema_editor.connection
    if connection.settings_dict.get("MIGRATOR"):
        role = connection.ops.quote_name(connection.settings_dict["APPLICATION_ROLE"])
        schema_editor.execute(f"REVOKE UPDATE, DELETE ON tenants_auditentry FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [migrations.RunPython(take_rights, migrations.RunPython.noop)]
