//! What the card shows, as sections of a page.

use std::collections::BTreeMap;

use crate::report::page::{Page, Section, Table};
use crate::report::{percent, thousands};

use super::super::steps::shard::profile::{MOST_DOMAINS, PROFILE, Tally, largest_first};
use super::DataCard;

/// Shards that the card lists; the profile lists all.
const MOST_SHARDS: usize = 100;
/// Languages that the card lists; the rest is one row.
const MOST_LANGUAGES: usize = 40;

pub fn page(card: &DataCard) -> Page {
    let mut all = Tally::default();
    card.profile.splits.values().flat_map(BTreeMap::values).for_each(|tally| all.add(*tally));
    let tokens = card.tokenizer.as_ref().map_or_else(String::new, |name| format!(", {} tokens ({name})", thousands(all.tokens)));
    let lead = format!(
        "{} of {}, {}{tokens}, in {}",
        counted(all.rows, "row"),
        counted(all.documents, "document"),
        counted(all.characters, "character"),
        counted(card.profile.shards.len() as u64, "shard")
    );
    let mut sections =
        vec![about(card), sources(card), splits(card), funnel(card), languages(card, all), years(card), lengths(card), domains(card, all)];
    sections.extend(rights(card));
    sections.extend(blend(card));
    sections.extend(decontamination(card));
    sections.extend(models(card));
    sections.push(files(card));
    sections.push(Section {
        title: "Recipe",
        note: "With every default written out: the same inputs and this recipe give the same bytes.".to_owned(),
        listing: card.recipe.clone(),
        ..Section::default()
    });
    Page { title: card.name.clone(), lead, warnings: card.warnings.clone(), sections }
}

fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(n), if n == 1 { "" } else { "s" })
}

fn share(part: u64, whole: u64) -> String {
    percent(part as f64, whole as f64)
}

fn about(card: &DataCard) -> Section {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![row("licence of the whole", card.license.clone().unwrap_or_else(|| "not stated; see the sources".to_owned()))];
    if !card.creators.is_empty() {
        rows.push(row("made by", card.creators.join(", ")));
    }
    rows.extend(card.url.iter().map(|url| row("published at", url.clone())));
    rows.push(row("made with", format!("gristmill {}", env!("CARGO_PKG_VERSION"))));
    // A paragraph, however it is broken into lines.
    let described = card.description.as_ref().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let note = described.unwrap_or_else(|| "Text for training language models.".to_owned());
    Section { title: "About", note, tables: vec![Table::new("", &["", ""], rows)], ..Section::default() }
}

fn sources(card: &DataCard) -> Section {
    let rows = card.sources.iter().map(|source| {
        let funnel = card.funnel.iter().find(|funnel| funnel.source == source.name);
        let first = funnel.and_then(|funnel| funnel.steps.first()).map_or(0, |step| step.read + step.entered);
        let kept = funnel.and_then(|funnel| funnel.steps.last()).map_or(0, |step| step.kept);
        vec![
            source.name.clone(),
            source.origin.clone(),
            source.license.clone().unwrap_or_else(|| "not stated".to_owned()),
            thousands(first),
            thousands(kept),
        ]
    });
    let head = ["source", "from", "licence", "#records", "#documents kept"];
    let note = "Every row names its source, so that what is under another licence can be left out.".to_owned();
    Section { title: "Sources and licences", note, tables: vec![Table::new("", &head, rows.collect())], ..Section::default() }
}

fn splits(card: &DataCard) -> Section {
    let mut rows = Vec::new();
    for (split, sources) in &card.profile.splits {
        let mut all = Tally::default();
        sources.values().for_each(|tally| all.add(*tally));
        let measure = |tally: &Tally| if card.tokenizer.is_some() { tally.tokens } else { tally.characters };
        for (source, tally) in sources {
            let mut row = vec![split.clone(), source.clone()];
            row.extend([tally.rows, tally.documents, tally.characters, tally.bytes].map(thousands));
            row.extend(card.tokenizer.as_ref().map(|_| thousands(tally.tokens)));
            row.push(share(measure(tally), measure(&all)));
            rows.push(row);
        }
    }
    let mut head = vec!["split", "source", "#rows", "#documents", "#characters", "#bytes"];
    let of = if card.tokenizer.is_some() { "#of its tokens" } else { "#of its characters" };
    head.extend(card.tokenizer.as_ref().map(|_| "#tokens"));
    head.push(of);
    let note = "A row is a copy of a document, or of a piece of one. What is held out for validation is there once, whatever the epochs."
        .to_owned();
    Section { title: "What the shards hold", note, tables: vec![Table::new("", &head, rows)], ..Section::default() }
}

fn funnel(card: &DataCard) -> Section {
    let mut rows = Vec::new();
    for source in &card.funnel {
        for step in &source.steps {
            let arrived = step.read + step.entered;
            let mut why: Vec<String> = step
                .dropped
                .iter()
                .map(|dropped| format!("{} {}/{}", thousands(dropped.documents), dropped.filter, dropped.rule))
                .collect();
            why.extend(step.moved.iter().map(|(to, n)| format!("{} became {to}", thousands(*n))));
            if arrived != step.kept {
                rows.push(vec![source.source.clone(), step.step.clone(), thousands(arrived), thousands(step.kept), why.join("; ")]);
            }
        }
    }
    let law = &card.law;
    let note = format!(
        "read {} = kept {} + dropped {}; steps that dropped nothing are left out",
        thousands(law.read),
        thousands(law.kept),
        thousands(law.dropped)
    );
    let head = ["source", "step", "#arrived", "#kept", "dropped or moved"];
    let tables = if rows.is_empty() { Vec::new() } else { vec![Table::new("", &head, rows)] };
    Section { title: "What was kept and dropped", note, tables, ..Section::default() }
}

/// Rows of a table of tallies: name, rows, characters, share of the characters.
fn tallied(tallies: impl Iterator<Item = (String, Tally)>, all: u64) -> Vec<Vec<String>> {
    let row = |(name, tally): (String, Tally)| vec![name, thousands(tally.rows), thousands(tally.characters), share(tally.characters, all)];
    tallies.map(row).collect()
}

const TALLIED: [&str; 3] = ["#rows", "#characters", "#share of characters"];

fn languages(card: &DataCard, all: Tally) -> Section {
    let mut languages = largest_first(card.profile.languages.clone());
    let mut rest = Tally::default();
    languages.iter().skip(MOST_LANGUAGES).for_each(|(_, tally)| rest.add(*tally));
    let n_rest = languages.len().saturating_sub(MOST_LANGUAGES);
    languages.truncate(MOST_LANGUAGES);
    if n_rest != 0 {
        languages.push((format!("{n_rest} others"), rest));
    }
    let head = [&["language"][..], &TALLIED].concat();
    let note = "As recognised from the text; \"und\" where none was. Codes are ISO 639.".to_owned();
    Section {
        title: "Languages",
        note,
        tables: vec![Table::new("", &head, tallied(languages.into_iter(), all.characters))],
        ..Section::default()
    }
}

fn years(card: &DataCard) -> Section {
    let all = card.profile.years.values().map(|tally| tally.characters).sum();
    let years = card.profile.years.iter().map(|(year, tally)| (year.clone(), *tally));
    let head = [&["year"][..], &TALLIED].concat();
    let note = "Of the date that the input gives: of a crawl when the page was fetched, not when it was written.".to_owned();
    Section { title: "Years", note, tables: vec![Table::new("", &head, tallied(years, all))], ..Section::default() }
}

fn lengths(card: &DataCard) -> Section {
    let all = card.profile.lengths.values().map(|tally| tally.characters).sum();
    let name = |from: u64| if from == 0 { "0".to_owned() } else { format!("{} to {}", thousands(from), thousands(from * 2 - 1)) };
    let lengths = card.profile.lengths.iter().map(|(from, tally)| (name(*from), *tally));
    let head = [&["characters of a row"][..], &TALLIED].concat();
    Section { title: "Lengths", tables: vec![Table::new("", &head, tallied(lengths, all))], ..Section::default() }
}

fn domains(card: &DataCard, all: Tally) -> Section {
    let profile = &card.profile;
    let domains = largest_first(profile.domains.clone());
    let named = if (MOST_DOMAINS as u64) < profile.n_domains {
        format!(", of which the {MOST_DOMAINS} with the most characters are named")
    } else {
        String::new()
    };
    let mut note = format!(
        "{}{named}; without an address on the web: {}.",
        counted(profile.n_domains, "registered domain"),
        counted(profile.without_domain.rows, "row")
    );
    if profile.forgotten_characters != 0 {
        note.push_str(&format!(
            " There were too many to hold: each may have up to {} characters more, and their number is at most that.",
            thousands(profile.forgotten_characters)
        ));
    }
    let head = [&["registered domain"][..], &TALLIED].concat();
    let tables = if domains.is_empty() { Vec::new() } else { vec![Table::new("", &head, tallied(domains.into_iter(), all.characters))] };
    Section { title: "Where it is from", note, tables, ..Section::default() }
}

fn rights(card: &DataCard) -> Option<Section> {
    let signals = card
        .opt_outs
        .iter()
        .flat_map(|found| found.signals.iter().map(|(signal, n)| vec![found.source.clone(), signal.clone(), thousands(*n)]));
    let lists =
        card.lists.iter().map(|found| vec![found.source.clone(), found.filter.clone(), found.list.clone(), thousands(found.documents)]);
    let masks = card.masks.iter().map(|found| {
        let counts = [found.documents_masked, found.emails, found.ips].map(thousands);
        std::iter::once(found.source.clone()).chain(counts).collect()
    });
    let tables = [
        Table::new("what pages say to robots, before any filter", &["source", "signal", "#documents"], signals.collect()),
        Table::new("dropped by lists", &["source", "filter", "list", "#documents"], lists.collect()),
        Table::new("masked in what was kept then", &["source", "#documents", "#e-mail addresses", "#IP addresses"], masks.collect()),
    ];
    let tables: Vec<Table> = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
    let note = "Whether a signal keeps a page out is the recipe's choice (opt-out); masks are in texts alone, not in titles and addresses."
        .to_owned();
    (!tables.is_empty()).then(|| Section { title: "Rights and privacy", note, tables, ..Section::default() })
}

fn blend(card: &DataCard) -> Option<Section> {
    let blend = card.blend.as_ref()?;
    let rows = blend.rows.iter().map(|row| {
        vec![
            row.source.clone(),
            share_of(row.weight),
            format!("{:.2}", row.epochs),
            thousands(row.tokens_available),
            thousands(row.tokens_drawn),
            share_of(row.share_drawn),
            if row.binds { "binds" } else { "" }.to_owned(),
        ]
    });
    let head = ["source", "#weight", "#epochs", "#tokens there are", "#tokens drawn", "#of those drawn", ""];
    let note = [&[blend.binding.clone()][..], &blend.warnings].concat().join("; ");
    Some(Section { title: "Blend", note, tables: vec![Table::new("", &head, rows.collect())], ..Section::default() })
}

fn share_of(value: f64) -> String {
    format!("{:.2} %", 100.0 * value)
}

fn decontamination(card: &DataCard) -> Option<Section> {
    let found = card.decontamination.as_ref()?;
    let overlap = found.overlap.iter().map(|row| {
        let counts = [row.n, row.examples, row.dirty, row.dirty_after].map(thousands);
        std::iter::once(row.benchmark.clone()).chain(counts).chain([share(row.clean_after(), row.examples)]).collect()
    });
    let head = ["benchmark", "#N", "#examples", "#with an N-gram in the documents", "#in what the cuts left", "#clean now"];
    let mut tables = vec![Table::new("overlap, as GPT-3's table C.1 measures it", &head, overlap.collect())];
    if !found.hits.is_empty() {
        let hits =
            found.hits.iter().map(|row| vec![row.benchmark.clone(), row.source.clone(), thousands(row.documents), thousands(row.cuts)]);
        tables.push(Table::new("cuts", &["benchmark", "source", "#documents", "#cuts"], hits.collect()));
    }
    let note = format!(
        "{} n-grams of benchmarks were looked for, of which {} stand in so many documents that they were left; {} items are shorter than an n-gram. {} documents lost text, {} bytes in all, and {} were dropped.",
        thousands(found.grams),
        thousands(found.ignored_grams),
        thousands(found.short_items),
        thousands(found.documents_cut),
        thousands(found.bytes_cut),
        thousands(found.documents_dropped)
    );
    Some(Section { title: "Benchmark text taken out", note, tables, ..Section::default() })
}

fn models(card: &DataCard) -> Option<Section> {
    let rows: Vec<Vec<String>> = card
        .models
        .iter()
        .map(|model| {
            let figures: Vec<String> = model.figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            vec![model.name.clone(), model.positives.clone(), model.negatives.clone(), figures.join(", ")]
        })
        .collect();
    let head = ["model", "good", "low quality", "figures"];
    let note = "What they learnt from and how well they tell is in models/NAME/card.html.".to_owned();
    (!rows.is_empty()).then(|| Section {
        title: "Quality classifiers",
        note,
        tables: vec![Table::new("", &head, rows)],
        ..Section::default()
    })
}

fn files(card: &DataCard) -> Section {
    let shards = &card.profile.shards;
    let rows = shards
        .iter()
        .take(MOST_SHARDS)
        .map(|shard| vec![shard.path.clone(), thousands(shard.rows), thousands(shard.bytes), shard.sha256.clone()]);
    let more = if MOST_SHARDS < shards.len() {
        format!(" The first {MOST_SHARDS} of {} shards; {PROFILE} lists all.", thousands(shards.len() as u64))
    } else {
        String::new()
    };
    let note = format!("manifest.json names every file of the build; its own XXH3-128 is {}.{more}", card.manifest);
    let head = ["shard", "#rows", "#bytes", "SHA-256"];
    Section { title: "Files", note, tables: vec![Table::new("", &head, rows.collect())], ..Section::default() }
}
