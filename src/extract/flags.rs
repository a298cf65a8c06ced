//! Flags: coarse views of two or three things at once, each with a weight of its own. What a curve says of a length is said apart for each kind of element, of page, of place.

use crate::extract::features::LEVELS;
use crate::extract::head::KINDS;
use crate::extract::names::TAG_KINDS;

/// Class limits of a block's length in characters, of its link density, and of a page's shares.
const LENGTHS: [f32; 3] = [25.0, 80.0, 200.0];
const DENSITIES: [f32; 3] = [0.05, 0.4, 0.95];
const SHARES: [f32; 4] = [0.1, 0.3, 0.5, 0.8];
const STEPS: usize = 4;
/// Where blocks beside a block stand that have a flag for their tag.
const BESIDE: [i64; 4] = [-2, -1, 1, 2];
/// Kinds of tags, and none.
const TAGS: usize = TAG_KINDS + 1;
/// In the container of half the good text, and in the best.
const PLACES: usize = 4;

/// A family of flags, by the number of steps of each of its three views; a view that it has not has one.
struct Family {
    name: &'static str,
    sizes: [usize; 3],
}

const fn family(name: &'static str, sizes: [usize; 3]) -> Family {
    Family { name, sizes }
}

const FAMILIES: [Family; 12] = [
    family("tag", [TAGS, STEPS, STEPS]),
    family("kind", [KINDS, STEPS, STEPS]),
    family("kind-tag", [KINDS, TAGS, 1]),
    family("place", [PLACES, STEPS, STEPS]),
    family("place-tag", [PLACES, TAGS, 1]),
    family("place-kind", [PLACES, KINDS, STEPS]),
    family("container", [LEVELS - 1, TAGS, 1]),
    family("beside", [BESIDE.len(), TAGS, 1]),
    family("three", [TAGS, TAGS, TAGS]),
    family("page", [STEPS, SHARES.len() + 1, SHARES.len() + 1]),
    family("hidden", [2, STEPS, 1]),
    family("inner", [TAGS, 1, 1]),
];

const STARTS: [usize; FAMILIES.len() + 1] = {
    let mut starts = [0; FAMILIES.len() + 1];
    let mut at = 0;
    while at < FAMILIES.len() {
        let [a, b, c] = FAMILIES[at].sizes;
        starts[at + 1] = starts[at] + a * b * c;
        at += 1;
    }
    starts
};

/// How many flags there are.
pub const COUNT: usize = STARTS[FAMILIES.len()];

/// What the flags of a block are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Characters.
    pub chars: f32,
    pub link_density: f32,
    pub in_half: bool,
    pub in_best: bool,
    pub is_hidden: bool,
    /// Kinds of the element that bounds it and of its containers.
    pub tags: [usize; LEVELS],
    /// Kind of its innermost element, inline ones too.
    pub inner: usize,
}

/// What they are drawn from of its page.
#[derive(Clone, Copy, Debug)]
pub struct PageView {
    pub kind: usize,
    /// Share of good text in all, and of text in links.
    pub good: f32,
    pub links: f32,
}

/// The length class of a block.
pub fn length_class(chars: f32) -> usize {
    LENGTHS.iter().filter(|&&limit| limit <= chars).count()
}

/// Calls `visit` with each flag of the block at `at` of a page.
pub fn each(page: PageView, views: &[View], at: usize, mut visit: impl FnMut(usize)) {
    let view = &views[at];
    let mut put = |family: usize, [a, b, c]: [usize; 3]| {
        let [_, of_b, of_c] = FAMILIES[family].sizes;
        visit(STARTS[family] + (a * of_b + b) * of_c + c);
    };
    let length = length_class(view.chars);
    let density = DENSITIES.iter().filter(|&&limit| limit <= view.link_density).count();
    let step = |share: f32| SHARES.iter().filter(|&&limit| limit <= share).count();
    let place = usize::from(view.in_half) + 2 * usize::from(view.in_best);
    let beside =
        |offset: i64| usize::try_from(at as i64 + offset).ok().and_then(|other| views.get(other)).map_or(TAG_KINDS, |other| other.tags[0]);
    let tag = view.tags[0];
    put(0, [tag, length, density]);
    put(1, [page.kind, length, density]);
    put(2, [page.kind, tag, 0]);
    put(3, [place, length, density]);
    put(4, [place, tag, 0]);
    put(5, [place, page.kind, length]);
    for (level, &container) in view.tags[1..].iter().enumerate() {
        put(6, [level, container, 0]);
    }
    for (which, offset) in BESIDE.into_iter().enumerate() {
        put(7, [which, beside(offset), 0]);
    }
    put(8, [beside(-1), tag, beside(1)]);
    put(9, [length, step(page.good), step(page.links)]);
    put(10, [usize::from(view.is_hidden), length, 0]);
    put(11, [view.inner, 0, 0]);
}

/// The name of a flag in the weights file: its family and its place in each view.
pub fn name(flag: usize) -> String {
    let family = STARTS.partition_point(|&start| start <= flag) - 1;
    let [_, of_b, of_c] = FAMILIES[family].sizes;
    let within = flag - STARTS[family];
    format!("{}:{}:{}:{}", FAMILIES[family].name, within / of_c / of_b, within / of_c % of_b, within % of_c)
}

/// The flag of that name.
pub fn of_name(name: &str) -> Option<usize> {
    let (family, at) = name.split_once(':')?;
    let family = FAMILIES.iter().position(|known| known.name == family)?;
    let at: Vec<usize> = at.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [a, b, c] = at[..] else { return None };
    let sizes = FAMILIES[family].sizes;
    let is_there = [a, b, c].iter().zip(sizes).all(|(&at, size)| at < size);
    is_there.then(|| STARTS[family] + (a * sizes[1] + b) * sizes[2] + c)
}
