//! The data card: what a finished data set is made of, for those who decide whether and how to use it. One content, three shapes: `card.html` for people, `README.md` in
//! Markdown with the front matter that hubs of data sets read, and `croissant.json` (Croissant 1.0, JSON-LD) for programs.
//!
//! It holds no costs and no clock. It is drawn after the manifest, whose hash it names, and so is no part of it.

use crate::error::Result;
use crate::read;
use crate::report::{BlendSummary, DecontaminationSummary, Law, ListCounts, MaskCounts, ModelSummary, OptOutCounts, Report, SourceFunnel};
use crate::shard::Format;
use crate::store::Folder;
use crate::text::hash::hash128;

use super::ledger::Entry;
use super::manifest;
use super::recipe::{Recipe, Source};
use super::run::Build;
use super::steps::need_json;
use super::steps::shard::profile::{PROFILE, Profile};

mod content;
mod croissant;
mod front;

/// The card for people.
pub const HTML: &str = "card.html";
/// The card where hubs look for it, with their metadata in front.
pub const MARKDOWN: &str = "README.md";
/// The card for programs.
pub const CROISSANT: &str = "croissant.json";

/// Stands in a `README.md` of ours.
const MARK: &str = "<!-- A data card drawn by gristmill; it is drawn again with the build. -->";

/// All of them.
pub const FILES: [&str; 3] = [HTML, MARKDOWN, CROISSANT];

/// What the card says.
pub struct DataCard {
    name: String,
    description: Option<String>,
    creators: Vec<String>,
    url: Option<String>,
    /// Of the whole: as the recipe says, or the one that all sources have.
    license: Option<String>,
    format: Format,
    sources: Vec<CardSource>,
    law: Law,
    funnel: Vec<SourceFunnel>,
    profile: Profile,
    tokenizer: Option<String>,
    blend: Option<BlendSummary>,
    decontamination: Option<DecontaminationSummary>,
    opt_outs: Vec<OptOutCounts>,
    lists: Vec<ListCounts>,
    masks: Vec<MaskCounts>,
    models: Vec<ModelSummary>,
    /// XXH3-128 of the manifest, 32 hexadecimal digits.
    manifest: String,
    recipe: String,
    warnings: Vec<String>,
}

/// One source of the data set.
struct CardSource {
    name: String,
    /// "warc: crawl.warc.gz", "selected from common-crawl by links".
    origin: String,
    license: Option<String>,
}

/// Draws the card when the data set is whole, or removes one that speaks of another.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(build: Build<'_>, report: &Report, entries: &[Entry], with_text: bool) -> Result<()> {
    match draw(build, report, entries, with_text)? {
        Some(files) => files.into_iter().try_for_each(|(path, text)| {
            if is_foreign(build.folder, path)? { Ok(()) } else { build.folder.write(path, text.as_bytes()).map(drop) }
        }),
        None => remove(build.folder),
    }
}

/// The files of the card, without names of sites unless `with_text`; none while the data set is not whole.
///
/// # Errors
/// When a file cannot be read.
pub fn draw(build: Build<'_>, report: &Report, entries: &[Entry], with_text: bool) -> Result<Option<[(&'static str, String); 3]>> {
    let Some(card) = gather(build, report, entries, with_text)? else { return Ok(None) };
    let page = content::page(&card);
    Ok(Some([
        (HTML, page.to_html()?),
        (MARKDOWN, front::matter(&card)? + MARK + "\n\n" + &page.to_markdown()),
        (CROISSANT, croissant::of(&card)?),
    ]))
}

/// Removes the card: what it speaks of is about to change.
///
/// # Errors
/// When the folder cannot be changed.
pub fn remove(folder: &Folder) -> Result<()> {
    FILES.into_iter().try_for_each(|path| if is_foreign(folder, path)? { Ok(()) } else { folder.remove(path) })
}

/// True for a `README.md` that somebody else wrote: it stays.
///
/// # Errors
/// When it cannot be read.
pub fn is_foreign(folder: &Folder, path: &str) -> Result<bool> {
    let is_ours = |text: Vec<u8>| String::from_utf8_lossy(&text).contains(MARK);
    Ok(path == MARKDOWN && folder.read(path)?.is_some_and(|text| !is_ours(text)))
}

/// The card of a data set that is whole: its shards are done and the manifest is there.
fn gather(build: Build<'_>, report: &Report, entries: &[Entry], with_text: bool) -> Result<Option<DataCard>> {
    let Build { folder, recipe } = build;
    let (Some(manifest), Some(output)) = (folder.read(manifest::PATH)?, &recipe.output) else { return Ok(None) };
    if !entries.iter().any(|entry| entry.step == "shard") {
        return Ok(None);
    }
    let mut profile: Profile = need_json(folder, PROFILE)?;
    if !with_text {
        profile.domains.clear();
    }
    let said = recipe.card.clone().unwrap_or_default();
    let sources: Vec<CardSource> = recipe
        .sources
        .iter()
        .map(|(name, source)| CardSource { name: name.clone(), origin: origin(source), license: recipe.license(name).map(str::to_owned) })
        .collect();
    let stem = report.name.strip_suffix(".toml").unwrap_or(&report.name);
    Ok(Some(DataCard {
        name: said.name.unwrap_or_else(|| stem.to_owned()),
        description: said.description,
        creators: said.creators,
        url: said.url,
        license: said.license.or_else(|| common_license(&sources)),
        format: output.format,
        law: report.law,
        funnel: report.funnel.clone(),
        tokenizer: recipe.blend.as_ref().map(|blend| blend.tokenizer.clone()),
        blend: report.blend.clone(),
        decontamination: report.decontamination.clone(),
        opt_outs: report.opt_outs.clone(),
        lists: report.lists.clone(),
        masks: report.masks.clone(),
        models: report.models.clone(),
        manifest: format!("{:032x}", hash128(&manifest)),
        recipe: report.recipe.clone(),
        warnings: warnings(recipe, &profile),
        sources,
        profile,
    }))
}

fn origin(source: &Source) -> String {
    match (&source.read, &source.select) {
        (Some(read), _) => {
            let (format, patterns) = read.parts();
            let what = match format {
                read::Format::Books => "books",
                read::Format::MediawikiProse => "mediawiki-prose",
                other => other.as_str(),
            };
            format!("{what}: {}", patterns.join(", "))
        }
        (None, Some(select)) => format!("pages of {} that others link to", select.from),
        (None, None) => String::new(),
    }
}

/// The licence of all sources, where they have one in common.
fn common_license(sources: &[CardSource]) -> Option<String> {
    let mut licenses = sources.iter().map(|source| source.license.as_ref());
    let first = licenses.next().flatten()?;
    licenses.all(|license| license == Some(first)).then(|| first.clone())
}

fn warnings(recipe: &Recipe, profile: &Profile) -> Vec<String> {
    let held = |name: &&String| profile.splits.values().any(|sources| sources.contains_key(*name));
    let unsaid: Vec<&str> = recipe.sources.keys().filter(held).filter(|name| recipe.license(name).is_none()).map(String::as_str).collect();
    if unsaid.is_empty() {
        return Vec::new();
    }
    vec![format!("no licence is stated for {}: under what their documents may be used is not known here", unsaid.join(", "))]
}
