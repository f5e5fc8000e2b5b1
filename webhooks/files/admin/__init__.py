"""The pages of exports and imports for staff."""

from webhooks.files.admin.exports import ExportAdmin

__all__ = ["ExportAdmin"]
