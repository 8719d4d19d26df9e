"""What numbering plans say in general: calling codes, lengths, emergency numbers.

Small enough to answer the common questions without loading the phone-number library.
The facts are those of its metadata (phonenumberslite 9.0.42, Apache 2.0, itself from
the national numbering plans); tests/domain/test_numbers_plans.py compares the two.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from screenpop.domain.frozen import frozen

# calling code : regions, the main one first : lengths of the national number : first
# digits that may be a trunk prefix, with an x where there is more to prefixes than one
# such digit and "00".
_PLANS: Final = """
1:US/AG/AI/AS/BB/BM/BS/CA/DM/DO/GD/GU/JM/KN/KY/LC/MP/MS/PR/SX/TC/TT/VC/VG/VI:10:1x
20:EG:8-10:0 211:SS:9:0 212:MA/EH:9:0 213:DZ:8-9:0 216:TN:8 218:LY:9:0 220:GM:7,9
221:SN:9 222:MR:8 223:ML:8 224:GN:8-9 225:CI:10 226:BF:8 227:NE:8 228:TG:8
229:BJ:8,10 230:MU:7-8,10:x 231:LR:7-9:0 232:SL:8:0 233:GH:8-9:0 234:NG:10-14:0
235:TD:8:x 236:CF:8 237:CM:8-9 238:CV:7:x 239:ST:7 240:GQ:9 241:GA:7-8:0x 242:CG:9
243:CD:7-10:0 244:AO:9 245:GW:7,9 246:IO:7 247:AC:5-6 248:SC:7:x 249:SD:9:0
250:RW:8-9:0 251:ET:9:0 252:SO:6-9:0 253:DJ:8 254:KE:7-10:0 255:TZ:9:0 256:UG:9:0
257:BI:8 258:MZ:8-9 260:ZM:9:0 261:MG:9:0x 262:RE/YT:9:0 263:ZW:7,9-10:0
264:NA:8-9:0 265:MW:7,9:0 266:LS:8 267:BW:7-8,10 268:SZ:8-9 269:KM:7 27:ZA:5-10:0
290:SH/TA:4-5 291:ER:7:0 297:AW:7 298:FO:6:1x 299:GL:6 30:GR:10-12 31:NL:5-11:0
32:BE:8-9:0 33:FR:9:0 34:ES:9 350:GI:8 351:PT:9 352:LU:4-11:1x 353:IE:7-10:0
354:IS:7,9:x 355:AL:6-9:0 356:MT:8 357:CY:8 358:FI/AX:5-12:0x 359:BG:6-9,12:0
36:HU:8-9:0x 370:LT:8:08x 371:LV:8 372:EE:7-8,10 373:MD:8:0 374:AM:8:0
375:BY:6-11:08x 376:AD:6,8-9 377:MC:8-9:0 378:SM:8,10 380:UA:9-10:0 381:RS:6-12:0
382:ME:8-9:0 383:XK:8-12:0 385:HR:7-9:0 386:SI:5-8:0x 387:BA:8-9:0 389:MK:8:0
39:IT/VA:6-12 40:RO:6,9:0 41:CH:9,12:0 420:CZ:9-12 421:SK:6-7,9:0 423:LI:7,9:01x
43:AT:4-13:0 44:GB/GG/IM/JE:7,9-10:0x 45:DK:8 46:SE:6-10,12:0 47:NO/SJ:5,8
48:PL:6-10 49:DE:4-15:0 500:FK:5 501:BZ:7,11 502:GT:8,11 503:SV:7-8,11 504:HN:8,11
505:NI:8 506:CR:8,10:1x 507:PA:7-8,10-11 508:PM:6,9:0 509:HT:8 51:PE:8-9:0
52:MX:10:x 53:CU:6-8,10:0x 54:AR:10-11:0123x 55:BR:8-11:09x 56:CL:9-11:x
57:CO:8,10-11:0x 58:VE:10:0 590:GP/BL/MF:9:0 591:BO:8-9:0x 592:GY:7 593:EC:8-11:0
594:GF:9:0 595:PY:6-11:0 596:MQ:9:0 597:SR:6-7 598:UY:4-13:0x 599:CW/BQ:7-8
60:MY:8-10:0 61:AU/CC/CX:5-10,12:01x 62:ID:7-17:0 63:PH:6,8-13:0 64:NZ:5-10:0x
65:SG:8,10-11:x 66:TH:8-10,13:0 670:TL:7-8 672:NF:6 673:BN:7 674:NR:7 675:PG:7-8:x
676:TO:5,7 677:SB:5,7:x 678:VU:5,7 679:FJ:7,11:x 680:PW:7:x 681:WF:6,9 682:CK:5
683:NU:4,7 685:WS:5-7,10:x 686:KI:5,8:0 687:NC:6 688:TV:5-7 689:PF:6,8-9 690:TK:4-7
691:FM:7 692:MH:7:1x 7:RU/KZ:10,14:8x 800:-:8 808:-:8 81:JP:8-17:0x
82:KR:5-6,8-14:0x 84:VN:7-10:0 850:KP:8,10:0x 852:HK:5-9,11 853:MO:7-8 855:KH:8-10:0
856:LA:8-10:0 86:CN:7-12:01x 870:-:9,12 878:-:12 880:BD:6-10:0 881:-:9-10 882:-:7-12
883:-:8-12 886:TW:7-11:0x 888:-:11 90:TR:7,10,12-13:0 91:IN:8-13:0 92:PK:8-12:0
93:AF:9:0 94:LK:9:0 95:MM:6-10:0 960:MV:7,10:x 961:LB:7-8:0 962:JO:8-9:0
963:SY:8-9:0 964:IQ:8-10:0 965:KW:7-8 966:SA:9-10:0 967:YE:7-9:0 968:OM:7-9
970:PS:8-10:0 971:AE:5-12:0 972:IL:7-12:0x 973:BH:8 974:QA:7-9,11 975:BT:7-8
976:MN:8-10:0 977:NP:8,10-11:0 979:-:9 98:IR:4-7,10:0 992:TJ:9:x 993:TM:8:8x
994:AZ:9:0 995:GE:9:0 996:KG:9-10:0 998:UZ:9
"""

# Regions : their emergency numbers. Gabon's 1300 to 1399 are left out.
_EMERGENCY: Final = """
AC/AG/LC/MS/SH/TC/VC/VG:911,999 AD:110,112,116,118 AE/PL:112,997,998,999
AF:100,102,119 AI/AS/BM/GD/GU/KY/MH/MP/PA/PR/PW/TV/VI:911 AL:112,127,128,129
AM/KG:101,102,103 AO:112,113,115 AR:100,101,107,911 AT:112,122,133,144
AU:000,106,112 AW:100,911 AX/FI/GL/IS/KW/MT/RO/ST/VU:112
AZ/BY/KZ/TJ/UA:101,102,103,112 BA:122,123,124 BB:211,311,511,911
BD:100,101,102,199,999 BE:100,101,112 BF/DJ/KM/MR/SN/TD:17,18 BG:112,150,160,166
BH:199,999 BI:112,113,117 BJ:112,114,116,117,118 BL:18 BN:991,993,995 BO:110,118,119
BQ/CA/CR/CW/DO/NL/US:112,911 BR:112,128,190,192,193,911 BS:911,919
BT/NO/SJ/SY:110,112,113 BW:111,112,911,997,998,999 BZ:90,911,990 CC/CX:000,112
CD:113,114,118,177,188 CF:117,118,1220 CG:117,118 CH/LI:112,117,118,144
CI:110,111,170,180 CK:996,998,999 CL:131,132,133,911 CM:13,17,113,117 CN:110,119,120
CO:112,119,123,132,156 CU:104,105,106 CV:130,131,132 CY:112,199
CZ:112,150,151,152,153,154,155,156,157,158,159 DE/EE:110,112 DK/FO:112,114
DM/KN:333,911,999 DZ:14,17,112 EC:101,102,112,911 EG:122,123,180 EH/MA:15,19,177
ER:112,113,114,116,124422,127799,201606,201917,202099,202914 ES:085,088,112
ET:91,92,93,911,939,991,997 FJ:911,917 FK/IM/MO/NU/QA/SB/SC/SD/SS/SZ/UG:999
FM:911,320221 FR/MC/MQ/RE:15,17,18,112 GA:18,1300,1730 GB/GG/IE/JE/MY:112,999
GE:011,022,033,111,112,113,122 GF/GP/MF/ML/PF/PM/WF:15,17,18 GH:191,192,193,999
GI:112,190,199 GM:16,17,18,116,117,118 GR:100,112,166,199 GT:110,120,123
GW:113,117,118 GY:911,912,913 HK:112,992,999 HN/MM/NG:199 HR:93,94,112,192,193,194
HT:114,118 HU:104,105,107,112 ID:110,112,113,118,119 IL:100,101,102,112
IN:100,101,102,108,112,1298,2611 IQ:100,104,115,122 IR:110,112,115,125,911
IT/VA:112,113,115,118 JM:110,112,119,911 JO:112,191,192,197,911 JP:110,119
KE:112,114,999 KH:117,118,119,666 KI:192,193,194,195,992,993,994 KP:112,119,819
KR:112,119 LA:190,191,195 LB:112,140,175,999 LK:110,112,116,118,119 LR:355,911
LS:112,115,117 LT:01,02,03,011,022,033,101,102,103,112 LU/SI:112,113
LV:01,02,03,110,112,113 LY:190,191,193 MD:112,901,902,903 ME:112,122,123,124
MG:17,18,117,118 MK/XK:112,192,193,194 MN:100,101,102,103,105 MU:114,115,995,999
MV:102,118,119 MW:199,997,998,999 MX:060,065,066,068,080,911 MZ:117,119,197,198
NA:10111 NC:15,16,17,18 NE:15,17,18,118,723141 NF:911,955,977 NI:115,118,120,128
NP:100,101,102,103,112 NR:110,111,112 NZ:111 OM:1444,9999 PE:105,116,117
PG:000,110,111 PH:112,117,911 PK:15,16,112,115,1122 PS:100,101,102 PT/TL:112,115
PY/UY:128,911 RS:92,93,94,112 RU:01,02,03,101,102,103,112 RW:111,112
SA:112,911,997,999 SE:112,90000 SG:993,995,999 SK:112,150,155,158 SL:019,999
SM:113,115,118 SO:555,888,999 SR:115 SV:911,913 SX:919 TG:117,118,171,172,177
TH:191,199,1669 TM:01,02,03 TN:190,197,198 TO:911,922,933,999 TR:110,112,155
TT:990,999 TW:110,112,119 TZ:110,111,112,114,115,999 UZ:01,02,03,001,002,003,050
VE:112,171,911 VN:113,114,115 WS:911,994,995,996,999 YE:191,194,195,199 YT:15,112
ZA:112,10111,10177 ZM:112,991,993,999 ZW:112,993,994,995,999
"""

LONGEST_E164: Final = 15
_ITALY: Final = "39"
# Few Italian numbers begin so, and many that have lost their zero.
_WITH_A_LOST_ZERO: Final = "1245679"
_CANONICAL: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_CALLING_CODE: Final = 3
_NO_REGION: Final = "-"
# From here on, digits may be a foreign number whose "+" was lost.
_FEWEST_DIGITS_WITH_CODE: Final = 10
# Of any number that is not known to be in use, its country's code included.
_FEWEST_DIGITS: Final = 7
# Where neither a trunk prefix nor the length tells; with or without the calling code.
_SURE_BY_CODE: Final = {
    "1": re.compile(r"1?([2-9]\d{9})", re.ASCII),
    "39": re.compile(
        r"(?:39)?(0[1-9]\d{7,8}|3[2-8]\d{8})|0[1-9](?:\d{6}|\d{9})", re.ASCII
    ),
    "44": re.compile(r"(?:0|44)([1-37]\d{9})", re.ASCII),
    "91": re.compile(r"0?(?:91)?([6-9]\d{9})", re.ASCII),
}
# Whose national numbers may begin with a zero that is part of them; elsewhere a zero
# there is most likely a trunk prefix that was left in.
_KEEPING_ZERO: Final = frozenset({"39", "225", "229", "242"})
# Handsets and most networks connect these from anywhere.
_EMERGENCY_ANYWHERE: Final = frozenset({"112", "911"})


@frozen
class NumberingPlan:
    """What is known of all numbers behind one calling code.

    Attributes:
        calling_code: "39".
        regions: Two-letter region codes, the main one first; empty for a network
            that belongs to no country.
        lengths: Possible lengths of the national number.
        trunk_digits: First digits that may be a trunk prefix instead.
        has_odd_prefixes: There is more than one trunk digit and "00" abroad.
    """

    calling_code: str
    regions: tuple[str, ...]
    lengths: frozenset[int]
    trunk_digits: str
    has_odd_prefixes: bool

    def holds(self, national: str) -> bool:
        """Whether ``national`` is surely a national number just as it stands."""
        # Some plans have internal numbers longer than E.164 has room for.
        is_e164 = len(self.calling_code) + len(national) <= LONGEST_E164
        has_length = len(national) in self.lengths and is_e164
        if not has_length or national[0] in self.trunk_digits:
            return False
        # The country may stand there twice.
        length = len(national) - len(self.calling_code)
        if length in self.lengths and national.startswith(self.calling_code):
            return False
        if self.calling_code == _ITALY and national[0] in _WITH_A_LOST_ZERO:
            return False
        return national[0] != "0" or self.calling_code in _KEEPING_ZERO


@cache
def _plans_by_code() -> dict[str, NumberingPlan]:
    plans = {}
    for entry in _PLANS.split():
        code, regions, lengths, trunk_digits, *_ = [*entry.split(":"), ""]
        plans[code] = NumberingPlan(
            calling_code=code,
            regions=() if regions == _NO_REGION else tuple(regions.split("/")),
            lengths=_lengths(lengths),
            trunk_digits=trunk_digits.rstrip("x"),
            has_odd_prefixes=trunk_digits.endswith("x"),
        )
    return plans


def _lengths(text: str) -> frozenset[int]:
    lengths: set[int] = set()
    for span in text.split(","):
        first, _, last = span.partition("-")
        lengths.update(range(int(first), int(last or first) + 1))
    return frozenset(lengths)


@cache
def _plans_by_region() -> dict[str, NumberingPlan]:
    return {
        region: plan for plan in _plans_by_code().values() for region in plan.regions
    }


@cache
def _emergency_by_region() -> dict[str, frozenset[str]]:
    return {
        region: frozenset(numbers.split(","))
        for regions, _, numbers in (
            entry.partition(":") for entry in _EMERGENCY.split()
        )
        for region in regions.split("/")
    }


def plan_of(e164: str) -> NumberingPlan | None:
    """The plan of an E.164 number; None for anything else or an unused code."""
    if not _CANONICAL.fullmatch(e164):
        return None
    plans = _plans_by_code()
    for length in range(1, _LONGEST_CALLING_CODE + 1):
        plan = plans.get(e164[1 : 1 + length])
        if plan is not None:
            return plan
    return None


def plan_of_region(region: str) -> NumberingPlan | None:
    """The plan that a region ("IT") uses; None for an unknown region."""
    return _plans_by_region().get(region)


def is_surely_canonical(text: str) -> bool:
    """Whether ``text`` is an E.164 number that needs no closer look."""
    plan = plan_of(text)
    return plan is not None and plan.holds(text[1 + len(plan.calling_code) :])


def sure_national(digits: str, region: str) -> str:
    """The E.164 form of digits that can only be a number of ``region``; else "".

    "" means no more than that a closer look is needed.
    """
    plan = plan_of_region(region)
    if plan is None:
        return ""
    code = plan.calling_code
    pattern = _SURE_BY_CODE.get(code)
    if pattern is not None:
        found = pattern.fullmatch(digits)
        return f"+{code}{found.group(1) or digits}" if found else ""
    if plan.has_odd_prefixes or digits.startswith(("00", "+", code, f"0{code}")):
        return ""
    if plan.trunk_digits:
        # A German area code alone, "(05127)", is within the plan and no number.
        is_long = len(code) + len(digits) > _FEWEST_DIGITS
        has_trunk = is_long and digits[:1] == plan.trunk_digits
        return f"+{code}{digits[1:]}" if has_trunk and plan.holds(digits[1:]) else ""
    is_short_of_code = len(digits) < _FEWEST_DIGITS_WITH_CODE
    if is_short_of_code and digits[:1] != "0" and plan.holds(digits):
        return f"+{code}{digits}"
    return ""


def emergency_numbers(region: str) -> frozenset[str]:
    """The emergency numbers of a region, with those that work anywhere."""
    return _EMERGENCY_ANYWHERE | _emergency_by_region().get(region, frozenset())
