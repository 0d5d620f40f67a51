"""Which words of a name are its legal form, and can two forms belong to one company?

A form says what kind of company it is (stock: shares that may be traded; limited: members liable for their part;
partnership) and, where only some countries have it, where it is at home. Two forms contradict
each other where they share no kind or no country: an AG is not a GmbH, a B.V. not an S.r.l. English forms stand in
translations of many others, so they have no country and Ltd. may be either; a bare Company says nothing at all.

Source: the company laws of the countries named, from common knowledge; kinds are grouped coarsely on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

# kind (or kinds) | countries, * where the form is used in many | spellings, after `names_script.latin` and without dots
FORMS = """
any | * | co; company; cie; compagnie; firma; kompaniia; gongsi; 公司; 企业; 会社; societe; societa; sociedad
stock | * | inc; incorporated; incorporation; corp; corporation; co inc; company inc
stock limited | * | ltd; limited; co ltd; company limited; limited company; co limited; company ltd; coltd; corp ltd;
    corporation ltd; corporation limited
limited | * | limited liability company; limited liability co; limited liability corporation; llc; l l c; lc; pllc;
    dooel
limited | * | private limited; private limited company; pvt ltd; pvt limited; private ltd; pte ltd; pte limited; pte
limited | * | p ltd; pty ltd; pty limited; pty; proprietary limited; pvt; sdn bhd; sendirian berhad;
    wll; fze; fzco; fzc; fz llc
stock | * | joint stock company; joint stock corporation; joint stock co; jsc; stock company; stock corporation
stock | * | public joint stock company; open joint stock company; closed joint stock company;
    private joint stock company
stock | * | pjsc; ojsc; cjsc; prjsc; pao; oao; zao; nao; ao; ooao; public limited company; plc; public company limited;
    pcl
partnership | * | limited partnership; lp; l p; llp; limited liability partnership; lllp; general partnership;
    partnership
foundation | NL BE | stichting
association | DE AT | ev; eingetragener verein
stock | DE AT CH LI LU | ag; aktiengesellschaft
limited | DE AT CH LI LU | gmbh; gesellschaft mit beschrankter haftung; gesellschaft mbh; gesmbh; ges mbh; ggmbh; mbh;
    ug; ug haftungsbeschrankt
partnership | DE AT CH LU | kg; kommanditgesellschaft; ohg; offene handelsgesellschaft; gmbh and co kg;
    gmbh and co kgaa; gmbh co kg; ag and co kg; gbr; and co kg
stock partnership | DE | kgaa; se and co kgaa; ag and co kgaa; kommanditgesellschaft auf aktien
cooperative | DE AT | eg; e g; eingetragene genossenschaft; egen
stock | EU DE FR NL AT BE LU NO CZ | se; societas europaea
stock | FR BE LU CH ES PT BR MX AR CL CO PE GR PL RO MC MA TN SN CI | sa; societe anonyme; sociedad anonima;
    sociedade anonima; spolka akcyjna; anonymi etairia; societate pe actiuni
stock | GR | ae; anonymos etairia
stock | FR LU BE TN | sas; sasu; societe par actions simplifiee; sca
limited | FR BE LU CH MA TN SN CI | sarl; sa rl; societe a responsabilite limitee; eurl; sprl; bvba;
    besloten vennootschap met beperkte aansprakelijkheid
stock | IT RO AL CM DZ | spa; societa per azioni; sapa
limited | IT RO MD AR ES MX VE CL PE CO | srl; srls; societa a responsabilita limitata;
    societatea cu raspundere limitata; societate cu raspundere limitata; sociedad de responsabilidad limitada; s de rl;
    s de rl de cv
stock | MX | sa de cv; sab de cv; sociedad anonima de capital variable; sapi de cv; sab
limited | ES | sl; slu; sociedad limitada; slne; sociedad limitada unipersonal
stock | ES | sau; sociedad anonima unipersonal
limited | PT BR | lda; limitada; ltda; sociedade limitada
limited | NL BE | bv; besloten vennootschap
stock | NL BE CW SR | nv; naamloze vennootschap
partnership | NL BE ID | cv; commanditaire vennootschap; vof
stock | SE FI | ab; aktiebolag; publ ab; ab publ; abp
stock | FI | oy; oyj; osakeyhtio; oy ab
stock | NO | as; asa; aksjeselskap; allmennaksjeselskap
stock | DK NO | a s; aps a s; aktieselskab; as
limited | DK | aps; anpartsselskab
stock | IS | hf; ehf
stock | CZ SK | as; akciova spolecnost; akciova spolocnost
limited | CZ SK | sro; spol sro; spolecnost s rucenim omezenym; spol s ro
limited | PL | sp zoo; sp z oo; sp zo o; spzoo; spolka z oo; spolka z ograniczona odpowiedzialnoscia; sp z o o
limited | HU | kft; korlatolt felelossegu tarsasag
stock | HU | rt; zrt; nyrt; reszvenytarsasag
limited | RS HR SI BA ME MK | doo; drustvo s ogranicenom odgovornoscu; d oo
stock | RS HR SI BA ME MK | dd; ad; akcionarsko drustvo; dionicko drustvo
limited | BG | ood; eood
stock | BG | ad; ead
limited | LV LT EE | sia; uab; ou; osauhing
stock | LV LT EE | as; aktsiaselts; akcine bendrove; akciju sabiedriba
limited | RU BY KZ UZ KG AM | ooo; obshchestvo s ogranichennoi otvetstvennostiu; too;
    tovarishchestvo s ogranichennoi otvetstvennostiu; odo; chup
stock | RU BY KZ UA UZ | aktsionernoe obshchestvo; otkrytoe aktsionernoe obshchestvo;
    publichnoe aktsionernoe obshchestvo; zakrytoe aktsionernoe obshchestvo; pat; prat
state | RU BY UA UZ | fgup; gup; federalnoe gosudarstvennoe unitarnoe predpriiatie;
    gosudarstvennoe unitarnoe predpriiatie; unitarnoe predpriiatie
limited | UA | tov; tovarystvo z obmezhenoiu vidpovidalnistiu
stock | TR AZ | as; anonim sirketi; asc
limited | TR | ltd sti; limited sirketi; sti; limited sti
limited stock | CN TW HK MO SG | 有限公司; 集团有限公司
limited | CN | 有限责任公司; 集团有限责任公司; 有限責任公司; youxian gongsi; youxian zeren gongsi
stock | CN TW | 股份有限公司; 股份公司; 集团股份有限公司; gufen youxian gongsi
partnership | CN TW | 有限合伙; 合伙企业; 有限合伙企业
stock | JP | kk; kabushiki kaisha; kabushikikaisha; kabushiki gaisha; 株式会社
limited | JP | gk; godo kaisha; yugen kaisha; 合同会社; 有限会社
stock | KR | jusighoesa; jusikhoesa; jusik hoesa; 주식회사
limited | KR | yuhanhoesa
limited stock | ID | pt; perseroan terbatas; pt tbk; tbk
stock | MY | bhd; berhad
limited stock | VN | cong ty tnhh; tnhh; cong ty co phan; ctcp
stock | IR | sahami am; sahami khas
stock | IL | baam
"""
# Words that open a name as its form; others are a form only where they close it.
OPENS = """
ooo; oao; zao; pao; ao; nao; pt; cv; tov; too; pjsc; ojsc; cjsc; jsc; llc; sarl; srl; sa; sia; uab; ab; oy; doo; fgup;
gup; pat; prat; firma; stichting; jusighoesa; 株式会社
"""
SLIP_LENGTH = 10  # letters from which a form may be misspelt, but for the first two


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: the kinds of company it may stand for, the countries that have it; empty: says nothing."""

    name: str
    kinds: frozenset[str]
    countries: frozenset[str]


def _read(table: str) -> dict[str, Form]:
    """Return the forms by spelling; a spelling that several countries use has the kinds and countries of all."""
    found: dict[str, Form] = {}
    for line in table.replace("\n    ", " ").strip().splitlines():
        kinds, countries, spellings = (part.strip() for part in line.split("|"))
        kind = frozenset() if kinds == "any" else frozenset(kinds.split())
        home = frozenset() if countries == "*" else frozenset(countries.split())
        for spelling in spellings.split("; "):
            old = found.get(spelling)
            found[spelling] = Form(spelling, kind | old.kinds if old else kind, home | old.countries if old else home)
    return found


BY_SPELLING = _read(FORMS)
LONG = {
    opening: [spelling for spelling in BY_SPELLING if spelling.startswith(opening) and len(spelling) >= SLIP_LENGTH]
    for opening in {spelling[:2] for spelling in BY_SPELLING}
}
OPENING = {word.strip() for word in OPENS.split(";")}
MOST_WORDS = max(len(spelling.split()) for spelling in BY_SPELLING)


def split(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Form, ...]]:
    """Return the words of a name without its legal forms, and the forms.

    Forms are taken off the end and, where it is the custom, off the front, as long as a word is left. A long form may
    be misspelt or cut short by a letter or two.
    """
    forms: list[Form] = []
    while (taken := _at_end(words)) is not None:
        forms.append(taken[1])
        words = words[: -taken[0]]
    while (taken := _at_front(words)) is not None:
        forms.append(taken[1])
        words = words[taken[0] :]
    return words, tuple(forms)


def contradict(left: tuple[Form, ...], right: tuple[Form, ...]) -> bool:
    """Tell whether no company can bear both: they share no kind or no country. Symmetric; silence never does."""
    return any(_disjoint(kind(left), kind(right)) for kind in (kinds, countries))


def kinds(forms: tuple[Form, ...]) -> frozenset[str]:
    """Return the kinds that forms of one name leave open; empty: any."""
    return _shared([form.kinds for form in forms])


def countries(forms: tuple[Form, ...]) -> frozenset[str]:
    """Return the countries that forms of one name leave open; empty: any."""
    return _shared([form.countries for form in forms])


def _shared(sets: list[frozenset[str]]) -> frozenset[str]:
    told = [one for one in sets if one]
    return frozenset.intersection(*told) if told else frozenset()


def _disjoint(left: frozenset[str], right: frozenset[str]) -> bool:
    return bool(left and right and not left & right)


def _at_end(words: tuple[str, ...]) -> tuple[int, Form] | None:
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        phrase = " ".join(words[-count:])
        form = BY_SPELLING.get(phrase) or (_misspelt(phrase) if len(phrase) >= SLIP_LENGTH and count <= 4 else None)
        if form is not None:
            return count, form
    return None


def _at_front(words: tuple[str, ...]) -> tuple[int, Form] | None:
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        phrase = " ".join(words[:count])
        if phrase in BY_SPELLING and (count > 1 or phrase in OPENING):
            return count, BY_SPELLING[phrase]
    return None


@lru_cache(maxsize=65_536)
def _misspelt(phrase: str) -> Form | None:
    slips = 1 if len(phrase) < 16 else 2
    found = process.extractOne(phrase, LONG.get(phrase[:2], ()), scorer=OSA.distance, score_cutoff=slips)
    return BY_SPELLING[found[0]] if found else None
