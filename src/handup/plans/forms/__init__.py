"""The forms of plans: what a person fills in, turned into what the services take."""
