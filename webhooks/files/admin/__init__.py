"""The pages of exports and imports for staff."""

from webhooks.files.admin.exports import ExportAdmin
from webhooks.files.admin.imports import ImportAdmin

__all__ = ["ExportAdmin", "ImportAdmin"]
