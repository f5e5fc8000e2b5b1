"""Row 71 of the faults, full form: schemathesis over a web server as it is deployed, as each role.

All its checks and phases, the chains of requests among them (what was made is asked for, deleted,
and asked for again). Each role has a database of its own, which the attack may change.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import make_member
from tenants.actions import save_role_rights
from tenants.audit import Actor
from tenants.keys import KEY_RIGHTS, make_key
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.sign_in import start_sign_in
from tests.attack.checks import UNSOUND
from tests.faults.conftest import engine as engine
from tests.faults.conftest import unblocked as unblocked
from tests.faults.own_engine import lent_to
from tests.faults.processes import ROOT
from tests.faults.serving import serve
from tests.rows import make_row, owned_models
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.slow

ATTACKERS = (*Role.values, "newcomer", "key")
LIMITS = ("USER", "KEY", "STORE", "ADDRESS")
# What would end the attack itself: signing oneself out, and leaving the store.
SPARED = ("/auth/logout-everywhere", "/auth/sessions/{session_id}", "/team/leave")
SECONDS = 120


def prepare(tenant: Tenant) -> User:
    """A row of each table, and the owner of the store."""
    save_role_rights(tenant=tenant)
    owner = make_member(tenant, "ana@example.com", Role.OWNER)
    with tenant_scope(tenant.pk):
        for model in owned_models():
            make_row(model)
    return owner


def credential_of(who: str, tenant: Tenant) -> str:
    """The token or key of who attacks."""
    owner = prepare(tenant)
    if who == "key":
        with tenant_scope(tenant.pk):
            return make_key(actor=Actor(owner), tenant=tenant, name="ERP", rights=KEY_RIGHTS).raw
    if who == "newcomer":
        user = User.objects.create_user("new@example.com", "x" * 20)
    else:
        user = make_member(tenant, f"{who}@example.com", Role(who))
    return start_sign_in(user=user).access


def run(address: str, credential: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The whole attack."""
    return subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", f"{address}/schema",
         "--header", f"Authorization: Bearer {credential}", "--max-time", str(SECONDS),
         "--seed", "1", "--max-examples", os.environ.get("XENO_ATTACK_EXAMPLES", "25"),
         "--exclude-checks", ",".join(UNSOUND), "--generation-database", "none", "--no-color",
         "--continue-on-failure", "--warnings", "off", "--request-timeout", "30",
         *(word for path in SPARED for word in ("--exclude-path", path))],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.attack.checks", "PYTHONPATH": str(ROOT)},
        cwd=folder, text=True, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("who", ATTACKERS)
def test_f071_the_whole_attack_breaks_nothing(who, engine, unblocked, tmp_path, record_property):
    with engine.database() as database:
        with lent_to(database):
            credential = credential_of(who, Tenant.objects.get(pk=database.tenant_id))
        unlimited = {f"API_LIMIT_PER_MINUTE_{name}": "0" for name in LIMITS}
        with serve(database.environment() | unlimited, log=tmp_path / "web.log") as server:
            ended = run(server.address, credential, tmp_path)

    record_property(f"requests as {who}", ended.stdout.rpartition("Test cases:")[2].strip()[:200])
    assert ended.returncode == 0, ended.stdout[-20_000:]
