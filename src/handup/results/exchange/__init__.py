"""A programme as other systems read it: what may be told, its money, its activities."""
