from django.db import migrations

from tenants.scoping.owned import TenantKey


class Migration(migrations.Migration):
    """Lines and refunds prove their store by the composite key to their order."""

    dependencies = [("orders", "0003_order_by_amount_title_and_update")]

    operations = [
        migrations.AlterField("lineitem", "tenant", TenantKey(db_constraint=False)),
        migrations.AlterField("refund", "tenant", TenantKey(db_constraint=False)),
    ]
