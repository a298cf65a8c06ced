use super::filter::{LanguageFilter, Options};
use super::*;
use crate::document::{Document, Filter, Verdict};
use crate::error::Kind;
use crate::text::cases;

fn code(text: &str) -> String {
    identify(text).code
}

fn filter(keep: &[&str], min_probability: f64) -> Result<LanguageFilter, crate::Error> {
    let keep = keep.iter().map(|code| (*code).to_owned()).collect();
    LanguageFilter::new(Options { keep, min_probability, min_share: 0.0 })
}

#[test]
fn every_case_of_the_filter_holds() {
    cases::check(&filter(&["en", "ja"], 0.65).unwrap(), include_str!("../../tests/cases/language.md"));
}

/// Languages of every judge and some with a script of their own.
#[rustfmt::skip]
const SENTENCES: [(&str, &str); 37] = [
    ("en", "The river was low that summer, and the ferry could not cross before noon."),
    ("de", "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte vor Mittag nicht übersetzen."),
    ("fr", "La rivière était basse cet été-là, et le bac ne pouvait pas traverser avant midi."),
    ("es", "El río bajaba con poca agua aquel verano y la barca no podía cruzar antes del mediodía."),
    ("pt", "O rio estava baixo naquele verão e a barca não podia atravessar antes do meio-dia."),
    ("cy", "Roedd yr afon yn isel yr haf hwnnw, ac ni allai'r fferi groesi cyn canol dydd."),
    ("ca", "Aquell estiu el riu baixava amb poca aigua i la barca no podia creuar abans del migdia."),
    ("it", "Quell'estate il fiume era basso e il traghetto non poteva attraversare prima di mezzogiorno."),
    ("nl", "De rivier stond die zomer laag en de veerpont kon niet voor de middag oversteken."),
    ("sv", "Floden var låg den sommaren, och färjan kunde inte gå över före middagstid."),
    ("nn", "Elva var låg den sommaren, og ferja kunne ikkje gå over før klokka tolv."),
    ("pl", "Tego lata rzeka była niska i prom nie mógł przepłynąć przed południem."),
    ("cs", "To léto byla řeka nízká a přívoz nemohl před polednem přeplout."),
    ("hu", "Azon a nyáron alacsony volt a folyó, és a komp dél előtt nem tudott átkelni."),
    ("fi", "Joki oli sinä kesänä matalalla, eikä lautta päässyt yli ennen puoltapäivää."),
    ("tr", "O yaz nehrin suyu azdı ve feribot öğleden önce karşıya geçemiyordu."),
    ("vi", "Mùa hè năm đó nước sông cạn, và chiếc phà không thể sang sông trước buổi trưa."),
    ("sw", "Mto ulikuwa na maji machache msimu huo wa joto, na kivuko hakikuweza kuvuka kabla ya saa sita mchana."),
    ("eo", "La rivero estis malalta tiun someron, kaj la pramo ne povis transiri antaŭ tagmezo."),
    ("ru", "Этим летом река была очень мелкой, и паром не мог ходить до самого обеда."),
    ("uk", "Того літа річка була мілкою, і пором не міг перепливати до полудня."),
    ("bg", "Онова лято реката беше плитка и фериботът не можеше да преминава преди обяд."),
    ("sr", "Тог лета река је била плитка и скела није могла да пређе пре поднева."),
    ("ar", "كان النهر منخفضا في ذلك الصيف ولم تستطع العبارة أن تعبر قبل الظهر."),
    ("fa", "آن تابستان آب رودخانه کم بود و قایق نمی‌توانست پیش از ظهر از رودخانه بگذرد."),
    ("ur", "اس گرمی میں دریا کا پانی کم تھا اور کشتی دوپہر سے پہلے پار نہیں جا سکتی تھی۔"),
    ("hi", "उस गर्मी में नदी का पानी कम था और नाव दोपहर से पहले पार नहीं जा सकती थी।"),
    ("bn", "সেই গ্রীষ্মে নদীতে জল কম ছিল, আর খেয়া দুপুরের আগে পার হতে পারত না।"),
    ("el", "Το ποτάμι ήταν χαμηλό εκείνο το καλοκαίρι και το πλοίο δεν μπορούσε να περάσει."),
    ("he", "הנהר היה נמוך באותו קיץ, והמעבורת לא יכלה לחצות לפני הצהריים."),
    ("zh", "那年夏天河水很低，渡船中午以前不能过河。"),
    ("zh-Hant", "那年夏天河水很低，渡船中午以前不能過河，人們都在樹下等著，說著城裡聽來的事。"),
    ("ja", "その夏は川の水が少なく、渡し船は正午まで渡れませんでした。"),
    ("ko", "그해 여름에는 강물이 적어서 나룻배가 정오까지 건널 수 없었습니다."),
    ("th", "ฤดูร้อนปีนั้นน้ำในแม่น้ำน้อย เรือข้ามฟากจึงข้ามไม่ได้ก่อนเที่ยง"),
    ("ta", "அந்தக் கோடையில் ஆற்றில் தண்ணீர் குறைவாக இருந்தது, படகு நண்பகலுக்கு முன் கடக்க முடியவில்லை."),
    ("ka", "იმ ზაფხულს მდინარე დაბალი იყო და ბორანი შუადღემდე ვერ გადადიოდა."),
];

#[test]
fn languages_are_recognised_and_named_by_their_short_code() {
    for (expected, text) in SENTENCES {
        let language = identify(text);
        assert_eq!(language.code, expected, "{text}");
        assert!(0.5 < language.probability && language.probability <= 1.0, "{language:?}");
    }
}

/// A letter and its accent may come apart, as macOS writes file names.
#[test]
fn decomposed_letters_are_the_same_letters() {
    use icu_normalizer::DecomposingNormalizerBorrowed;
    for (_, text) in SENTENCES {
        let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
        let (composed, apart) = (identify(text), identify(&apart));
        assert_eq!(composed.code, apart.code, "{text}");
        // Some letters are apart in composed text too.
        assert!((composed.probability - apart.probability).abs() < 0.05, "{composed:?} {apart:?}");
    }
}

#[test]
fn east_asian_pages_with_latin_letters_are_routed() {
    assert_eq!(
        code("新製品 Example Server Pro 2024 の発売について。The Example Server Pro runs on the Example Cloud Platform です。"),
        "ja"
    );
    assert_eq!(code("Example Cloud Platform 서버 설정 방법 안내 Install Guide for the Example Server 입니다"), "ko");
    assert_eq!(code("安装指南 Example Cloud Platform 服务器配置 Install Guide 下载最新版本"), "zh");
    let quoting = identify("The sign on the old ferry house said 渡船, and nobody in the whole village could read it any more.");
    assert_eq!(quoting.code, "en");
}

/// Names and brands are in Latin letters in other alphabets too.
#[test]
fn other_alphabets_decide_against_as_many_latin_letters() {
    let text = "Сервер Example Cloud Platform Pro: как установить и настроить его на Example Linux Server без помощи";
    assert_eq!(code(text), "ru");
    assert!(identify(text).probability < 0.8);
}

/// The share of the script keeps a mixture from looking certain.
#[test]
fn a_mixture_is_less_certain_than_a_pure_text() {
    let pure = identify("その夏は川の水が少なく、渡し船は正午まで渡れませんでした。");
    let mixed = identify("その夏は川の水が少なく Example Cloud Platform Install Guide for the Example Server");
    assert_eq!((pure.code.as_str(), pure.probability, mixed.code.as_str()), ("ja", 1.0, "ja"));
    assert!(0.2 < mixed.probability && mixed.probability < 0.6, "{mixed:?}");
}

#[test]
fn nothing_to_recognise_is_und() {
    for text in ["", " \n", "12345 67890", "!?*", "😀😀"] {
        assert_eq!(identify(text), Language::new("und", 0.0), "{text:?}");
        assert_eq!(shares(text).len(), usize::from(!text.trim().is_empty()), "{text:?}");
    }
}

/// Languages of the Americas and of Africa that no judge knows, and letters that mean nothing.
#[test]
fn what_no_judge_knows_is_other() {
    for text in [
        "Ñuqaqa llaqtaypim tiyani, sapa p'unchaymi chakrata rini, wasiymanta karu purispa, chaymi tutamanta hatarini.",
        "Wakan tanka unshimala ye oyate wani wachin cha lechamu welo ho wanna mitakuye oyasin",
        "qwrtz plkjh vbnmx zxcvq wrtpl kjhgf dsxcv bnmqw rtzpl kjhgf mnbvc xylkj hgfds qwrtz",
    ] {
        let found = identify(text);
        assert_eq!(found.code, codes::OTHER, "{text}: {found:?}");
        assert!(0.5 <= found.probability, "{found:?}");
    }
    assert_eq!(code("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"), codes::OTHER);
}

#[test]
fn the_second_language_and_the_group_are_told() {
    let found = answer("Rijeka je toga ljeta bila plitka i skela nije mogla prijeći prije podneva.");
    assert_eq!(codes::group(&found.language.code), Some("hbs"), "{found:?}");
    assert!(found.language.probability < found.language.group_probability && found.language.group_probability <= 1.0);
    let (second, probability) = found.second.unwrap();
    assert_eq!(codes::group(&second), Some("hbs"));
    assert!(probability <= found.language.probability);
    let english = identify("The river was low that summer, and the ferry could not cross before noon.");
    assert_eq!(english.probability, english.group_probability);
}

/// Menus and code around an article in another language do not decide.
#[test]
fn navigation_and_code_do_not_decide() {
    let menu = "Home\nAbout us\nContact\nPrivacy policy\nTerms of use\n".repeat(6);
    let program = "for (int i = 0; i < length; i++) { total += values[i] * 2; }\n".repeat(8);
    let article = "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte vor Mittag nicht übersetzen.\n".repeat(3);
    let found = identify(&format!("{menu}{article}{program}{menu}"));
    assert_eq!(found.code, "de", "{found:?}");
}

#[test]
fn shares_are_those_of_paragraphs() {
    let english = "The river was low that summer, and the ferry could not cross before noon.";
    let german = "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte nicht übersetzen.";
    let all = shares(&format!("1.\n{english}\n2.\n{english}\n\n{german}\nJa.\n"));
    let codes: Vec<&str> = all.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["en", "de"]);
    assert!((all.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9);
    let bytes = (german.len() + "Ja.".len()) as f64;
    assert!((all[1].1 - bytes / (bytes + (2 * english.len() + 4) as f64)).abs() < 1e-9, "{all:?}");
    assert_eq!(shares(""), []);
    assert_eq!(shares("Ja.\nNein."), [(code("Ja.\nNein."), 1.0)]);
}

/// Any characters, as long as they may be, in bounded time and without a panic.
#[test]
fn odd_texts_are_answered() {
    let texts = [
        "a".repeat(1 << 20),
        "\u{301}".repeat(100_000),
        "𐍈".repeat(10_000),
        "\n".repeat(1 << 20),
        "İ".repeat(5000),
        "\u{0}\u{fffd}".repeat(999),
    ];
    for text in texts {
        let found = identify(&text);
        assert!((0.0..=1.0).contains(&found.probability), "{found:?}");
        let sum: f64 = shares(&text).iter().map(|(_, share)| share).sum();
        assert!((sum - 1.0).abs() < 1e-9 || sum == 0.0 && text.trim().is_empty(), "{sum}");
    }
}

/// Of a few words it is not said that they are in no language, but they have little probability.
#[test]
fn a_few_letters_are_never_of_an_unknown_language() {
    let of = |text: &str| identify(text);
    for text in ["qq", "zzxq wqj", "\u{63a}\u{63b}\u{63c}", "Xq'zvw kjq"] {
        let found = of(text);
        assert!(found.code != "other" && found.code != "und", "{text} {found:?}");
    }
    let long = of(&"qxz wvkj zzq xkcd vqj ".repeat(8));
    assert_eq!(long.code, "other", "{long:?}");
}

/// One word or two characters a line, longer than the sample: menus and lists.
#[test]
fn lists_of_short_lines_have_their_language() {
    let text = |words: &str| words.replace(' ', "\n").repeat(200);
    assert_eq!(code(&text("the river was low that summer and people told what they had heard in town ")), "en");
    assert_eq!(code(&text("der Fluss war in jenem Sommer niedrig und die Leute warteten unter den Linden ")), "de");
    assert_eq!(code(&text("\u{9996}\u{9875} \u{65b0}\u{95fb} \u{6211}\u{4eec} \u{8054}\u{7cfb} \u{4ea7}\u{54c1} ")), "zh");
}

#[test]
fn codes_are_complete_sorted_and_distinct() {
    let known = codes::known();
    assert!(known.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(SENTENCES.iter().all(|(code, _)| known.contains(code)));
    assert!(known.iter().all(|code| codes::expand(code).contains(code)));
    assert!(codes::is_known("en") && codes::is_known("other") && !codes::is_known("und") && !codes::is_known("eng"));
    for (name, expected) in [
        ("en", &["en"][..]),
        ("zh", &["zh", "zh-Hant"]),
        ("zh-Hans", &["zh"]),
        ("zh-TW", &["zh-Hant"]),
        ("no", &["nb", "nn"]),
        ("sh", &["bs", "hr", "sr", "sr-Latn"]),
        ("sr", &["sr", "sr-Latn"]),
        ("sr-Cyrl", &["sr"]),
        ("msa", &["id", "ms"]),
        ("iw", &["he"]),
        ("kmr", &["ku"]),
        ("other", &["other"]),
        ("und", &[]),
        ("e", &[]),
        ("", &[]),
    ] {
        assert_eq!(codes::expand(name), expected, "{name}");
    }
}

#[test]
fn the_model_is_read_back_and_a_changed_byte_is_noticed() {
    let bytes = BUILT_IN.to_bytes();
    assert_eq!(bytes, include_bytes!("model.bin"));
    assert!(bytes.len() <= 3_000_000);
    for at in [0, 9, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Model::from_bytes("m", &changed).is_err(), "byte {at}");
    }
    assert!(Model::from_bytes("m", &bytes[..bytes.len() / 2]).is_err());
}

#[test]
fn broken_options_are_faults_of_the_recipe() {
    for (result, named) in [
        (filter(&[], 0.5), "empty"),
        (filter(&["en", "klingon"], 0.5), "klingon"),
        (filter(&["und"], 0.5), "und"),
        (filter(&["en"], f64::NAN), "NaN"),
        (filter(&["en"], 1.01), "1.01"),
        (filter(&["en"], -0.1), "-0.1"),
        (LanguageFilter::new(Options { keep: vec!["en".into()], min_probability: 0.5, min_share: 2.0 }), "min-share is 2"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::Recipe);
        assert!(error.to_string().contains(named), "{error}");
    }
    let options: Options = serde_json::from_str(r#"{"keep":["en"]}"#).unwrap();
    assert_eq!((options.min_probability, options.min_share), (0.65, 0.0));
    assert!(serde_json::from_str::<Options>(r#"{"keep":["en"],"min_probability":0.5}"#).is_err());
}

#[test]
fn the_language_that_the_runner_set_counts() {
    let en = filter(&["en"], 0.65).unwrap();
    let judge = |filter: &LanguageFilter, language: Language| filter.judge(&Document { language: Some(language), ..Document::default() });
    assert_eq!(judge(&en, Language::new("en", 0.65)), Verdict::Keep);
    let Verdict::Drop(reason) = judge(&en, Language::new("en", 0.64)) else { panic!("kept") };
    assert_eq!((reason.rule, reason.value, reason.limit), ("probability", 0.64, 0.65));
    let Verdict::Drop(reason) = judge(&en, Language::new("de", 0.9)) else { panic!("kept") };
    assert_eq!((reason.rule, reason.value, reason.limit), ("language", 0.9, 0.65));
}

/// Of a group that is kept whole it does not matter which of its languages it is.
#[test]
fn the_probability_of_a_group_counts_where_all_of_it_is_kept() {
    let croatian = Language { code: "hr".into(), probability: 0.5, group_probability: 0.95 };
    let judge = |keep: &[&str]| filter(keep, 0.65).unwrap().judge(&Document { language: Some(croatian.clone()), ..Document::default() });
    assert_eq!(judge(&["sh"]), Verdict::Keep);
    assert_eq!(judge(&["en", "bs", "hr", "sr"]), Verdict::Keep);
    assert!(matches!(judge(&["hr"]), Verdict::Drop(_)));
    assert!(matches!(judge(&["hr", "bs"]), Verdict::Drop(_)));
}

#[test]
fn a_share_of_the_text_can_be_asked_for() {
    let english = "The river was low that summer, and the ferry could not cross before noon.\n".repeat(3);
    let german = "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte nicht übersetzen.\n";
    let document = Document { text: format!("{english}{german}"), language: Some(Language::new("en", 0.9)), ..Document::default() };
    let judge = |min_share| {
        let options = Options { keep: vec!["en".into()], min_probability: 0.65, min_share };
        LanguageFilter::new(options).unwrap().judge(&document)
    };
    assert_eq!((judge(0.0), judge(0.5)), (Verdict::Keep, Verdict::Keep));
    let Verdict::Drop(reason) = judge(0.9) else { panic!("kept") };
    assert_eq!((reason.rule, reason.limit), ("share", 0.9));
    assert!(0.6 < reason.value && reason.value < 0.8);
}
