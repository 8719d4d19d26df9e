"""The words that head the columns of contact lists, in the languages we know.

English is as Google, Outlook and the CRMs export it; Outlook heads its columns in the
language it speaks, German, Italian, Spanish and Lithuanian among them. All of them are
compared in small letters, without accents and punctuation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ContactField(StrEnum):
    """What a column may hold."""

    IGNORED = ""
    NAME = "name"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    PHONE = "phone"
    EMAIL = "email"
    ID = "id"
    URL = "url"


_NAME: Final = """
full name|display name|contact|contact name|customer|customer name|client|client name
|caller name|person name|file as|speichern unter|archivia come|nominativo
|nome completo|cliente|nome e cognome
|cognome e nome|vollstandiger name|kunde|ansprechpartner|nom complet|nombre completo
|vardas pavarde|vardas ir pavarde|фио|клиент|контакт
"""
_FIRST_NAME: Final = """
first name|firstname|given name|forename|vorname|prenom|nombre de pila
"""
_MIDDLE_NAME: Final = """
middle name|additional name|secondo nome|weitere vornamen|zweiter vorname
|segundo nombre|deuxieme prenom|antras vardas|отчество
"""
_LAST_NAME: Final = """
last name|lastname|surname|family name|cognome|nachname|familienname|nom de famille
|apellido|apellidos|pavarde|фамилия
"""
_COMPANY: Final = """
company|company name|organization|organisation|organization name|organization 1 name
|business name|account name|employer|azienda|societa|ragione sociale|ditta|firma
|unternehmen|organisationsname|entreprise|societe|empresa|compania|organizacion|imone
|organizacija|imones pavadinimas
|компания|организация
"""
_JOB_TITLE: Final = """
job title|jobtitle|organization title|organization 1 title|position|role|ruolo|mansione
|qualifica|posizione|funktion|stelle|fonction|poste|cargo|puesto|pareigos|должность
"""
_ID: Final = """
id|uid|uuid|contact id|customer id|client id|record id|customer number|customer no
|account number|codice cliente|id cliente|kundennummer|numero client|codigo cliente
|kliento kodas
"""
_URL: Final = """
url|website|web site|web page|webpage|homepage|link|contact url|crm url|record url
|website 1 value|sito web|sito|pagina web|webseite|site web|sitio web|tinklalapis
"""
_F: Final = ContactField
_HEADINGS: Final = (
    (_F.NAME, _NAME),
    (_F.FIRST_NAME, _FIRST_NAME),
    (_F.MIDDLE_NAME, _MIDDLE_NAME),
    (_F.LAST_NAME, _LAST_NAME),
    (_F.COMPANY, _COMPANY),
    (_F.JOB_TITLE, _JOB_TITLE),
    (_F.ID, _ID),
    (_F.URL, _URL),
)
_PHONE_TEXT: Final = """
phone phones telephone tel tlf mobile cell cellphone fax callback number msisdn telefono
cellulare fisso recapito telefon telefonnummer rufnummer handy mobil mobiltelefon
mobilnummer festnetz portable movil celular telefonas mobilusis numeris телефон
мобильныи сотовыи номер phonenumber telephonenumber mobilephone businessphone homephone
workphone e164 centralita faksas faksograma
"""
_SILENT_TEXT: Final = """
phone phones number telephone tel no nr telefono telefon telefonnummer numero rufnummer
telefonas numeris телефон номер phonenumber telephonenumber value e164 msisdn di de del
s as ias
"""
_NOT_NUMBER_TEXT: Final = """
type label ext extension account customer order invoice house street zip postal tax vat
iban serial fiscale partita preferred verified consent country code count date id
government organizational passport license policy reference membership yomi
"""

BY_HEADING: Final = {
    heading.strip(): field
    for field, headings in _HEADINGS
    for heading in headings.split("|")
}
"""Headings that say all."""
PLAIN_NAMES: Final = frozenset({"name", "nome", "nom", "nombre", "vardas", "имя"})
"""The first name, the last name or both: it depends on the other columns."""
PHONE_WORDS: Final = frozenset(_PHONE_TEXT.split())
"""One of these makes a heading a telephone's."""
PHONE_PARTS: Final = ("telefo", "phone", "telephon")
"""So does a word with one of these in it: Autotelefon, Mobiltelefon, Radioteléfono."""
NO_PHONE_PARTS: Final = ("phonet",)
"""But not one with one of these."""
BARE_PHONES: Final = frozenset(
    {"abitazione", "ufficio", "particular", "recapito telefonico"}
)
"""Outlook's whole headings for numbers that do not mention a telephone."""
FILING_NAMES: Final = frozenset({"file as", "speichern unter", "archivia come"})
"""Under what a contact is filed: "Bell, Ana". Its first and last name read better."""
NOT_NUMBERS: Final = frozenset(_NOT_NUMBER_TEXT.split())
"""One of these makes it something else after all."""
SILENT_WORDS: Final = frozenset(_SILENT_TEXT.split())
"""These say nothing of what kind of telephone it is."""
LABEL_WORDS: Final = frozenset({"label", "type"})
"""These end the heading of a column that says so row by row."""
