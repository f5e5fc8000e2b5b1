"""The walls between tenants: what every tenant-owned table, query, view, task and page uses."""
