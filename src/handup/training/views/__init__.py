"""The web door of training."""
