"""British English, the admin's language."""
