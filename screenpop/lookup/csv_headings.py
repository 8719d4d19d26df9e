"""The words that head the columns of contact lists, in the languages we know.

English is as Google, Outlook and the CRMs export it; Outlook heads its columns in the
language it speaks, German, Italian, Spanish and Lithuanian among them. All of them are
compared in small letters, without accents and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
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
|client full name|nome e sobrenome|contato|contacto|volledige naam|klant|klantnaam
|contactpersoon|imie i nazwisko|nazwisko i imie|klient|kontakt|osoba kontaktowa
|fullstandigt namn|visningsnamn|kundnamn|kontaktperson|fulde navn|fullt navn
|visningsnavn|koko nimi|asiakas|yhteyshenkilo|ad soyad|adi soyadi|isim soyisim|musteri
|musteri adi|ονοματεπωνυμο|πελατης|επαφη|vards uzvards|vards un uzvards|klients
|kontaktpersona|taisnimi|kontaktisik|jmeno a prijmeni|prijmeni a jmeno|cele jmeno
|zakaznik|kontaktni osoba|meno a priezvisko|cele meno|kontaktna osoba|teljes nev|ugyfel
|ugyfel neve|kapcsolattarto|nume complet|nume si prenume|persoana de contact
|ime i prezime|ime in priimek|полное имя|контактное лицо|заказчик|покупатель
|піб|клієнт|الاسم الكامل|اسم العميل|العميل|שם מלא
|לקוח|שם לקוח|姓名|客户|客戶|联系人|聯絡人|客户名称|客戶名稱|氏名|お名前|顧客名|担当者
|担当者名|성명|고객명|담당자
"""
_FIRST_NAME: Final = """
first name|firstname|given name|forename|vorname|prenom|nombre de pila
|primeiro nome|voornaam|roepnaam|imie|fornamn|fornavn|etunimi|adi|isim|eesnimi
|keresztnev|utonev|prenume|ім я|الاسم الأول|שם פרטי|名
"""
_MIDDLE_NAME: Final = """
middle name|additional name|secondo nome|weitere vornamen|zweiter vorname
|segundo nombre|deuxieme prenom|antras vardas|отчество
"""
_LAST_NAME: Final = """
last name|lastname|surname|family name|cognome|nachname|familienname|nom de famille
|apellido|apellidos|pavarde|фамилия
|sobrenome|ultimo nome|achternaam|familienaam|nazwisko|efternamn|efternavn
|etternavn|sukunimi|soyad|soyadi|soyisim|επωνυμο|uzvards|perekonnanimi|perenimi|prijmeni
|priezvisko|vezeteknev|csaladnev|nume de familie|prezime|priimek|прізвище|اسم العائلة
|الاسم الأخير|שם משפחה|姓|姓氏|성
"""
_COMPANY: Final = """
company|company name|organization|organisation|organization name|organization 1 name
|business name|account name|employer|azienda|societa|ragione sociale|ditta|firma
|unternehmen|organisationsname|entreprise|societe|empresa|compania|organizacion|imone
|organizacija|imones pavadinimas
|компания|организация
|firm|business|companhia|razao social|nome da empresa|bedrijf|bedrijfsnaam|organisatie
|nazwa firmy|przedsiebiorstwo|foretag|foretagsnamn|virksomhed|firmanavn|selskab|selskap
|bedrift|organisasjon|yritys|yrityksen nimi|organisaatio|sirket|sirket adi|firma adi
|kurum|εταιρεια|εταιρια|επωνυμια|επιχειρηση|uznemums|uznemuma nosaukums|ettevote
|ettevotte nimi|asutus|spolecnost|nazev firmy|organizace|spolocnost|nazov firmy|ceg
|cegnev|vallalat|szervezet|companie|societate|nume companie|tvrtka|poduzece|podjetje
|фирма|предприятие|название компании|компанія|організація|фірма|підприємство|الشركة
|اسم الشركة|المؤسسة|חברה|שם חברה|公司|公司名称|公司名稱|单位|企业名称|会社|会社名|企業名
|勤務先|회사|회사명
"""
_JOB_TITLE: Final = """
job title|jobtitle|organization title|organization 1 title|position|role|ruolo|mansione
|qualifica|posizione|funktion|stelle|fonction|poste|cargo|puesto|pareigos|должность
|funcao|functie|stanowisko|befattning|stilling|titteli|gorev|θεση|amats|amet|pozice
|funkce|pozicia|funkcia|beosztas|посада|职位|职务|職稱|役職|직책
"""
_ID: Final = """
id|uid|uuid|contact id|customer id|client id|record id|customer number|customer no
|account number|codice cliente|id cliente|kundennummer|numero client|codigo cliente
|kliento kodas
|kd nr|kundennr|kunden nr|klantnummer|nr klienta|kundnr|kundnummer|kundenummer
|asiakasnumero|客户编号
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
mob mobiles landline ddi whatsapp hotline switchboard hdy natel gsm mobiel
mobielnummer komorka komorkowy kom stacjonarny matkapuhelin puhelin cep κινητο
σταθερο φαξ talrunis mobilais mobiil mobilni мобільнии جوال الجوال موبايل
الموبايل الهاتف נייד סלולרי פקס 传真 傳真 연락처
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


def folded_heading(heading: str) -> str:
    """``heading`` in small letters without accents and punctuation."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", heading.casefold())
        if not unicodedata.combining(char)
    )
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


BY_HEADING: Final = {
    folded_heading(heading): field
    for field, headings in _HEADINGS
    for heading in headings.split("|")
    if heading.strip()
}
"""Headings that say all."""
FAMILY_NAMES: Final = frozenset({"nom", "nume"})
"""With a first name beside them these are the family's."""
GIVEN_NAMES: Final = frozenset({"ad"})
"""These are names only with a family name beside them."""
PLAIN_NAMES: Final = (
    FAMILY_NAMES
    | GIVEN_NAMES
    | {
        *("name", "nome", "nombre", "vardas", "имя", "naam", "namn", "navn", "nimi"),
        *("nev", "ime", "jmeno", "meno", "vards", "ονομα", "име", "الاسم", "שם"),
        *(folded_heading(each) for each in ("名前", "名字", "이름")),
    }
)
"""The first name, the last name or both: it depends on the other columns."""
PHONE_WORDS: Final = frozenset(map(folded_heading, _PHONE_TEXT.split()))
"""One of these makes a heading a telephone's."""
PHONE_PARTS: Final = (
    *("telefo", "phone", "telephon", "τηλεφων", "هاتف", "טלפון", "電話", "电话"),
    *("手机", "手機", "携帯", "座机"),
    *map(folded_heading, ("전화", "휴대폰", "핸드폰")),
)
"""So does a word with one of these in it: Autotelefon, Mobiltelefon, Radioteléfono."""
NO_PHONE_PARTS: Final = ("phonet",)
"""But not one with one of these."""
BARE_PHONES: Final = frozenset(
    {"abitazione", "ufficio", "particular", "recapito telefonico", "contact no"}
    | {"direct line", "direct dial", "main line", "alt no", "alternate no"}
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
