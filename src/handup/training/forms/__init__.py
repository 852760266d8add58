"""Forms of training: what a page asks, in the field's words."""
