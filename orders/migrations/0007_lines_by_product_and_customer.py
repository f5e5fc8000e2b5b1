from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_tags_and_lines_that_are_known'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='lineitem',
            name='line_of_product',
        ),
        migrations.RemoveIndex(
            model_name='lineitem',
            name='line_of_customer',
        ),
        migrations.AddIndex(
            model_name='lineitem',
            index=models.Index(condition=models.Q(('counted', True)), fields=['tenant', 'product_shopify_id', 'ordered_at'], include=('customer', 'quantity', 'order'), name='line_of_product'),
        ),
        migrations.AddIndex(
            model_name='lineitem',
            index=models.Index(fields=['tenant', 'customer', 'ordered_at'], include=('product_shopify_id', 'quantity', 'counted'), name='line_of_customer'),
        ),
    ]
