from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_connection_to_shopify")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="steps_dismissed_at",
            field=models.DateTimeField(editable=False, null=True),
        )
    ]
