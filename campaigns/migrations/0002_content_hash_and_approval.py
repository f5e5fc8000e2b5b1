from django.db import migrations

# What is said and who says it: an approval is of these very words. The application may write
# whatever it likes into the two columns; the trigger writes them anew.
FORWARD = """
CREATE FUNCTION xeno_campaign_content() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.content_hash := encode(sha256(convert_to(jsonb_build_array(
        NEW.channel, NEW.subject, NEW.preheader, NEW.html, NEW.text, NEW.variants, NEW.sender_id
    )::text, 'UTF8')), 'hex');
    IF NEW.state IN ('scheduled', 'sending')
        AND (TG_OP = 'INSERT' OR OLD.state NOT IN ('scheduled', 'sending', 'paused'))
    THEN
        NEW.needs_approval := COALESCE((
            SELECT require_approval FROM campaigns_sendingsettings WHERE tenant_id = NEW.tenant_id
        ), false);
    ELSIF TG_OP = 'UPDATE' THEN
        NEW.needs_approval := OLD.needs_approval;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.content_hash <> OLD.content_hash AND OLD.frozen_at IS NOT NULL THEN
        RAISE EXCEPTION 'a frozen campaign says what it says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'frozen_campaign_keeps_its_words';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER xeno_campaign_content BEFORE INSERT OR UPDATE ON campaigns_campaign
    FOR EACH ROW EXECUTE FUNCTION xeno_campaign_content();
"""
BACKWARD = """
DROP TRIGGER xeno_campaign_content ON campaigns_campaign;
DROP FUNCTION xeno_campaign_content();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_campaigns")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
