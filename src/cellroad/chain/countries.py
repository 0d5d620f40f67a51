"""What is a country called? By its code of ISO 3166-1, as people say it in English."""

from __future__ import annotations

NAMES = {
    "AE": "the United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BD": "Bangladesh",
    "BE": "Belgium", "BG": "Bulgaria", "BO": "Bolivia", "BR": "Brazil", "CA": "Canada", "CD": "the DR Congo",
    "CH": "Switzerland", "CL": "Chile", "CN": "China", "CO": "Colombia", "CU": "Cuba", "CZ": "Czechia", "DE": "Germany",
    "DK": "Denmark", "EE": "Estonia", "EG": "Egypt", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "the United Kingdom", "GE": "Georgia", "GR": "Greece", "HK": "Hong Kong", "HR": "Croatia", "HU": "Hungary",
    "ID": "Indonesia", "IE": "Ireland", "IL": "Israel", "IN": "India", "IR": "Iran", "IS": "Iceland", "IT": "Italy",
    "JP": "Japan", "KE": "Kenya", "KH": "Cambodia", "KP": "North Korea", "KR": "South Korea", "KZ": "Kazakhstan",
    "LA": "Laos", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco", "MG": "Madagascar",
    "MM": "Myanmar", "MX": "Mexico", "MY": "Malaysia", "MZ": "Mozambique", "NC": "New Caledonia", "NG": "Nigeria",
    "NL": "the Netherlands", "NO": "Norway", "NZ": "New Zealand", "OM": "Oman", "PA": "Panama", "PE": "Peru",
    "PH": "the Philippines", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "QA": "Qatar", "RO": "Romania",
    "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia",
    "SK": "Slovakia", "SY": "Syria", "TH": "Thailand", "TN": "Tunisia", "TR": "Turkey", "TW": "Taiwan",
    "TZ": "Tanzania", "UA": "Ukraine", "US": "the United States", "UZ": "Uzbekistan", "VE": "Venezuela",
    "VN": "Vietnam", "ZA": "South Africa", "ZM": "Zambia", "ZW": "Zimbabwe",
}  # fmt: skip


def name_of(code: str) -> str:
    """Return what a country is called; the code itself where it is not known here."""
    return NAMES.get(code, code)
