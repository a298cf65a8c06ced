//! Any bytes as a body: what comes out is what the charset that is named makes of the bytes behind a mark, and no longer than three bytes for one.

#![no_main]

use gristmill::extract::charset::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for (label, tld) in [(None, None), (Some("utf-16le"), Some("jp")), (Some("gb18030"), None), (Some("x-nobody"), Some("xn--p1ai"))] {
        let found = decode(body, label, tld);
        let encoding = encoding_rs::Encoding::for_label(found.charset.as_bytes()).expect("a name of the standard");
        let mark = encoding_rs::Encoding::for_bom(body).map_or(0, |(_, length)| length);
        let (text, had_errors) = encoding.decode_without_bom_handling(&body[mark..]);
        assert!(found.text == text && had_errors == (found.replacements != 0), "{} of {:?}", found.charset, found.from);
        assert!(found.text.len() <= 3 * body.len() && found.replacements <= body.len() as u64);
    }
});
