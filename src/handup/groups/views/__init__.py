"""Pages of groups, by what they show: the groups and their members, and the meetings."""
