"""Who works here and where: staff, roles, scopes, places, audit trail, read log, encrypted fields."""
