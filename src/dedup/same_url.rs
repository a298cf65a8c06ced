//! One copy of each URL: of the documents with the same URL the best stays, and a worse one goes exactly when a copy that stays may take its place.
//!
//! Copies are gone through from the best to the worst, as in [`survivors`](super::survivors), so that none goes for one that went itself.

use crate::error::Result;

use super::Rank;

/// A document and what it is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Hash of its normalised URL.
    pub url: u128,
    /// Number of the document.
    pub document: u64,
    pub rank: Rank,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedUrls {
    pub urls: u64,
    /// URLs of more than one document.
    pub shared: u64,
}

/// Tells of each document that goes, and of the one that it goes for: the best of those that stay and that `admits` lets take its place. `admits` is asked of the priorities of the better
/// document's source and of the worse one's, where these differ; documents of one source always may. Documents come in any order and are sorted in place.
/// Time: that of sorting, and for each URL its sources times those of them that keep a document.
///
/// # Errors
/// The first of `goes`.
pub fn one_a_url(
    documents: &mut [Addressed],
    admits: impl Fn(u32, u32) -> bool,
    mut goes: impl FnMut(&Addressed, &Addressed) -> Result<()>,
) -> Result<SharedUrls> {
    documents.sort_unstable_by(|a, b| a.url.cmp(&b.url).then_with(|| a.rank.order(&b.rank)).then(a.document.cmp(&b.document)));
    let mut counted = SharedUrls::default();
    // The best document of each source that keeps one.
    let mut stay: Vec<&Addressed> = Vec::new();
    for of_url in documents.chunk_by(|a, b| a.url == b.url) {
        counted.urls += 1;
        counted.shared += u64::from(1 < of_url.len());
        stay.clear();
        // Rank begins with the priority, so that the documents of a source stand together.
        for of_source in of_url.chunk_by(|a, b| a.rank.priority == b.rank.priority) {
            let better = stay.iter().find(|better| admits(better.rank.priority, of_source[0].rank.priority));
            let (best, worse) = match better {
                Some(better) => (*better, of_source),
                None => {
                    stay.push(&of_source[0]);
                    (&of_source[0], &of_source[1..])
                }
            };
            worse.iter().try_for_each(|document| goes(document, best))?;
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests;
