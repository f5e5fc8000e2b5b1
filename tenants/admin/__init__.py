"""Stores, the team of the open store, the audit trail; users for the install's operators."""

from tenants.admin import audit, stores, team, users  # noqa: F401  # Django finds them here
