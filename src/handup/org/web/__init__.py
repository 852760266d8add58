"""What every domain builds its pages from: lists, forms, records, figures, navigation."""
