"""How many decimals a currency's smallest unit has (ISO 4217)."""

DIGITS = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip


def digits_of(currency: str) -> int:
    """Decimals between the main unit of a currency and its smallest unit."""
    return DIGITS.get(currency, 2)
