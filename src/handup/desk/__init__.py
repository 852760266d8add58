"""Staff pages that cross domains: today, a person's journey, search, import centre."""
