from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webhooks', '0013_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='privacyrequest',
            name='origin',
            field=models.TextField(choices=[('shopify', 'Shopify'), ('staff', 'Staff'), ('backup', 'A restored backup')], db_default='shopify', default='shopify'),
        ),
        migrations.AddField(
            model_name='privacyrequest',
            name='emails',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='Emptied when it is done'),
        ),
        migrations.AddField(
            model_name='privacyrequest',
            name='phones',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='Emptied when it is done'),
        ),
        migrations.AddConstraint(
            model_name='privacyrequest',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ['shopify', 'staff', 'backup'])), name='privacy_request_origin_is_known'),
        ),
        migrations.AddConstraint(
            model_name='privacyrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at', None), ('kind', 'redact'), ('origin', 'staff')), fields=('tenant', 'customer_shopify_id'), name='one_open_erasure_by_staff'),
        ),
    ]
