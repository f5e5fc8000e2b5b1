import django.contrib.postgres.fields
import tenants.scoping.constraints
import tenants.scoping.owned
from django.db import migrations, models

KEEP = """
    INSERT INTO campaigns_claim (tenant_id, holder, message_ids, lease_until, begun_until)
    SELECT tenant_id, holder, array_agg(id), min(lease_until),
        max(lease_until) FILTER (WHERE state = 'handing_over')
    FROM campaigns_message WHERE state IN ('claimed', 'handing_over')
    GROUP BY tenant_id, holder
"""
ROOM = "ALTER TABLE campaigns_message SET (fillfactor = 50)"
NO_ROOM = "ALTER TABLE campaigns_message RESET (fillfactor)"


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0007_sender_is_to_be_looked_at'),
        ('customers', '0011_whose_opens_may_be_counted'),
        ('tenants', '0010_audit_trail_by_its_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.UUIDField(help_text='Of one claim of one worker')),
                ('message_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('lease_until', models.DateTimeField(help_text='Until when any of them may be begun')),
                ('begun_until', models.DateTimeField(help_text='Until when the last begun may take', null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='claim',
            name='tenant',
            field=tenants.scoping.owned.TenantKey(),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=tenants.scoping.constraints.TenantPolicy(name='campaigns_claim_tenant_policy'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='campaigns_claim_tenant_id_key'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('tenant', 'holder'), name='one_claim_of_a_holder'),
        ),
        # What is on its way: whoever comes first takes it up, as after a worker's death.
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='message',
            name='one_message_per_address',
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_at_work_has_a_lease',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_queued',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_at_work',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_by_state',
        ),
        migrations.RemoveField(
            model_name='message',
            name='lease_until',
        ),
        migrations.AddField(
            model_name='message',
            name='phase',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=('queued', 'claimed', 'handing_over'), then=models.Value('open')), default='state', output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AlterField(
            model_name='message',
            name='holder',
            field=models.UUIDField(help_text='The claim that it is part of', null=True),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('phase', 'open')), fields=['tenant', 'campaign', 'not_before', 'id'], name='message_open'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['tenant', 'campaign', 'phase', 'id'], name='message_by_phase'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(condition=models.Q(('phase__in', ('skipped', 'holdout')), _negated=True), fields=('tenant', 'campaign', 'address'), name='one_message_per_address'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['claimed', 'handing_over']), _negated=True), ('holder__isnull', False), _connector='OR'), name='message_at_work_has_a_holder'),
        ),
        # Room beside each row for its claim and its mark, which no index hears of.
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
