//! The blocks of a page, read again from its input and judged as the build's options say. Cost: the input is read up to the record.

use serde::Serialize;

use crate::document::Page;
use crate::error::{Context, Error, Result};
use crate::extract::{Extractor, JudgedPage};
use crate::read::{self, Format, Input, Item};

use super::super::origin::Opened;
use super::Life;

/// What of a page was kept and what was cut.
#[derive(Clone, Debug, Serialize)]
pub struct PageBlocks {
    #[serde(flatten)]
    pub page: Option<JudgedPage>,
    /// Why there are none, and what to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Reads the record of a life again.
pub fn of(opened: &Opened, life: &Life) -> PageBlocks {
    match judged(opened, life) {
        Ok(page) => PageBlocks { page: Some(page), fault: None },
        Err(error) => PageBlocks { page: None, fault: Some(error.chain()) },
    }
}

fn judged(opened: &Opened, life: &Life) -> Result<JudgedPage> {
    let (place, recipe) = (&life.place, &opened.recipe);
    let read_as = recipe.sources.get(&life.read_as).and_then(|source| source.read.as_ref());
    let (format, patterns) = match read_as.map(|read| read.parts()) {
        Some((Format::Warc | Format::WarcIndex, patterns)) => (Format::Warc, patterns),
        Some((Format::Html, patterns)) => (Format::Html, patterns),
        _ => return Err(Error::new("only pages of the web are cut into blocks; this text was taken as it is")),
    };
    let doing = || format!("cannot read {}; put the input back where the recipe names it", place.file);
    let input = Input::named(&place.file, &recipe.base, patterns).context(doing)?;
    let mut extractor = Extractor::new(recipe.extract.clone())?;
    let mut found = None;
    let read = read::read(format, &input, &recipe.limits, &mut |item| {
        match item {
            Item::Page(page) if is_at(&page, life) => found = Some(judge(&mut extractor, &page)),
            Item::Rejected(rejected) if rejected.place.offset == place.offset => {
                let (filter, rule) = (rejected.reason.filter, rejected.reason.rule);
                found = Some(Err(Error::new(format!("its record was passed over by {filter}/{rule}, before it was cut into blocks"))));
            }
            _ => return Ok(()),
        }
        // Nothing behind it is asked for.
        Err(Error::new("the record is found"))
    });
    match found {
        Some(found) => found,
        None => {
            read.context(doing)?;
            Err(Error::new(format!(
                "{} holds no such page at byte {} any more; build again to read what it holds now",
                input.path.display(),
                place.offset
            )))
        }
    }
}

fn is_at(page: &Page<'_>, life: &Life) -> bool {
    (page.place.offset, page.place.length, page.id) == (life.place.offset, life.place.length, life.id.as_str())
}

fn judge(extractor: &mut Extractor, page: &Page<'_>) -> Result<JudgedPage> {
    if page.media_type == "text/plain" {
        return Err(Error::new("the page is plain text, which is kept whole"));
    }
    extractor.judged(page).map_err(|reason| Error::new(format!("the page gives no blocks: {}/{}", reason.filter, reason.rule)))
}
