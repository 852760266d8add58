"""The pages in a real Chromium: seen, read by axe, driven by keyboard, printed."""
