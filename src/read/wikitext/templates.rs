//! Templates whose text a sentence needs. All others show nothing: what they would show, a dump of articles does not hold.

use std::ops::Range;

use super::mark;
use super::names::plain;

/// Arguments that are looked at.
pub(super) const MAX_ARGUMENTS: usize = 24;
/// Bytes of the longest name of a template that is looked at.
const MAX_NAME: usize = 80;

/// A template as it was called, its inner ones already replaced.
pub(super) struct Call<'c> {
    /// All that was written.
    pub text: &'c str,
    /// Between the braces.
    pub content: Range<usize>,
    /// Where its own `|` stand in `text`.
    pub pipes: &'c [usize],
}

/// What a template shows.
#[derive(Clone, Copy, Debug)]
enum Show {
    /// This argument without a name, from 1.
    Argument(usize),
    /// The last argument without a name.
    Last,
    /// The second, where there are two; else the first.
    SecondOrFirst,
    /// The same with a line of its own: what is quoted.
    Quote,
    /// Words, then the arguments without names with spaces between, up to this many.
    Words(&'static str, usize),
    /// A number and what it counts: `{{convert|5|km|mi}}`.
    Measure,
    /// `{{frac|1|2}}`.
    Fraction,
    /// `{{as of|2010|5}}`.
    AsOf,
    /// A base text and its reading, in brackets of East Asia.
    Reading,
    /// With German marks of quotation around.
    Quoted,
    /// A text, and in brackets what it translates: `{{nihongo|Tokyo Tower|東京タワー|Tōkyō tawā}}`.
    Translated,
    Sign(&'static str),
}

/// Names in lower case. Where two wikis mean different things by a name, the one is listed that shows an argument without a name.
const SHOWN: &[(&[&str], Show)] = &[
    (&["lang", "langx", "lang-x", "langue", "idioma", "zh-lang", "script", "rtl-lang", "lang-rtl"], Show::Argument(2)),
    (&["transl", "transliteration", "translit", "tlit", "xlit", "rtl-tlit"], Show::Last),
    (
        &[
            "nowrap",
            "nobr",
            "nobreak",
            "nowiki",
            "small",
            "smaller",
            "big",
            "larger",
            "sc",
            "smallcaps",
            "smallcaps all",
            "abbr",
            "abbrlink",
            "tooltip",
            "em",
            "strong",
            "bold",
            "italic",
            "italics",
            "var",
            "math",
            "mvar",
            "code",
            "mono",
            "kbd",
            "samp",
            "sub",
            "sup",
            "font color",
            "color",
            "nihongo2",
            "vanchor",
            "visible anchor",
            "not a typo",
            "notatypo",
            "as written",
            "typo",
            "proper name",
            "ill",
            "illm",
            "interlanguage link",
            "link-interwiki",
            "link-en",
            "le",
            "仮リンク",
            "нп1",
            "unicode",
            "angbr",
            "angle bracket",
            "keypress",
            "key press",
            "char",
            "linktext",
            "wikt-lang",
            "nb",
            "nobold",
            "noitalic",
            "normal",
            "overline",
            "underline",
        ],
        Show::Argument(1),
    ),
    (&["нп2", "нп3", "нп4", "нп5", "не переведено", "не переведено 2", "не переведено 3", "не переведено 5"], Show::SecondOrFirst),
    (
        &[
            "quote",
            "quotation",
            "blockquote",
            "cquote",
            "bquote",
            "quote frame",
            "rquote",
            "centered pull quote",
            "poemquote",
            "poem quote",
            "verse translation",
            "zitat",
            "citation bloc",
            "début citation",
            "cita",
            "citazione",
            "citação",
            "citaat",
            "cytat",
            "цитата",
            "cquote2",
            "quote box",
            "quotebox",
            "引用",
            "引文",
        ],
        Show::Quote,
    ),
    (&["convert", "cvt", "val", "unité", "unidad", "unit", "nbr", "num"], Show::Measure),
    (&["frac", "fraction", "sfrac", "bruch"], Show::Fraction),
    (&["as of", "asof"], Show::AsOf),
    (&["ruby", "ruby-ja", "読み仮名", "読み仮名 ruby不使用", "ふりがな", "補助漢字フォント"], Show::Reading),
    (&["circa", "c.", "ca.", "ca"], Show::Words("c.", 1)),
    (&["floruit", "fl."], Show::Words("fl.", 1)),
    (&["reign", "r."], Show::Words("r.", 1)),
    (&["us$", "usd"], Show::Words("US$", 1)),
    (&["gbp", "£"], Show::Words("£", 1)),
    (&["eur", "€"], Show::Words("€", 1)),
    (&["-", "snd", "spnd", "spaced ndash", "spaced en dash", "spndash"], Show::Sign(" – ")),
    (&["ndash", "en dash", "en-dash"], Show::Sign("–")),
    (&["mdash", "em dash", "em-dash", "emdash"], Show::Sign("—")),
    (&["·", "•", "middot", "dot", "bullet", "•w"], Show::Sign(" · ")),
    (&["nbsp", "space", "sp", "spaces", "thinsp", "thin space", "hair space", "nnbsp"], Show::Sign(" ")),
    (&["!", "pipe"], Show::Sign("|")),
    (&["=", "equals"], Show::Sign(mark::EQUALS)),
    (&["'", "apostrophe", "okina", "hamza"], Show::Sign("’")),
    (&["'s"], Show::Sign("’s")),
    (&["\"", "„", "«", "quoted"], Show::Quoted),
    (&["nihongo", "nihongo3"], Show::Translated),
    (&["ship", "bateau"], Show::Words("", 2)),
    (&["hms"], Show::Words("HMS", 1)),
    (&["uss"], Show::Words("USS", 1)),
    (&["ss"], Show::Words("SS", 1)),
    (&["date", "dts", "date-", "date rapide"], Show::Words("", 3)),
    (&["°", "deg"], Show::Sign("°")),
    (&["dagger", "†"], Show::Sign("†")),
    (&["sharp", "music sharp"], Show::Sign("♯")),
    (&["flat", "music flat"], Show::Sign("♭")),
    (&["er", "1er", "ier"], Show::Sign("1er")),
];

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

impl<'c> Call<'c> {
    /// In lower case with spaces, without what calls a parser function; empty where it is too long for any name.
    pub fn name(&self) -> String {
        let end = self.pipes.first().copied().unwrap_or(self.content.end);
        let name = &self.text[self.content.start..end];
        let name = self.function().map_or(name, |(function, _)| function);
        if name.len() <= MAX_NAME { plain(name) } else { String::new() }
    }

    /// `{{lc:Text}}`: its name and its text.
    fn function(&self) -> Option<(&'c str, &'c str)> {
        let end = self.pipes.first().copied().unwrap_or(self.content.end);
        let (name, text) = self.text[self.content.start..end].split_once(':')?;
        ["lc", "uc", "lcfirst", "ucfirst", "formatnum"].contains(&name.trim()).then_some((name, text))
    }

    /// Of `{{{name|default}}}`.
    pub fn default_value(&self) -> &'c str {
        let Some(first) = self.pipes.first() else { return "" };
        &self.text[first + 1..self.pipes.get(1).copied().unwrap_or(self.content.end)]
    }

    /// Each argument with its name, or its number.
    fn arguments(&self) -> impl Iterator<Item = (Option<&'c str>, &'c str)> {
        let ends = self.pipes.iter().skip(1).copied().chain([self.content.end]);
        self.pipes.iter().zip(ends).take(MAX_ARGUMENTS).map(|(start, end)| {
            let argument = &self.text[start + 1..end];
            match argument.split_once('=') {
                // A sign of equality in the address of a link is none of the template's.
                Some((name, value)) if !name.trim().contains(['[', '\n']) => (Some(name.trim()), value.trim()),
                _ => (None, argument),
            }
        })
    }

    /// The argument of this number: without a name, or named by its number.
    fn argument(&self, number: usize) -> Option<&'c str> {
        let named = number.to_string();
        let by_name = self.arguments().find(|(name, _)| *name == Some(named.as_str())).map(|(_, value)| value);
        by_name.or_else(|| self.unnamed().nth(number - 1)).filter(|value| !value.trim().is_empty())
    }

    fn unnamed(&self) -> impl Iterator<Item = &'c str> {
        self.arguments().filter(|(name, _)| name.is_none()).map(|(_, value)| value)
    }

    fn named(&self, names: &[&str]) -> Option<&'c str> {
        self.arguments().find(|(name, value)| name.is_some_and(|name| names.contains(&name)) && !value.is_empty()).map(|(_, value)| value)
    }
}

/// What a template of this name shows; `None` where that is nothing.
pub(super) fn shown(name: &str, call: &Call<'_>) -> Option<String> {
    if let Some((_, text)) = call.function() {
        return Some(text.trim().to_owned());
    }
    // "{{lang-fr|texte}}"; the name of the language in front of it is part of the template.
    let show = match name.strip_prefix("lang-") {
        Some(code) if matches!(code.len(), 2 | 3) => Show::Argument(1),
        _ => SHOWN.iter().find(|(names, _)| names.contains(&name))?.1,
    };
    let owned = |text: &str| text.trim().to_owned();
    match show {
        Show::Argument(number) => call.argument(number).map(owned),
        Show::Last => call.unnamed().last().map(owned),
        Show::SecondOrFirst => call.argument(2).or(call.argument(1)).map(owned),
        Show::Quote => {
            let quoted = call.named(&["text", "quote", "content", "1", "Text", "texte", "texto", "testo"]).or(call.argument(1))?;
            Some(format!("{0}{1}{0}", mark::BREAK, quoted.trim()))
        }
        Show::Words(words, most) => {
            let words = (!words.is_empty()).then_some(words).into_iter();
            let text = words.chain(call.unnamed().take(most).map(str::trim)).filter(|word| !word.is_empty()).collect::<Vec<_>>();
            let glue = if text.first().is_some_and(|first| first.ends_with(['$', '£', '€'])) { "" } else { " " };
            Some(text.join(glue))
        }
        Show::Measure => measure(call),
        Show::Fraction => {
            let parts: Vec<&str> = call.unnamed().map(str::trim).collect();
            match parts[..] {
                [below] => Some(format!("1/{below}")),
                [above, below] => Some(format!("{above}/{below}")),
                [whole, above, below] => Some(format!("{whole} {above}/{below}")),
                _ => None,
            }
        }
        Show::AsOf => as_of(call),
        Show::Reading => {
            let base = call.argument(1)?.trim();
            Some(call.argument(2).map_or_else(|| base.to_owned(), |reading| format!("{base}（{}）", reading.trim())))
        }
        Show::Quoted => call.argument(1).map(|text| format!("„{}“", text.trim())),
        Show::Translated => {
            let parts: Vec<&str> = call.unnamed().take(3).map(str::trim).filter(|part| !part.is_empty()).collect();
            match parts[..] {
                [] => None,
                [text] => Some(text.to_owned()),
                [text, ref rest @ ..] => Some(format!("{text} ({})", rest.join(", "))),
            }
        }
        Show::Sign(sign) => Some(sign.to_owned()),
    }
}

/// `{{convert|5|km|mi}}`, `{{convert|5|to|10|km}}`, `{{val|5|u=km}}`: number and unit, as they were given; what they are converted to is left out.
fn measure(call: &Call<'_>) -> Option<String> {
    let parts: Vec<&str> = call.unnamed().map(str::trim).take(4).collect();
    let first = *parts.first()?;
    let unit = call.named(&["u", "ul", "up"]);
    let is_word = |text: &str| ["to", "and", "by", "x", "or", "-", "–", "to(-)", "+/-", "±"].contains(&text);
    let text = match parts.get(1..).unwrap_or_default() {
        [word, second, unit, ..] if is_word(word) => match *word {
            "-" | "–" | "to(-)" => format!("{first}–{second} {unit}"),
            _ => format!("{first} {word} {second} {unit}"),
        },
        [unit, ..] if !unit.is_empty() => format!("{first} {unit}"),
        _ => unit.map_or_else(|| first.to_owned(), |unit| format!("{first} {unit}")),
    };
    Some(call.named(&["e"]).map_or_else(|| text.clone(), |e| text.replacen(first, &format!("{first}×10^{e}"), 1)))
}

/// "As of May 2010".
fn as_of(call: &Call<'_>) -> Option<String> {
    if let Some(text) = call.named(&["alt"]) {
        return Some(text.to_owned());
    }
    let parts: Vec<&str> = call.unnamed().map(str::trim).take(3).collect();
    let month =
        |text: &str| text.parse().ok().and_then(|month: usize| MONTHS.get(month.wrapping_sub(1)).copied()).unwrap_or_default().to_owned();
    let date = match parts[..] {
        [year] => year.to_owned(),
        [year, m] => format!("{} {year}", month(m)).trim().to_owned(),
        [year, m, day] => format!("{day} {} {year}", month(m)),
        _ => return None,
    };
    let opening = if call.named(&["lc"]).is_some() { "as of" } else { "As of" };
    Some(format!("{opening} {date}"))
}
