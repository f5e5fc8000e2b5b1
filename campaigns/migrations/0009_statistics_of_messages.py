from django.db import migrations

# Only the table's owner may analyze it, so the application calls a function of the owner's; one
# run at a time, others are skipped.
CREATE = """
CREATE FUNCTION xeno_analyze_messages() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('xeno_analyze_messages')) THEN
        ANALYZE public.campaigns_message;
    END IF;
END $$;
REVOKE ALL ON FUNCTION xeno_analyze_messages() FROM PUBLIC
"""


def grant(apps, schema_editor):
    """Let the application's login call it."""
    connection = schema_editor.connection
    if connection.settings_dict.get("MIGRATOR"):
        role = connection.ops.quote_name(connection.settings_dict["APPLICATION_ROLE"])
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION xeno_analyze_messages() TO {role}")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_claims_beside_messages")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION xeno_analyze_messages()"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
