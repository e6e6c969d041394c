"""Which of two near languages a sentence is in, and what must not lead the detector astray."""

import pytest

from language.detect import detect, detect_article

INDONESIAN = (
    "Polisi menangkap tiga tersangka pencurian mobil di dekat kantor bupati",
    "Pemerintah kota akan memperbaiki jalan yang rusak setelah musim hujan berakhir",
    "Kualitas udara di ibu kota memburuk karena asap pabrik dan kendaraan",
    "Para ilmuwan mengatakan gempa itu terjadi pada kedalaman sepuluh kilometer",
    "Rumah sakit kekurangan obat sehingga dokter harus merawat pasien seadanya",
    "Bahwa uang itu hilang baru diketahui pada hari Senin",
    "Mahasiswa dari berbagai universitas turun ke jalan menolak kenaikan pajak",
    "Kereta terlambat delapan menit karena sinyal di stasiun rusak",
    "Perusahaan listrik menyatakan akan mengirim teknisi besok pagi",
    "Sebanyak 1.250 warga mengungsi akibat banjir bandang",
    "Apakah Anda bisa menjelaskan perbedaan antara kedua proyek ini?",
    "Pertandingan sepak bola itu ditunda karena hujan deras",
)
MALAY = (
    "Polis menahan tiga suspek kes kecurian kereta berhampiran pejabat daerah",
    "Kerajaan negeri akan membaiki jalan raya yang rosak selepas musim hujan tamat",
    "Kualiti udara di ibu negara merosot kerana asap kilang dan kenderaan",
    "Para saintis berkata gempa bumi itu berlaku pada kedalaman sepuluh kilometer",
    "Hospital kekurangan ubat sehingga doktor terpaksa merawat pesakit ala kadar",
    "Bahawa wang itu hilang hanya disedari pada hari Isnin",
    "Pelajar dari pelbagai universiti berhimpun membantah kenaikan cukai",
    "Tren lewat lapan minit kerana isyarat di stesen rosak",
    "Syarikat elektrik itu memaklumkan juruteknik akan dihantar esok pagi",
    "Seramai 1,250 penduduk dipindahkan akibat banjir kilat",
    "Bolehkah anda terangkan perbezaan antara kedua-dua projek ini?",
    "Perlawanan bola sepak itu ditangguhkan kerana hujan lebat",
)
SORANI = (
    "دەسەڵاتدارانی شارەکە گوتیان کە ئاوی خواردنەوە کەم بووەتەوە",
    "قوتابیان لە بەردەم زانکۆ کۆبوونەوە و داوای مووچەیان کرد",
    "پێشمەرگە لە سنوورەکە هێرشێکی تیرۆریستییان تێکشکاند",
    "نرخی نان لە بازاڕەکانی هەولێر بەرز بووەوە",
    "ئەو ژنە لە نەخۆشخانە گیانی لەدەست دا",
    "حکومەت بڕیاری دا کە پارەی خانەنشینان بدات",
    "خۆپیشاندەران ڕێگای سەرەکییان داخست بۆ ماوەی دوو کاتژمێر",
    "لەگەڵ ئەوەشدا هیچ کەسێک دەستگیر نەکراوە",
    "به‌رپرسان ده‌ڵێن که‌ کێشه‌ی کاره‌با چاره‌سه‌ر ده‌کرێت",
    "ئەمساڵ بارانێکی زۆر لە ناوچەکە باریوە",
)
BAHDINI = (
    "خەلکێ دهۆکێ ژ بەر نەبوونا ئاڤێ دەست ب خۆنیشاندانا کر",
    "وەزیرێ تەندروستیێ گۆت کو نەخۆشی ل باژێری زێدە بوویە",
    "پێشمەرگەی دگەل هێزێن دی ل سنۆری شەر کر",
    "ئەڤ بریارە دێ ل سەر هەمی مامۆستایا هێتە بجهئینان",
    "پشتی هینگێ پۆلیسا دو کەس گرتن",
    "قوتابیێن زانکۆیێ داخوازا مووچەیێن خوە دکەن",
    "بهایێ نانی ل بازارێ زاخۆ بلند بوویە",
    "ئەز ل گوندی دژیم و ئەو ژی ل باژێری دژیت",
    "حکومەتا هەرێمێ گۆت کو دێ پارەی دەت",
    "گەلەک مالبات ژ گوندێن خۆ دەرکەفتن",
)
PERSIAN = (
    "شهردار گفت که آب آشامیدنی شهر کم شده است",
    "دانشجویان در برابر دانشگاه گرد آمدند و خواستار پرداخت حقوق شدند",
    "نیروهای مرزی حمله را دفع کردند",
    "بهای نان در بازار بالا رفته است",
    "این زن در بیمارستان جان باخت",
    "دولت تصمیم گرفت حقوق بازنشستگان را بپردازد",
    "معترضان راه اصلی را برای دو ساعت بستند",
    "با این همه هیچ کس بازداشت نشد",
    "پزشکان می‌گویند بیماری در حال گسترش است",
    "امسال باران زیادی در منطقه باریده است",
)
ARABIC = (
    "قال رئيس البلدية إن مياه الشرب شحت في المدينة",
    "تجمع الطلاب أمام الجامعة وطالبوا بصرف المنح",
    "صدت قوات الحدود هجوما قرب المعبر",
    "ارتفعت أسعار الخبز في أسواق أربيل",
    "توفيت السيدة في المستشفى",
    "شنو صار اليوم بالسوق، ماكو كهرباء من الصبح",
    "قررت الحكومة دفع رواتب المتقاعدين",
    "قطع المحتجون الطريق الرئيسي ساعتين",
    "ومع ذلك لم يعتقل أحد",
    "هطلت أمطار غزيرة هذا العام على المنطقة",
)
TURKISH = (
    "Belediye başkanı içme suyunun azaldığını söyledi",
    "Öğrenciler üniversitenin önünde toplanıp burslarını istedi",
    "Sınır birlikleri saldırıyı püskürttü",
    "Ekmek fiyatları pazarda yine yükseldi",
    "Göstericiler ana yolu iki saat boyunca kapattı",
    "Hükümet emekli maaşlarını ödemeye karar verdi",
    "Bu yıl bölgeye çok yağmur yağdı",
    "Ancak kimse gözaltına alınmadı",
    "Doktorlar hastalığın yayıldığını bildiriyor",
    "Kadın hastanede hayatını kaybetti",
)
AZERBAIJANI = (
    "Şəhər rəhbəri içməli suyun azaldığını dedi",
    "Tələbələr universitetin qarşısında toplaşıb təqaüd tələb etdilər",
    "Sərhəd qoşunları hücumun qarşısını aldı",
    "Bazarda çörəyin qiyməti yenə qalxıb",
    "Etirazçılar əsas yolu iki saat bağladılar",
    "Hökumət təqaüdçülərə pul ödəməyi qərara aldı",
    "Bu il bölgəyə çox yağış yağıb",
    "Lakin heç kim saxlanılmayıb",
    "Həkimlər xəstəliyin yayıldığını bildirir",
    "Qadın xəstəxanada dünyasını dəyişib",
)
KURMANJI = (
    "Şaredar got ku ava vexwarinê kêm bûye",
    "Xwendekar li ber zanîngehê kom bûn û mehaneyên xwe xwestin",
    "Hêzên sînor êrîş şikandin",
    "Bihayê nên li sûkê dîsa bilind bû",
    "Xwepêşander rêya sereke du saetan girtin",
    "Hikûmetê biryar da ku mehaneyên teqawîtan bide",
    "Îsal li herêmê gelek baran barî",
    "Lê belê kes nehat girtin",
    "Bijîşk dibêjin ku nexweşî belav dibe",
    "Jinik li nexweşxaneyê mir",
)
SENTENCES = {
    "id": INDONESIAN, "ms": MALAY, "ckb": SORANI, "kmr": (*KURMANJI, *BAHDINI), "fa": PERSIAN, "ar": ARABIC,
    "tr": TURKISH, "az": AZERBAIJANI,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lang"), [(text, lang) for lang, texts in SENTENCES.items() for text in texts]
)
def test_a_sentence_is_not_taken_for_its_neighbours_language(text: str, lang: str) -> None:
    assert detect(text) == lang


@pytest.mark.parametrize("lang", ["id", "ms", "kmr", "tr"])
def test_capital_letters_change_nothing(lang: str) -> None:
    capitals = [text.replace("i", "İ").upper() if lang == "tr" else text.upper() for text in SENTENCES[lang]]

    assert [detect(text) for text in capitals] == [lang] * len(capitals)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("https://example.com/news/the-latest-from-the-city-of-london احتجاجات في البصرة", "ar"),
        ("عاجل: انفجار قرب المطار @BreakingNewsDesk_English @another_account_in_english", "ar"),
        ("هاتف Samsung Galaxy Ultra Enterprise Edition يصل", "ar"),
        ("گوشی Samsung Galaxy Ultra Enterprise Edition چند است", "fa"),
        ("🔴🔴 Ledakan di dekat bandara, polisi menutup jalan 🔴🔴", "id"),
        (
            "Kebakaran di kilang, tiada yang tercedera 🔥 www.example.com/english/breaking-news-of-the-day",
            "ms",
        ),
        ("Muqtada al-Sadr, Nouri al-Maliki dan Hadi al-Amiri bertemu di Baghdad karena krisis", "id"),
        ("Abdul Mahdi, Barham Salih dan Mustafa Al-Kadhimi mengadakan mesyuarat di pejabat beliau", "ms"),
        ('Menteri itu mengatakan "the situation is under control" kepada wartawan di kantornya', "id"),
    ],
)
def test_addresses_names_pictures_and_quotes_do_not_decide(text: str, lang: str) -> None:
    assert detect(text) == lang


@pytest.mark.parametrize(("hint", "lang"), [("ms", "ms"), ("id", "id")])
def test_where_malay_and_indonesian_are_the_same_the_source_decides(hint: str, lang: str) -> None:
    assert detect("Hujan di selatan dan utara negara itu", hint) == lang


def test_an_article_is_in_the_language_of_most_of_it() -> None:
    start = " ".join(ARABIC)
    rest = " ".join([*SORANI] * 8)

    assert detect_article("", f"{start}\n{rest}") == "ckb"
    assert detect_article("", f"{start}\n{start}\n{start}\n{start}\n{' '.join(SORANI)}") == "ar"


def test_the_title_counts_where_the_text_is_short() -> None:
    assert detect_article("Polis menahan tiga suspek kes rompakan", "Gambar: Reuters") == "ms"
    assert detect_article("", "Reuters", "ms") != "id"
