"""Stores, the team of the open store, the audit trail; users for the install's operators."""

from tenants.admin import (  # noqa: F401  # Django finds them here
    audit,
    invitations,
    keys,
    stores,
    team,
    users,
)
