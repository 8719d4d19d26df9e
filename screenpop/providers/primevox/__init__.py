"""PrimeVOX (also Qvara, Kontak): cloud telephony from the United States."""
