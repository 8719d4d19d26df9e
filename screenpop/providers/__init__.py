"""One folder per phone-system vendor, behind common protocols."""
