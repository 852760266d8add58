"""The inbox: a field record becomes the same service call the web makes."""
