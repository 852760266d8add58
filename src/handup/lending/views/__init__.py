"""The pages of lending."""
