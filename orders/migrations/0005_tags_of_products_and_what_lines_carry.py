import django.db.models.deletion
import tenants.scoping.constraints
import tenants.scoping.owned
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0006_addresses_companies_and_statistics'),
        ('orders', '0004_store_of_a_line_by_its_order'),
        ('tenants', '0007_connection_to_shopify'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProductTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_shopify_id', models.BigIntegerField(help_text='As lines name it')),
                ('tag', models.TextField()),
                ('tag_key', models.TextField(db_collation='C', help_text='The tag in lower case')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='lineitem',
            name='counted',
            field=models.BooleanField(db_default=True),
        ),
        migrations.AddField(
            model_name='order',
            name='app_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='location_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='product',
            name='category',
            field=models.TextField(blank=True, help_text='Its whole name', null=True),
        ),
        migrations.AddField(
            model_name='product',
            name='category_id',
            field=models.TextField(blank=True, db_collation='C', help_text="Of Shopify's taxonomy, such as aa-1-13-8", null=True),
        ),
        migrations.AddIndex(
            model_name='checkout',
            index=models.Index(condition=models.Q(('completed_at', None)), fields=['tenant', 'created_at'], include=('customer',), name='abandoned_by_day'),
        ),
        migrations.AddField(
            model_name='producttag',
            name='product',
            field=tenants.scoping.owned.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='tag_rows', to='orders.product'),
        ),
        migrations.AddField(
            model_name='producttag',
            name='tenant',
            field=tenants.scoping.owned.TenantKey(),
        ),
        migrations.AddIndex(
            model_name='producttag',
            index=models.Index(fields=['tenant', 'tag_key', 'product_shopify_id'], name='product_by_tag'),
        ),
        migrations.AddConstraint(
            model_name='producttag',
            constraint=tenants.scoping.constraints.TenantPolicy(name='orders_producttag_tenant_policy'),
        ),
        migrations.AddConstraint(
            model_name='producttag',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='orders_producttag_tenant_id_key'),
        ),
        migrations.AddConstraint(
            model_name='producttag',
            constraint=tenants.scoping.constraints.SameTenant(field='product', name='tag_and_product_same_tenant'),
        ),
        migrations.AddConstraint(
            model_name='producttag',
            constraint=models.UniqueConstraint(fields=('tenant', 'product', 'tag_key'), name='each_tag_of_a_product_once'),
        ),
    ]
