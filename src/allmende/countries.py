"""Countries by their two letters (ISO 3166-1 alpha-2), and what they are called in a language (Unicode CLDR)."""

from functools import cache

from babel import Locale

_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""What CLDR also names by two letters: unions of countries, and codes for tests."""


@cache
def _names(language: str) -> dict[str, str]:
    named = Locale.parse(language).territories
    return {code: name for code, name in named.items() if len(code) == len("CH") and code.isalpha()}


def is_country(code: str) -> bool:
    """Tell whether these two capital letters stand for a country."""
    return code in _names("en") and code not in _NO_COUNTRIES


def country_name(code: str, language: str = "en") -> str:
    """Return what a country is called in a language; the code itself where it is none."""
    return _names(language).get(code, code)
