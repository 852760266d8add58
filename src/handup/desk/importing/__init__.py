"""From a file somebody hands over to records, through the services of the domains."""
