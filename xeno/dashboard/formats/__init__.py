"""How dates read in the admin, by language."""
