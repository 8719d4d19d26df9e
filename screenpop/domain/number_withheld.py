"""The many words and codes that stand where a caller's number is not shown.

Networks, phone systems and telephones say it in the language of their maker, and in
more than one word: "Private number", "numero sconosciuto", "Rufnummer unterdrückt". So
single words are known here, and a text is withheld when it has one of them and no word
that is not of this trade.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

# Each says it alone, in whatever gender or case a language gives it.
_HIDDEN: Final = """
anonymous anonim anonimo anonima anonyme anonymer anonym anonimi anonimas anoniminis
anonims anonyymi anoniem anônimo anonymní anonymný anonüümne anonimno аноним анонимный
анонимно
анонім анонімний ανώνυμος
private privato privata privado privada pribadi prive privé privée privat privates
privatus
privāts privaatne prywatny privatnummer privénummer yksityinen приватный приватний
частный приватно
restricted restringido restringida restrito restrita zastrzeżony
unknown sconosciuto sconosciuta desconocido desconocida desconhecido desconhecida
inconnu inconnue unbekannt unbekannter unbekannte onbekend onbekende okänt okänd ukendt
ukjent tuntematon nieznany neznámé neznáme neznámy neznámý nepoznat nepoznato neznan
ismeretlen necunoscut nežinomas nezināms tundmatu bilinmeyen неизвестный неизвестен
невідомий непознат непозната άγνωστος ناشناس
unavailable unidentified clir neidentifikuotas neatpažintas withheld blocked bloqueado
bloccato bloqué hidden masked nascosto nascosta oculto oculta caché masqué masquée
verborgen unterdrückt unterdrückte unterdrückter afgeschermd dolt dold skyddat skjult
varjatud salattu ukryty skryté skrytý skrito skriven skriveni utajené utajený soukromé
soukromý súkromné súkromný hemmeligt hemmelig onderdrukt rejtett ascuns ascunsă slėptas
paslėptas nerodomas slēpts
gizli скрыт скрытый скрыто скривен прихований приховано απόκρυψη
secret secreto segreto hemligt salainen titkos slaptas confidencial riservato
unassigned
"""
# May stand beside such a word; none of them says anything alone.
_TRADE: Final = """
number numbers num nr call calls caller callers calling id cid cli clip line user
party presentation address numero número numéro num nº nummer numeris numurs
numer numara číslo szám număr broj nomor номер абонент звонок дзвінок αριθμός
chiamata chiamante utente llamada llamante usuario appel appelant anruf anrufer
rufnummer telefonnummer ligação ligações chamada chamadas llamadas beller oproep samtal
opkald anrop anrops identificador identificación identificação identification
identyfikator identyfikatora kimliği arayan volajícího hívóazonosító skambintojo apelant
nazywającego rozmówcy
"""
_NOT: Final = """
no not non não nao nicht kein keine pas aucun aucune geen nessun nessuna nessuno sin sem
senza inget ingen intet brak bez nincs fără yok nėra ei не нет без нема
"""
# What stands between the words of "Pas d'ID de l'appelant".
_JOINTS: Final = "a d de del dell della des di do da du l la le"
_THERE: Final = """
available disponibile disponible disponível identified identificado identificato
identifié verfügbar bekannt shown mostrato beschikbaar определен определён определяется
доступен
"""
# As a whole, letters only: what the words above do not say.
_PHRASES: Final = """
none null nil undefined nan n/a na n/d nd outofarea coinphone payphone p o
numberwithheld asterisk asteriskunknown khôngxácđịnh ẩndanh tidakdiketahui
非通知 非通知設定 通知不可能 表示圏外 公衆電話 匿名 不明 未知 未知号码 未知號碼
私人号码 私人號碼 隐藏号码 隱藏號碼 无法显示 無法顯示 无来电显示 無來電顯示
رقمخاص رقممحجوب رقممخفي مجهول محجوب غيرمعروف חסוי מספרחסוי
발신번호표시제한 발신번호없음 발신자표시제한 अज्ञात निजीनंबर ไม่ทราบ ไม่ทราบหมายเลข
"""
# What telephones send for "not known", "hidden" and "call box" instead of a word, and
# the words that some networks spell on a keypad: ANONYMOUS, RESTRICTED, BLOCKED,
# UNKNOWN. (UNAVAILABLE would be a possible number in China.)
_CODES: Final = frozenset(
    {"", "-", "--", "-1", "-2", "-3", "266696687", "+266696687", "+7378742833"}
    | {"+2562533", "+8656696"}
)
_ALL_ZEROS: Final = re.compile(r"\+?1?0{7,}")
_MASKED: Final = re.compile(r"[?]+|[*]{3,}|[xX]{3}[xX .\-]*")
_NO_SEPARATORS: Final = str.maketrans("", "", " .()-")
_NOT_A_LETTER: Final = re.compile(r"[^\w/]|_")


class _Vocabulary(NamedTuple):
    hidden: frozenset[str]
    trade: frozenset[str]
    negations: frozenset[str]
    presences: frozenset[str]
    joints: frozenset[str]
    phrases: frozenset[str]


def is_withheld(bare: str) -> bool:
    """Whether a clean text stands for a number that is not shown."""
    if bare in _CODES or _MASKED.fullmatch(bare):
        return True
    if bare[0] in "+0123456789(":
        digits = bare.translate(_NO_SEPARATORS)
        if digits[:1] in "+0123456789":
            return bool(_ALL_ZEROS.fullmatch(digits))
    return _says_withheld(_folded(bare))


def _says_withheld(folded: str) -> bool:
    known = _vocabulary()
    if _NOT_A_LETTER.sub("", folded) in known.phrases:
        return True
    words = frozenset(_NOT_A_LETTER.sub(" ", folded).split())
    if words <= known.hidden | known.trade and words & known.hidden:
        return True
    # "No number", "numero non disponibile", "номер не определён".
    about = known.trade | known.presences
    is_negation = bool(words & known.negations) and bool(words & about)
    return is_negation and words <= about | known.negations | known.joints


def _folded(text: str) -> str:
    """Lower case, without accents."""
    return "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(char)
    )


@cache
def _vocabulary() -> _Vocabulary:
    phrases = (_NOT_A_LETTER.sub("", _folded(each)) for each in _PHRASES.split())
    return _Vocabulary(
        hidden=_words(_HIDDEN),
        trade=_words(_TRADE),
        negations=_words(_NOT),
        presences=_words(_THERE),
        joints=_words(_JOINTS),
        phrases=frozenset(phrases),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(_folded(text).split())
