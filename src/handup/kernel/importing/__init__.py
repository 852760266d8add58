"""Files somebody hands over: which tables and columns a kind of file has, and its rows read."""
