from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_first_steps_that_were_seen")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="timezone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        )
    ]
