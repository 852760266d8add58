"""Form fields of lending that stand in more than one form."""

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """Texts, one a line; the value is the list of those that are not empty."""

    def __init__(self, *, longest: int = 300, most: int = 20, **options: Any) -> None:
        """Take the longest line and the most lines."""
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=longest * most, required=False, **options)
        self.longest = longest

    def clean(self, value: Any) -> Any:
        """The lines."""
        text = super().clean(value)
        lines = [line.strip() for line in str(text or "").splitlines()]
        return [line[: self.longest] for line in lines if line]

    def prepare_value(self, value: Any) -> Any:
        """The lines as they were typed."""
        return "\n".join(value) if isinstance(value, list) else value
