"""Who works here and where: staff, roles, scopes, places, audit trail, read log, secret fields."""
