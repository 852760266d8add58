"""Handup: runs micro-enterprise development programmes end to end."""
