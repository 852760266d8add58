"""The three programmes end to end, as tests a programme officer could read."""
