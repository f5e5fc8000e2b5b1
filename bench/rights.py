"""What it costs to ask for rights: a list for a member, over the same for an operator."""

from collections.abc import Callable
from statistics import median

from bench.figures import Figure, in_turn, middle
from bench.reads import REQUESTS, Reader, listen

PATH = "/customers"


def member_headers(reader: Reader) -> dict[str, str]:
    """The headers of an analyst of the large store, whose rights are looked up."""
    from tenants.actions import save_member
    from tenants.models import User
    from tenants.roles import Role
    from tenants.sign_in import start_sign_in

    user = User.objects.filter(email="analyst@example.com").first()
    user = user or User.objects.create_user("analyst@example.com", "analyst of the bench")
    save_member(tenant=reader.tenant, user=user, role=Role.ANALYST)
    token = start_sign_in(user=user).access
    return {"Authorization": f"Bearer {token}", "X-Store": str(reader.tenant.pk)}


def count_questions(reader: Reader, email: str) -> int:
    """How many statements the check takes for this user."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tenants.models import User
    from tenants.scoping.rights import find_rights

    user = User.objects.get(email=email)
    with CaptureQueriesContext(connection) as asked:
        find_rights(user, reader.tenant)
    return len(asked)


def rights_check(reader: Reader, on_done: Callable[[], object]) -> Figure:
    """A list for a member whose rights are asked for, over that for an operator, who has all."""
    port, member, operator = reader.server.port, member_headers(reader), reader.bearer
    questions = count_questions(reader, "analyst@example.com")
    listen(port, PATH, member, 20)
    listen(port, PATH, operator, 20)
    ours, theirs = in_turn(
        lambda: median(listen(port, PATH, member, REQUESTS)) * 1000,
        lambda: median(listen(port, PATH, operator, REQUESTS)) * 1000,
        on_done=on_done,
    )
    ratio = middle([o / t for o, t in zip(ours, theirs, strict=True)])
    more = middle(ours) - middle(theirs)
    return Figure(
        f"first page of 50 for a member: the check of rights, {questions} statement",
        "the same for an operator, for whom nothing is asked",
        f"{middle(ours):.2f} ms",
        f"{middle(theirs):.2f} ms",
        ratio,
        f"{ratio:.2f}, {more:+.2f} ms",
        1.1,
        1.05,
        more_is_better=False,
        slack=more <= 1,
    )
