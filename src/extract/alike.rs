//! Which blocks of a page are built alike, as the paragraphs of an article and the teasers of a list are.

use std::collections::HashMap;

use crate::extract::blocks::{Blocks, NONE};
use crate::extract::lexicon::{Mix, mixed};
use crate::text::hash::hash64;

/// Ways in which blocks are built alike.
pub const GROUPS: usize = 3;

/// Bytes of a class that are looked at.
const MAX_CLASS: usize = 60;

/// Buffers.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// For each element the hash of its name and class; 0 where none has asked for it.
    hashes: Vec<u64>,
    firsts: HashMap<u64, u32, Mix>,
}

impl Alike {
    /// Forgets the last page.
    pub fn begin(&mut self, page: &Blocks) {
        self.hashes.clear();
        self.hashes.resize(page.elements.len(), 0);
    }

    /// For each block the first that is built the same: element and parent with their classes (0), parent and grandparent with theirs (1), the same parent (2).
    /// `holder` gives the element that bounds a block.
    pub fn by_build(&mut self, group: usize, page: &Blocks, holder: &[u32], source: &str, firsts: &mut Vec<u32>) {
        let hashes = &mut self.hashes;
        let mut hash = |element: u32| {
            let hash = &mut hashes[element as usize];
            if *hash == 0 {
                let element = &page.elements[element as usize];
                let class = element.class.of(source).as_bytes();
                *hash = if class.is_empty() { 0 } else { hash64(&class[..class.len().min(MAX_CLASS)]) };
                *hash = joined(*hash, element.name as u64).max(1);
            }
            *hash
        };
        let keys = page.blocks.iter().map(|block| {
            let own = holder[block.element as usize];
            let element = &page.elements[own as usize];
            let key = if group == 0 { hash(own) } else { element.name as u64 };
            let grandparent = page.elements.get(element.parent as usize).map_or(NONE, |parent| parent.parent);
            match (group, element.parent) {
                (_, NONE) => key,
                (2, parent) => joined(key, u64::from(parent)),
                (1, parent) if grandparent != NONE => joined(joined(key, hash(parent)), hash(grandparent)),
                (_, parent) => joined(key, hash(parent)),
            }
        });
        self.firsts.clear();
        firsts.clear();
        // Most are built as the one before.
        let mut last = None;
        firsts.extend(keys.enumerate().map(|(at, key)| match last {
            Some((of_last, first)) if of_last == key => first,
            _ => {
                let first = *self.firsts.entry(key).or_insert(at as u32);
                last = Some((key, first));
                first
            }
        }));
    }
}

/// The hash of two things, in this order. Mixed once more than is needed for one of them: names are small numbers, and would cancel each other.
fn joined(before: u64, next: u64) -> u64 {
    mixed(mixed(before).rotate_left(32) ^ next)
}
