"""Settings, addresses, the server's entry: the only place that knows the whole list."""
