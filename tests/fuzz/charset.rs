//! Any bytes as a body: what comes out is what the charset that is named makes of the bytes behind a mark, and no longer than three bytes for one; what did not fit is counted
//! as it shows in the text; and who is said to have decided could.

#![no_main]

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use gristmill::extract::charset::{CharsetFrom, decode};
use libfuzzer_sys::fuzz_target;

/// What HTTP may say. Each body is decoded as four of these have it, by its length.
const LABELS: [&str; 16] = [
    "utf-16le",
    "gb18030",
    "shift_jis",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "euc-kr",
    "gbk",
    "windows-1252",
    "koi8-r",
    "x-user-defined",
    "replacement",
    "utf-16be",
    " \"UTF-8\"",
    "iso-8859-8-i",
    "x-nobody",
];
/// Last labels of a host, as they may stand in a URL.
const DOMAINS: [Option<&str>; 5] = [None, Some("jp"), Some("xn--p1ai"), Some("com"), Some("Ünï")];

fuzz_target!(|body: &[u8]| {
    let labels = (0..4).map(|n| Some(LABELS[(4 * body.len() + n) % LABELS.len()]));
    let domain = DOMAINS[body.len() / 4 % DOMAINS.len()];
    for label in labels.chain([None]) {
        let found = decode(body, label, domain);
        let encoding = Encoding::for_label(found.charset.as_bytes()).expect("a name of the standard");
        let (marked, mark) = Encoding::for_bom(body).unwrap_or((encoding, 0));
        let (text, had_errors) = encoding.decode_without_bom_handling(&body[mark..]);
        assert!(found.text == text && had_errors == (found.replacements != 0), "{} of {:?}", found.charset, found.from);
        assert!(found.text.len() <= 3 * body.len());
        // These can say U+FFFD themselves.
        let n_shown = found.text.matches('\u{FFFD}').count() as u64;
        let may_say_it = [UTF_8, UTF_16LE, UTF_16BE, GB18030, GBK].contains(&encoding);
        assert!(found.replacements == n_shown || may_say_it && found.replacements < n_shown, "{} of {n_shown}", found.replacements);
        let named = label.and_then(|label| Encoding::for_label_no_replacement(label.trim_matches([' ', '"']).as_bytes()));
        match found.from {
            CharsetFrom::Bom => assert!(mark != 0 && encoding == marked),
            CharsetFrom::Utf8 => assert!(encoding == UTF_8 && found.replacements == 0),
            CharsetFrom::Http => assert_eq!(named, Some(encoding)),
            CharsetFrom::Meta => assert!(named.is_none() && encoding != UTF_16LE && encoding != UTF_16BE),
            CharsetFrom::Detector => assert!(named.is_none() || encoding == UTF_16LE || encoding == UTF_16BE),
        }
        if !body.is_ascii() && str::from_utf8(body).is_ok() {
            assert!(encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE, "{} of {:?}", found.charset, found.from);
        }
    }
});
