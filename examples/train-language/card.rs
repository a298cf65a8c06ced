//! The card of a model: what it can answer, and what it learned from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gristmill::language::scripts;

use crate::learn::Trained;
use crate::sources::{Corpus, Origin, Source, sha256};

/// Markdown, of which the same data give the same bytes.
pub fn of(corpus: &Corpus, trained: &[Trained], n_held_out: usize) -> String {
    let mut card = String::from(INTRODUCTION);
    let _ = writeln!(card, "{n_held_out} texts that stand in the test set were left out.\n\n## Sources\n");
    card.push_str("SHA-256 is of the lines `FILE SHA-256-OF-THE-FILE`, sorted, each with a line end.\n\n| source | licence | files | MB | texts | MB of text | left out: English, repeated, short, foreign, unreadable | SHA-256 |\n|---|---|---|---|---|---|---|---|\n");
    for source in [Source::Lingua, Source::Firefox, Source::LibreOffice, Source::Help, Source::Udhr] {
        let origins: Vec<&Origin> = corpus.origins.iter().filter(|origin| origin.source == source && !origin.is_transliterated).collect();
        // A file of several languages is listed once for each.
        let files: BTreeMap<&str, &Origin> = origins.iter().map(|origin| (origin.file.as_str(), *origin)).collect();
        let list: String = files.iter().map(|(file, origin)| format!("{file} {}\n", origin.sha256)).collect();
        let sum = |of: fn(&Origin) -> usize| origins.iter().map(|origin| of(origin)).sum::<usize>();
        let stored: u64 = files.values().map(|origin| origin.bytes).sum();
        let _ = writeln!(
            card,
            "| {} | {} | {} | {:.1} | {} | {:.1} | {}, {}, {}, {}, {} | `{}` |",
            source.name(),
            source.licence(),
            files.len(),
            stored as f64 / 1e6,
            sum(|origin| origin.n_texts),
            sum(|origin| origin.text_bytes) as f64 / 1e6,
            sum(|origin| origin.left_out.english),
            sum(|origin| origin.left_out.repeated),
            sum(|origin| origin.left_out.short),
            sum(|origin| origin.left_out.foreign),
            sum(|origin| origin.left_out.unreadable),
            sha256(&[list.as_bytes()]),
        );
    }
    card.push_str("\n## Languages\n\nBytes that each was learned from, and how many of them are real text rather than drawn from models of n-grams; paragraphs of the declaration count ten times.\n\n| script | language | bytes | of real text |\n|---|---|---|---|\n");
    for trained in trained {
        let parameters = &trained.judge.parameters;
        for (language, (bytes, real)) in parameters.languages.iter().zip(&trained.bytes) {
            let _ = writeln!(card, "| {:?} | {language} | {bytes} | {real} |", parameters.script);
        }
    }
    let own: Vec<&str> = scripts::languages().collect();
    let _ = writeln!(card, "\nBy their script alone, without learning: {}.", own.join(", "));
    card
}

const INTRODUCTION: &str = "# Card: the judge of languages\n
`model.bin`, weights of hashed n-grams, written by `cargo run --release --example train-language` together with this card. `docs/language.md` tells how it works, how good it is, where the data come from, and what it is not good for. The weights are under the licence of this program; \
no text can be read out of them.\n
";
