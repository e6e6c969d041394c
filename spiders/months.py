"""Month names of the languages we read, in three calendars, folded as `fold` folds them."""
# ruff: noqa: E501 - a table reads best with one language a line

import re

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ێ": "ي", "ک": "ك",
                          "ة": "ه", "ە": "ه", "ۀ": "ه", "ؤ": "و", "ۆ": "و", "،": ",", "\xa0": " ", "ı": "i", "İ": "i"})  # fmt: skip


def fold(text: str) -> str:
    """One spelling for dates: ASCII digits, lower case, plain Arabic letters, no marks of direction."""
    return _MARKS.sub("", text.translate(_DIGITS).translate(_LETTERS)).lower()


# One line per language or custom, January first; | between spellings, _ for a space.
_GREGORIAN = (
    "jan|january feb|february mar|march apr|april may jun|june jul|july aug|august sep|sept|september "
    "oct|october nov|november dec|december",
    "يناير فبراير مارس ابريل|أبريل مايو يونيو|يونية يوليو|يولية أغسطس سبتمبر أكتوبر|اكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول|تشرين_أول تشرين_الثاني|تشرين_ثاني كانون_الأول|كانون_أول",
    "جانفي|جانفيي فيفري|فبراير مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "يناير فبراير مارس ابريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    "ژانویه فوریه مارس آوریل مه|می ژوئن ژوئیه|جولای|یولیو اوت|آگوست سپتامبر اکتبر|اکتوبر نوامبر دسامبر",
    "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "کانوونی_دووەم|کانونی_دووەم شوبات ئازار|ئادار نیسان ئایار|مایس حوزەیران تەمووز|تەموز ئاب ئەیلوول|ئەیلول "
    "تشرینی_یەکەم|تشرینی_یەک تشرینی_دووەم|تشرینی_دوو کانوونی_یەکەم|کانونی_یەکەم",
    "جەنیوەری|ژانویە|یەنایەر فێبریوەری|فێبروەری|شوباط مارچ|مارت|مارس ئەپریل|ئاپریل|نیسان مەی|مای جوون|جون|یونیو جولای|جوولای|یولیو "
    "ئۆگەست|ئۆگۆست|ئاب سێپتەمبەر|سێپتێمبەر|ئەیلول ئۆکتۆبەر|ئۆکتەبەر نۆڤەمبەر|نۆڤێمبەر|نوڤەمبەر دیسەمبەر|دێسەمبەر|دیسێمبەر",
    "rêbendan|çile|kanûna_paşîn|kanûna_duyem reşemî|sibat adar|avdar nîsan|avrêl gulan hezîran|pûşper tîrmeh "
    "tebax|gelawêj îlon|rezber cotmeh|kewçêr mijdar|sermawez berfanbar|kanûn|kanûna_pêşîn|kanûna_yekem",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "januari februari maret|mac mei|mei april juni|jun juli|julai agustus|agu|ags|ogos september|sept oktober|okt "
    "november|nov|nop|nopember desember|des|disember",
    "janvier|janv février|févr|fevrier mars avril|avr mai juin juillet|juil août|aout septembre octobre novembre décembre|déc",
    "enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre octubre noviembre diciembre|dic",
    "januar|jän|jänner februar märz|mär|mrz|maerz april mai juni juli august september oktober|okt november dezember|dez",
    "gennaio|gen febbraio marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre|set ottobre|ott novembre dicembre",
    "janeiro fevereiro|fev março abril maio junho julho agosto setembro outubro|out novembro dezembro",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "जनवरी फ़रवरी|फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर नवंबर|नवम्बर दिसंबर|दिसम्बर",
    "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "января|янв февраля|фев марта|мар апреля|апр мая июня|июн июля|июл августа|авг сентября|сен октября|окт ноября|ноя декабря|дек",
)  # fmt: skip
_JALALI = ("فروردین اردیبهشت خرداد تیر مرداد|امرداد شهریور مهر آبان آذر دی بهمن اسفند",
           "خاکەلێوە گوڵان|بانەمەڕ جۆزەردان پووشپەڕ گەلاوێژ خەرمانان ڕەزبەر گەڵاڕێزان سەرماوەز بەفرانبار ڕێبەندان ڕەشەمە")  # fmt: skip
_HIJRI = ("محرم|المحرم صفر ربيع_الأول|ربيع_أول ربيع_الآخر|ربيع_الآخرة|ربيع_الثاني|ربيع_ثاني|ربيع_ثان جمادى_الأولى|جمادى_الأول|جمادى_أولى|جمادي_الاول "
          "جمادى_الآخرة|جمادى_الثانية|جمادى_ثانية|جمادى_آخرة|جمادى_الآخر|جمادى_الثاني رجب شعبان رمضان شوال ذو_القعدة|ذي_القعدة|ذوالقعدة|ذيالقعدة "
          "ذو_الحجة|ذي_الحجة|ذوالحجة|ذيالحجة",)  # fmt: skip


def _table(calendar: str, lines: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in lines:
        for month, names in enumerate(line.split(), 1):
            for name in names.split("|"):
                found.setdefault(fold(name.replace("_", " ")), (calendar, month))
    return found


# name -> (calendar, month); earlier lines win where languages disagree
MONTHS = {**_table("hijri", _HIJRI), **_table("jalali", _JALALI), **_table("gregorian", _GREGORIAN)}
