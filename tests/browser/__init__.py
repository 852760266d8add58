"""Tests in a real Chromium against the real server; run by `make test` in a stage of their own."""
