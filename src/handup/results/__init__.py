"""Facts, indicators, reports; reads everything, writes nothing elsewhere."""
