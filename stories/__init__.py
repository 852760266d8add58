"""The seed programmes told from field records to the results page, as tests."""
