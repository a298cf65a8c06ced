//! What a document is to dedup: its rank among copies, and whose copies may take its place.

use std::collections::BTreeMap;

use crate::dedup::{self, Facts, Member, Preference, Rank};
use crate::document::Key;
use crate::text::hash::{hash64, hash128};
use crate::text::url;

use super::super::super::recipe::{self, KeepOnePer, Recipe, Within};
use super::super::index::called;
use super::super::{Keyed, with_text};

crate::table! {
    /// What signing looks at.
    pub struct CopyRow {
        /// The document's key.
        key: Key,
        /// Main text.
        text: String,
        /// Where it was found on the web.
        url: Option<String>,
        /// As the input writes it.
        date: Option<String>,
        /// Other fields of a text set's record, one JSON object.
        extra: Option<String>,
    }
}

with_text!(CopyRow);

impl CopyRow {
    /// The hash of its normalised URL.
    pub fn url_hash(&self) -> Option<u128> {
        url::normalise(self.url.as_deref()?).map(|normalised| hash128(normalised.as_bytes()))
    }
}

/// How copies stand to each other, from the recipe.
#[derive(Clone, Debug)]
pub struct Copies {
    /// What indexes are called, whose documents come before those of all sources.
    indexes: Vec<String>,
    within: Within,
    /// Loser: its winners.
    remove_from: BTreeMap<String, Vec<String>>,
    /// Sources from the most to the least preferred survivor.
    order: Vec<String>,
    prefer: Vec<Preference>,
    score_field: Option<String>,
    keep_one_per: KeepOnePer,
}

impl Copies {
    pub fn new(recipe: &Recipe, part: &recipe::Dedup) -> Self {
        Self {
            indexes: part.index.iter().map(|name| called(name)).collect(),
            within: part.within,
            remove_from: part.remove_from.clone(),
            order: part.source_order(recipe.sources.keys()),
            prefer: part.prefer.clone(),
            score_field: part.score_field.clone(),
            keep_one_per: part.keep_one_per,
        }
    }

    /// The name of the index or source of this priority.
    pub fn source(&self, priority: u32) -> &str {
        let place = priority as usize;
        self.indexes.get(place).unwrap_or_else(|| &self.order[place - self.indexes.len()])
    }

    pub fn priority(&self, source: &str) -> u32 {
        let place = self.order.iter().position(|name| name == source);
        place.map_or(u32::MAX, |place| (self.indexes.len() + place) as u32)
    }

    fn is_indexed(&self, priority: u32) -> bool {
        (priority as usize) < self.indexes.len()
    }

    pub fn rank(&self, source: &str, row: &CopyRow) -> Rank {
        let score = || -> Option<f64> {
            let field = self.score_field.as_ref()?;
            serde_json::from_str::<serde_json::Value>(row.extra.as_deref()?).ok()?.get(field)?.as_f64()
        };
        let score = if self.prefer.contains(&Preference::Score) { score() } else { None };
        let facts = Facts { length: row.text.len() as u64, date: row.date.as_deref(), score };
        let value = |number: usize| self.prefer.get(number).map_or(0, |preference: &Preference| preference.value(&facts));
        Rank { priority: self.priority(source), preferences: [value(0), value(1)], key: row.key }
    }

    /// Whether a document lacks the number that `prefer` asks for.
    pub fn lacks_score(&self, rank: &Rank) -> bool {
        let place = self.prefer.iter().position(|preference| *preference == Preference::Score);
        place.is_some_and(|place| rank.preferences[place] == 0)
    }

    /// The document of this number as buckets hold it.
    pub fn member(&self, document: u64, source: &str, row: &CopyRow) -> Member {
        let rank = self.rank(source, row);
        let host = match self.keep_one_per {
            KeepOnePer::Cluster => 0,
            // Documents from nowhere are one host.
            KeepOnePer::HostAndCluster => row.url.as_deref().and_then(url::host).map_or(0, |host| hash64(host.as_bytes())),
        };
        self.member_at(document, rank, (host, dedup::exact_hash(&row.text)))
    }

    /// The same by what is known of it: rank, host and hash of the text.
    pub fn member_at(&self, document: u64, rank: Rank, (host, exact): (u64, u128)) -> Member {
        Member { document, group: if self.within == Within::AllSources { 0 } else { rank.priority }, host, exact, rank }
    }

    /// A bucket as the groups in which copies count: each source by itself, and each with its winners; the order stays. A pair that comes twice counts once.
    pub fn related(&self, bucket: Vec<Member>) -> Vec<Vec<Member>> {
        let first = bucket[0].rank.priority;
        if self.within == Within::AllSources || bucket.iter().all(|member| member.rank.priority == first) {
            return vec![bucket];
        }
        let mut sources: Vec<u32> = bucket.iter().map(|member| member.rank.priority).collect();
        sources.dedup();
        let of = |source: u32| bucket.iter().filter(move |member| member.rank.priority == source);
        let mut related: Vec<Vec<Member>> = sources.iter().map(|&source| of(source).cloned().collect()).collect();
        for (at, &loser) in sources.iter().enumerate() {
            let winners = sources[..at].iter().filter(|&&winner| self.admits((0, winner), (0, loser)));
            related.extend(winners.map(|&winner| of(winner).chain(of(loser)).cloned().collect()));
        }
        related
    }

    /// True when a copy of the same text takes this one's place.
    pub fn may_go(&self, member: &Member) -> bool {
        !self.is_indexed(member.rank.priority)
    }

    /// True when duplicates like these two count.
    pub fn admit(&self, a: &Member, b: &Member) -> bool {
        self.admits((a.host, a.rank.priority), (b.host, b.rank.priority))
    }

    /// The same by host and priority.
    pub fn admits(&self, (host_a, a): (u64, u32), (host_b, b): (u64, u32)) -> bool {
        if host_a != host_b {
            return false;
        }
        // An index was looked through when it was made.
        if self.is_indexed(a.min(b)) {
            return !self.is_indexed(a.max(b));
        }
        if self.within == Within::AllSources || a == b {
            return true;
        }
        let (winner, loser) = (self.source(a.min(b)), self.source(a.max(b)));
        self.remove_from.get(loser).is_some_and(|winners| winners.iter().any(|name| name == winner))
    }
}
