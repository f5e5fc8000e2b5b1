"""From a query's tree to SQL, through the ORM's expressions."""
