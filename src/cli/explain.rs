//! `gristmill explain`: the life of one document, in words.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::blocks;
use super::progress::{count, size};
use super::{escape, say, say_json};
use crate::document::Key;
use crate::error::Result;
use crate::pipeline::explain::{self, Also, Answer, Cluster, Dropped, Life, Passed, Scored};

/// Tells the life of one document through every step of a build, and how to fetch its record again.
#[derive(Args)]
#[command(after_help = "Example: gristmill explain out/quickstart https://slowcrumb.example/bread/what-the-dough-knows.html")]
pub struct Arguments {
    /// The build folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A document's id (WARC-Record-ID, JSON id, file name), URL in any spelling, or key.
    #[arg(value_name = "ID|URL|KEY")]
    target: String,
    /// Print the stored text too.
    #[arg(long)]
    text: bool,
    /// For a page of the web: print each of its blocks, kept or cut, and by which score. The page is read again from its input.
    #[arg(long)]
    blocks: bool,
    /// Most records that are told when several fit.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let also = Also { text: arguments.text, blocks: arguments.blocks };
    let answer = explain::explain(&arguments.folder, &arguments.target, usize::from(arguments.limit), also)?;
    if json {
        return say_json(&answer);
    }
    let Answer { found, more } = answer;
    for (index, life) in found.iter().enumerate() {
        if index != 0 {
            say("")?;
        }
        say(words(life).trim_end())?;
    }
    if more != 0 {
        say(format_args!("\n{more} more fit; --limit shows them"))?;
    }
    Ok(())
}

/// All that strangers wrote goes through `escape`.
fn words(life: &Life) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:13} {value}");
    };
    line("fate", &life.fate);
    line("id", &escape(&life.id));
    let optional = |value: &Option<String>| value.as_deref().map(escape);
    life.key.iter().for_each(|key| line("key", &key.to_string()));
    optional(&life.url).iter().for_each(|url| line("url", url));
    optional(&life.title).iter().for_each(|title| line("title", title));
    optional(&life.date).iter().for_each(|date| line("date", date));
    let source = if life.source == life.read_as { life.source.clone() } else { format!("{}, read as {}", life.source, life.read_as) };
    line("source", &escape(&source));
    let place = &life.place;
    line("record", &format!("{}, byte {}, length {}", escape(&place.file), place.offset, place.length));
    match (&place.fetch.command, &place.fetch.fault) {
        (Some(command), _) => line("fetch", &escape(command)),
        (None, fault) => {
            line("fetch", &format!("not possible: {} ({})", escape(fault.as_deref().unwrap_or_default()), escape(&place.fetch.path)))
        }
    }
    if let Some(rejected) = &life.rejected {
        line("rejected", &reason(rejected));
    }
    if let Some(text) = &life.text {
        let charset = match (&text.charset, &text.charset_from) {
            (Some(charset), Some(from)) => format!(", {} as {} said", escape(charset), by(from)),
            _ => String::new(),
        };
        let replaced = if text.replacements == 0 { String::new() } else { format!(", {} not of it", count(text.replacements, "byte")) };
        let cut = if text.truncated { ", body cut" } else { "" };
        line("text", &format!("{}{charset}{replaced}{cut}; row {} of {}", size(text.bytes), text.row, escape(&text.table)));
        optional(&text.opt_out).iter().for_each(|said| line("to robots", said));
        optional(&text.extra).iter().for_each(|extra| line("extra", extra));
    }
    // Where it was dropped is said; that it is gone behind that, no one needs to read.
    let is_cut = life.steps.iter().any(|passed| !passed.paragraphs.is_empty());
    for passed in life.steps.iter().filter(|passed| passed.verdict != "gone") {
        for (index, said) in step(passed, life.key, is_cut).iter().enumerate() {
            line(if index == 0 { &passed.step } else { "" }, said);
        }
    }
    for copied in &life.copies {
        let name = if copied.id == life.id { String::new() } else { format!(" as {}", escape(&copied.id)) };
        line("copy", &format!("{} in {} row {}{name}", copied.copy, escape(&copied.shard), copied.row));
    }
    if let Some(found) = &life.blocks {
        match &found.page {
            Some(page) => {
                blocks::lines(page).iter().enumerate().for_each(|(index, said)| line(if index == 0 { "blocks" } else { "" }, said))
            }
            None => line("blocks", &format!("not possible: {}", escape(found.fault.as_deref().unwrap_or_default()))),
        }
    }
    if let Some(content) = life.text.as_ref().and_then(|text| text.content.as_deref()) {
        let lines: Vec<String> = content.lines().map(escape).collect();
        let _ = write!(out, "\n{}", lines.join("\n"));
    }
    out
}

/// What decided a charset, in words.
fn by(from: &str) -> &str {
    match from {
        "bom" => "its byte order mark",
        "http" => "the HTTP header",
        "meta" => "its markup",
        "detector" => "the detector",
        _ => "its bytes",
    }
}

/// One step, a line for each thing that it found. `is_cut`: paragraphs were cut out of the text.
fn step(passed: &Passed, key: Option<Key>, is_cut: bool) -> Vec<String> {
    let mut said = Vec::new();
    match (&passed.dropped, passed.verdict.as_str()) {
        (Some(dropped), _) => said.push(format!("dropped by {}", reason(dropped))),
        (None, verdict) => said.push(escape(verdict)),
    }
    if let Some(links) = passed.links {
        said.push(format!("taken into {}: {} to it or its domain", escape(&passed.source), count(links, "link")));
    }
    if let (Some(language), Some(probability)) = (&passed.language, passed.language_probability) {
        said.push(format!("language {} with probability {}", escape(language), number(probability)));
    }
    passed.score.iter().for_each(|score| said.extend(scored(score)));
    if let Some(better) = &passed.same_url {
        let url = better.url.as_deref().map_or_else(String::new, |url| format!(", {}", escape(url)));
        said.push(format!("for {} of {} ({}){url}", escape(&better.id), escape(&better.source), better.key));
    }
    passed.cluster.iter().for_each(|cluster| said.extend(members(cluster)));
    for pair in &passed.pairs {
        let (jaccard, containment) = (number(pair.jaccard), number(pair.containment));
        said.push(format!(
            "compared with {} of {}: similarity {jaccard}, containment {containment}, {}",
            escape(&pair.id),
            escape(&pair.source),
            escape(&pair.verdict)
        ));
    }
    if passed.more_pairs != 0 {
        said.push(format!("and with {} more", passed.more_pairs));
    }
    for cut in &passed.paragraphs {
        let (place, begin) = (format!("bytes {}..{} cut", cut.start, cut.end), escape(&cut.begin));
        let share = if cut.share < 1.0 { format!(", share {}", number(cut.share)) } else { String::new() };
        let held = if Some(cut.owner) == key {
            "came before in this text".to_owned()
        } else {
            format!("is in {} of {} ({})", escape(&cut.id), escape(&cut.source), cut.owner)
        };
        said.push(format!("{place}: {begin:?} {held}{share}"));
    }
    if passed.more_paragraphs != 0 {
        said.push(format!("and {} more", count(passed.more_paragraphs, "paragraph")));
    }
    if !passed.masked.is_empty() {
        let kinds: Vec<String> = passed.masked.iter().map(|(kind, n)| format!("{n} {}", escape(kind))).collect();
        said.push(format!("masked: {}", kinds.join(", ")));
        for mask in &passed.masks {
            said.push(format!("bytes {}..{}: {}", mask.start, mask.end, escape(&mask.kind)));
        }
        let more = passed.masked.values().sum::<u64>() - passed.masks.len() as u64;
        said.extend((more != 0).then(|| format!("and {more} more")));
    }
    if is_cut && !passed.pieces.is_empty() {
        said.push("bytes are those of the text without the paragraphs that were cut out".to_owned());
    }
    for cut in &passed.cuts {
        let place = format!("bytes {}..{} cut", cut.start, cut.end);
        let more = if cut.hits < 2 { String::new() } else { format!(", and {} more here", count(cut.hits - 1, "n-gram")) };
        said.push(format!("{place}: {:?} is in item {} of {}{more}", escape(&cut.gram), escape(&cut.item), escape(&cut.benchmark)));
    }
    for piece in &passed.pieces {
        said.push(format!("piece #{}: bytes {}..{} stay", piece.piece, piece.start, piece.end));
    }
    passed.tokens.iter().for_each(|tokens| said.push(count(*tokens, "token")));
    if let Some(drawn) = &passed.blend {
        let copies = if drawn.copies == 1 { "1 copy".to_owned() } else { format!("{} copies", drawn.copies) };
        let (epochs, draw, end) = (number(drawn.epochs), number(drawn.draw), number(drawn.draws_end));
        said.push(match drawn.held_out && drawn.copies == 1 {
            true => "1 copy: held out for validation, and so no part of the blend".to_owned(),
            false => {
                let source = escape(&passed.source);
                format!("{copies}: {epochs} epochs of {source}, draw {draw}; one copy more for draws below {end} that fit into the tokens of the fraction")
            }
        });
    }
    // That it stays is said by what else is said.
    if 1 < said.len() && said[0] == "keep" {
        said.remove(0);
    }
    said
}

fn scored(score: &Scored) -> Vec<String> {
    let acts = |rule: &str| if score.acts == rule { " (this rule acts)" } else { "" };
    let keeps = |keeps: bool| if keeps { "keeps it" } else { "drops it" };
    let (draw, probability) = (number(score.draw), number(score.keep_probability));
    vec![
        format!("score {} by model {}", number(score.score), escape(&score.model)),
        format!("threshold {} {}{}", number(score.threshold), keeps(score.threshold_keeps), acts("threshold")),
        format!(
            "pareto, alpha {}, {}: draw {draw}, P(keep) {probability}{}",
            number(score.alpha),
            keeps(score.pareto_keeps),
            acts("pareto")
        ),
    ]
}

fn members(cluster: &Cluster) -> Vec<String> {
    let mut said = vec![format!("in the cluster of {}, similarity {} to its survivor", cluster.survivor, number(cluster.similarity))];
    for member in &cluster.members {
        let role = if member.survivor { "survivor".to_owned() } else { format!("similarity {}", number(member.jaccard)) };
        said.push(format!("  {} of {}, {role}", escape(&member.id), escape(&member.source)));
    }
    if cluster.more != 0 {
        said.push(format!("  and {} more", cluster.more));
    }
    said
}

/// "gopher-quality/min-words: 12 words, limit 50 (fewer words than min-words)".
fn reason(dropped: &Dropped) -> String {
    let name = format!("{}/{}", escape(&dropped.filter), escape(&dropped.rule));
    let (value, limit) = (number(dropped.value), number(dropped.limit));
    let matched = dropped.matched.as_deref().map_or_else(String::new, |matched| format!("; {}", escape(matched)));
    match &dropped.known {
        Some(known) if known.unit.is_empty() => format!("{name}: {}{matched}", known.meaning),
        Some(known) => format!("{name}: {value} {}, limit {limit} ({}){matched}", known.unit, known.meaning),
        None => format!("{name}: {value}, limit {limit}{matched}"),
    }
}

/// Up to four digits after the point, without zeros at the end; what would round to 0 in full.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.trim_start_matches('-') == "0" && value != 0.0 { format!("{value:e}") } else { text.to_owned() }
}
