"""Who may do what: the rights, the roles, and the one table that joins them."""

from collections.abc import Mapping

from django.db.models import TextChoices


class Right(TextChoices):
    """One thing that a person may do in one store; the value is guardian's codename."""

    VIEW_CUSTOMERS = "view_customers", "View customers"
    EDIT_CUSTOMERS = "edit_customers", "Edit customers"
    VIEW_ORDERS = "view_orders", "View orders and products"
    VIEW_SEGMENTS = "view_segments", "View segments"
    EDIT_SEGMENTS = "edit_segments", "Edit segments"
    VIEW_CAMPAIGNS = "view_campaigns", "View campaigns"
    EDIT_CAMPAIGNS = "edit_campaigns", "Edit campaigns"
    APPROVE_CAMPAIGNS = "approve_campaigns", "Approve campaigns"
    SEND_CAMPAIGNS = "send_campaigns", "Send campaigns"
    VIEW_ANALYTICS = "view_analytics", "View analytics"
    EXPORT_DATA = "export_data", "Export data"
    MANAGE_TEAM = "manage_team", "Manage the team"
    MANAGE_STORE = "manage_store", "Manage the store and its connection"


class Role(TextChoices):
    """What a member is in a store."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MARKETER = "marketer", "Marketer"
    AUTHOR = "author", "Author"
    ANALYST = "analyst", "Analyst"
    SUPPORT = "support", "Support"


VIEWS = {
    Right.VIEW_CUSTOMERS,
    Right.VIEW_ORDERS,
    Right.VIEW_SEGMENTS,
    Right.VIEW_CAMPAIGNS,
    Right.VIEW_ANALYTICS,
}

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right),
    Role.MARKETER: frozenset(
        VIEWS
        | {
            Right.EDIT_CUSTOMERS,
            Right.EDIT_SEGMENTS,
            Right.EDIT_CAMPAIGNS,
            Right.SEND_CAMPAIGNS,
            Right.EXPORT_DATA,
        }
    ),
    # An author writes and plans; somebody else sends.
    Role.AUTHOR: frozenset(VIEWS | {Right.EDIT_SEGMENTS, Right.EDIT_CAMPAIGNS}),
    # An analyst sees everything and takes nothing away.
    Role.ANALYST: frozenset(VIEWS),
    Role.SUPPORT: frozenset({Right.VIEW_CUSTOMERS, Right.EDIT_CUSTOMERS, Right.VIEW_ORDERS}),
}


def rights_with(role: Role, exceptions: Mapping[str, bool]) -> frozenset[Right]:
    """The role's rights with the granted (True) beside them and without the taken (False).

    An owner holds all, whatever the exceptions say.
    """
    if role == Role.OWNER:
        return ROLE_RIGHTS[role]
    granted = {Right(right) for right, given in exceptions.items() if given}
    return (ROLE_RIGHTS[role] | granted) - {
        Right(right) for right, given in exceptions.items() if not given
    }


def telling(role: Role, exceptions: Mapping[str, bool]) -> dict[str, bool]:
    """Those of the exceptions that say something else than the role does."""
    own = ROLE_RIGHTS[role]
    kept = {} if role == Role.OWNER else exceptions
    return {right: given for right, given in kept.items() if given is not (Right(right) in own)}
