"""Tests about the code itself: what every file must hold, whatever it does."""
