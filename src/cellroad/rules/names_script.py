"""How is a name of any script written in plain Latin letters, so that two spellings can be laid side by side?

Accents fall away. Cyrillic, Greek, Georgian, Armenian, Hebrew and Arabic letters go by the tables below (one usual
English spelling each, not a scholarly one), Korean, Japanese and Ethiopic syllables by their Unicode names. Chinese
characters stay as they are, in their simplified form where the table knows it: their sound is not written in them, so
an alias has to carry it.

Source: letter values as in the romanizations of BGN/PCGN, from memory and simplified; syllables from the Unicode
Character Database that comes with Python.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

CYRILLIC = (
    "а a б b в v г g д d е e ё e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh "
    "щ shch ъ - ы y ь - э e ю iu я ia і i ї i є ie ґ g ў u ј j љ lj њ nj ђ dj ћ c џ dz ѓ gj ќ kj ѕ dz "
    "ә a ғ g қ k ң n ө o ұ u ү u һ h"
)
GREEK = (
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o"
)  # fmt: skip
GEORGIAN = (
    "ა a ბ b გ g დ d ე e ვ v ზ z თ t ი i კ k ლ l მ m ნ n ო o პ p ჟ zh რ r ს s ტ t უ u ფ p ქ k ღ gh ყ q შ sh ჩ ch "
    "ც ts ძ dz წ ts ჭ ch ხ kh ჯ j ჰ h"
)
ARMENIAN = (
    "ա a բ b գ g դ d ե e զ z է e ը y թ t ժ zh ի i լ l խ kh ծ ts կ k հ h ձ dz ղ gh ճ ch մ m յ y ն n շ sh ո o չ ch "
    "պ p ջ j ռ r ս s վ v տ t ր r ց ts ւ u փ p ք k օ o ֆ f և ev"
)
HEBREW = (
    "א a ב b ג g ד d ה h ו v ז z ח h ט t י y כ k ך k ל l מ m ם m נ n ן n ס s ע a פ p ף p צ ts ץ ts ק k ר r ש sh ת t"
)
ARABIC = (
    "ا a أ a إ i آ a ء - ؤ u ئ i ب b ت t ث th ج j ح h خ kh د d ذ dh ر r ز z س s ش sh ص s ض d ط t ظ z ع a غ gh ف f "
    "ق q ك k ک k ل l م m ن n ه h ة a و u ي i ی i ى a پ p چ ch ژ zh گ g"
)
LATIN = "ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ŋ n ə e"
TRADITIONAL = (
    "時时電电業业團团國国廣广東东動动車车鋰锂機机長长門门華华網网雲云寧宁遼辽龍龙濟济貴贵陽阳爾尔賓宾蘇苏錫锡鎮镇慶庆灣湾聯联"
    "責责儲储創创綠绿潔洁環环藍蓝億亿緯纬軒轩遠远豐丰達达鵬鹏銀银鐵铁鋼钢鋁铝銅铜鎳镍鈷钴錳锰釩钒導导體体飛飞馬马"
    "亞亚寶宝潤润濱滨進进開开發发產产貿贸易易運运輸输設设備备製制藝艺實实際际資资產产財财投投証证億亿齊齐魯鲁滬沪紹绍"
)  # fmt: skip
SYLLABLES = re.compile(r"(?:HANGUL|ETHIOPIC) SYLLABLE (.+)|(?:KATAKANA|HIRAGANA) LETTER (?:SMALL )?(.+)")


def _pairs(table: str) -> dict[int, str]:
    parts = table.split()
    return {ord(parts[i]): parts[i + 1].replace("-", "") for i in range(0, len(parts), 2)}


LETTERS = {
    **_pairs(" ".join((CYRILLIC, GREEK, GEORGIAN, ARMENIAN, HEBREW, ARABIC, LATIN))),
    **{ord(TRADITIONAL[i]): TRADITIONAL[i + 1] for i in range(0, len(TRADITIONAL), 2)},
}  # fmt: skip
# Marks over Latin, Greek and Cyrillic letters, and the short vowels of Arabic and Hebrew; vowel signs of other scripts
# are letters to their readers and stay.
MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0591-\u05c7\u0640\u200b-\u200f\u202a-\u202e\ufeff]")


def latin(text: str) -> str:
    """Return a text in lower-case Latin letters where its script allows; what has no letters to read by stays."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    spelt = folded.translate(LETTERS)
    if not spelt.isascii():
        spelt = MARKS.sub("", unicodedata.normalize("NFKD", spelt)).translate(LETTERS)
        spelt = unicodedata.normalize("NFC", spelt)
    return spelt if spelt.isascii() else "".join(map(_syllable, spelt))


@cache
def _syllable(letter: str) -> str:
    if letter.isascii():
        return letter
    match = SYLLABLES.match(unicodedata.name(letter, ""))
    return (match[1] or match[2]).lower() if match else letter
