"""The words of `desk`: pure."""
