"""Loader of the demonstration programmes; the only place whose data name a country."""
