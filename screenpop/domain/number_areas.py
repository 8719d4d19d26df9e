"""Which part of a country a number belongs to, for the plans our users call most.

A state for North America, and the large cities of the United Kingdom, Italy, Lithuania
and India; "" for all else. The phone-number library's own tables would tell more, but
take 25 MB and half a second. Codes that were assigned lately may be missing, and a
number may have been taken along to another place: it is a hint and never more.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from screenpop.domain.numbering_plans import plan_of
from screenpop.wording import named

# Calling code : area : the first digits of its national numbers.
_AREAS: Final = """
1:Alabama:205 251 256 334 659 938
1:Alaska:907
1:Arizona:480 520 602 623 928
1:Arkansas:327 479 501 870
1:California:209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628
1:California:650 657 661 669 707 714 738 747 760 805 818 820 831 840 858 909 916 925 949
1:California:951
1:Colorado:303 719 720 748 970 983
1:Connecticut:203 475 860 959
1:Delaware:302
1:Florida:239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850
1:Florida:863 904 941 954
1:Georgia:229 404 470 478 678 706 762 770 912 943
1:Hawaii:808
1:Idaho:208 986
1:Illinois:217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872
1:Indiana:219 260 317 463 574 765 812 930
1:Iowa:319 515 563 641 712
1:Kansas:316 620 785 913
1:Kentucky:270 364 502 606 859
1:Louisiana:225 318 337 504 985
1:Maine:207
1:Maryland:227 240 301 410 443 667
1:Massachusetts:339 351 413 508 617 774 781 857 978
1:Michigan:231 248 269 313 517 586 616 734 810 906 947 989
1:Minnesota:218 320 507 612 651 763 952
1:Mississippi:228 601 662 769
1:Missouri:235 314 417 557 573 636 660 816 975
1:Montana:406
1:Nebraska:308 402 531
1:Nevada:702 725 775
1:New Hampshire:603
1:New Jersey:201 551 609 640 732 848 856 862 908 973
1:New Mexico:505 575
1:New York:212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917
1:New York:929 934
1:North Carolina:252 336 472 704 743 828 910 919 980 984
1:North Dakota:701
1:Ohio:216 220 234 283 326 330 380 419 440 513 567 614 740 937
1:Oklahoma:405 539 572 580 918
1:Oregon:458 503 541 971
1:Pennsylvania:215 223 267 272 412 445 484 570 582 610 717 724 814 835 878
1:Rhode Island:401
1:South Carolina:803 821 839 843 854 864
1:South Dakota:605
1:Tennessee:423 615 629 731 865 901 931
1:Texas:210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832
1:Texas:903 915 936 940 945 956 972 979
1:Utah:385 435 801
1:Vermont:802
1:Virginia:276 434 540 571 686 703 757 804 826 948
1:Washington:206 253 360 425 509 564
1:Washington, D.C.:202 771
1:West Virginia:304 681
1:Wisconsin:262 274 353 414 534 608 715 920
1:Wyoming:307
1:Alberta:368 403 587 780 825
1:British Columbia:236 250 257 604 672 778
1:Manitoba:204 431 584
1:New Brunswick:428 506
1:Newfoundland and Labrador:709 879
1:Nova Scotia and Prince Edward Island:782 902
1:Ontario:226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942
1:Quebec:263 273 354 367 418 438 450 468 514 579 581 819 873
1:Saskatchewan:306 474 639
1:Northern Canada:867
44:London:20
44:Southampton and Portsmouth:23
44:Coventry:24
44:Northern Ireland:28
44:Cardiff:29
44:Leeds:113
44:Sheffield:114
44:Nottingham:115
44:Leicester:116
44:Bristol:117
44:Reading:118
44:Birmingham:121
44:Edinburgh:131
44:Glasgow:141
44:Liverpool:151
44:Manchester:161
44:Newcastle and Durham:191
44:Aberdeen:1224
44:Brighton:1273
44:Cambridge:1223
44:Oxford:1865
39:Milan:02
39:Rome:06
39:Genoa:010
39:Turin:011
39:Brescia:030
39:Bergamo:035
39:Monza:039
39:Trieste:040
39:Venice:041
39:Verona:045
39:Padua:049
39:Pisa:050
39:Bologna:051
39:Florence:055
39:Modena:059
39:Cagliari:070
39:Ancona:071
39:Perugia:075
39:Bari:080
39:Naples:081
39:Pescara:085
39:Salerno:089
39:Messina:090
39:Palermo:091
39:Catania:095
39:Taranto:099
370:Vilnius:5
370:Kaunas:37
370:Klaipėda:46
370:Šiauliai:41
370:Panevėžys:45
91:Delhi:11
91:Mumbai:22
91:Kolkata:33
91:Hyderabad:40
91:Chennai:44
91:Pune:20
"""
_LONGEST: Final = 4


@cache
def _areas() -> dict[str, dict[str, str]]:
    areas: dict[str, dict[str, str]] = {}
    for line in _AREAS.strip().splitlines():
        code, name, starts = line.split(":")
        areas.setdefault(code, {}).update(dict.fromkeys(starts.split(), name))
    return areas


def area_of(e164: str) -> str:
    """The state or city of a number; "" when it is not known.

    >>> area_of("+12025550142")
    'Washington, D.C.'
    """
    plan = plan_of(e164)
    areas = _areas().get(plan.calling_code) if plan else None
    if plan is None or not areas:
        return ""
    national = e164[1 + len(plan.calling_code) :]
    starts = (national[:length] for length in range(_LONGEST, 0, -1))
    area = next((areas[start] for start in starts if start in areas), "")
    return named("area", area) or area


def area_names() -> tuple[str, ...]:
    """Every state and city, in English."""
    return tuple(
        dict.fromkeys(name for one in _areas().values() for name in one.values())
    )
