from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_currency_of_shopifys_totals'),
    ]

    operations = [
        migrations.AddField(
            model_name='consentchange',
            name='reason',
            field=models.TextField(db_default='', default='', help_text='How they agreed, where we said so'),
        ),
    ]
