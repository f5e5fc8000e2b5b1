"""What a campaign brought, measured: pure computation, without the ORM."""
