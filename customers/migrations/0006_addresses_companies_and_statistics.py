import django.db.models.deletion
import tenants.scoping.constraints
import tenants.scoping.owned
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_reason_of_consent'),
        ('tenants', '0007_connection_to_shopify'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shopify_id', models.BigIntegerField(help_text='Null: told without one', null=True)),
                ('country', models.TextField(db_collation='C', help_text='ISO 3166-1, such as CA')),
                ('region', models.TextField(db_collation='C', help_text='ISO 3166-2, such as US-NY')),
                ('city', models.TextField(db_collation='C', help_text="Shopify's form, such as US-NY-NewYorkCity")),
                ('latitude', models.IntegerField(null=True)),
                ('longitude', models.IntegerField(null=True)),
                ('is_default', models.BooleanField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='CustomerCompany',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company_id', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='customer',
            name='addresses_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='addresses_triggered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='remote_rfm_group',
            field=models.TextField(blank=True, db_collation='C', help_text='Such as CHAMPIONS', null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='remote_spend_tier',
            field=models.TextField(blank=True, db_collation='C', help_text='HIGH, MEDIUM or LOW', null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='remote_statistics_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='subscriber_status',
            field=models.TextField(blank=True, db_collation='C', help_text='Of products, such as ACTIVE', null=True),
        ),
        migrations.AddField(
            model_name='customeraddress',
            name='customer',
            field=tenants.scoping.owned.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='addresses', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='customeraddress',
            name='tenant',
            field=tenants.scoping.owned.TenantKey(db_constraint=False),
        ),
        migrations.AddField(
            model_name='customercompany',
            name='customer',
            field=tenants.scoping.owned.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='companies', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='customercompany',
            name='tenant',
            field=tenants.scoping.owned.TenantKey(),
        ),
        migrations.AddIndex(
            model_name='customeraddress',
            index=models.Index(fields=['tenant', 'country', 'customer'], name='address_by_country'),
        ),
        migrations.AddIndex(
            model_name='customeraddress',
            index=models.Index(fields=['tenant', 'region', 'customer'], name='address_by_region'),
        ),
        migrations.AddIndex(
            model_name='customeraddress',
            index=models.Index(fields=['tenant', 'city', 'customer'], name='address_by_city'),
        ),
        migrations.AddIndex(
            model_name='customeraddress',
            index=models.Index(fields=['tenant', 'customer'], name='address_of_customer'),
        ),
        migrations.AddIndex(
            model_name='customeraddress',
            index=models.Index(condition=models.Q(('latitude__isnull', False)), fields=['tenant', 'latitude', 'longitude'], include=('customer',), name='address_by_coordinates'),
        ),
        migrations.AddConstraint(
            model_name='customeraddress',
            constraint=tenants.scoping.constraints.TenantPolicy(name='customers_customeraddress_tenant_policy'),
        ),
        migrations.AddConstraint(
            model_name='customeraddress',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='customers_customeraddress_tenant_id_key'),
        ),
        migrations.AddConstraint(
            model_name='customeraddress',
            constraint=tenants.scoping.constraints.SameTenant(field='customer', name='address_and_customer_same_tenant'),
        ),
        migrations.AddConstraint(
            model_name='customeraddress',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('tenant', 'customer'), name='one_default_address'),
        ),
        migrations.AddIndex(
            model_name='customercompany',
            index=models.Index(fields=['tenant', 'company_id', 'customer'], name='customer_by_company'),
        ),
        migrations.AddConstraint(
            model_name='customercompany',
            constraint=tenants.scoping.constraints.TenantPolicy(name='customers_customercompany_tenant_policy'),
        ),
        migrations.AddConstraint(
            model_name='customercompany',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='customers_customercompany_tenant_id_key'),
        ),
        migrations.AddConstraint(
            model_name='customercompany',
            constraint=tenants.scoping.constraints.SameTenant(field='customer', name='company_and_customer_same_tenant'),
        ),
        migrations.AddConstraint(
            model_name='customercompany',
            constraint=models.UniqueConstraint(fields=('tenant', 'customer', 'company_id'), name='customer_of_company_once'),
        ),
    ]
