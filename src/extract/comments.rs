//! Which blocks are comments of readers, by what the elements around them are called. Most pages call them so; for the others there is a second judge, taught by these.

use crate::extract::blocks::{Blocks, Element, NONE};
use crate::extract::features::Features;
use crate::extract::names::Name;

/// Blocks with fewer words are names, dates and buttons.
pub const LEAST_WORDS: f32 = 5.0;

/// Named comments of which the judge is as sure (a probability of .6, as a logit) are main text all the same: the posts of a forum.
pub const SURE: f32 = 0.405;

/// True for a class or id, or a word of one, that comments are called by; in lower case.
pub fn is_name(name: &str) -> bool {
    // "has-comments", "comments-open" are said of what is commented on; "recentcomments" and "comment-form-notice" of what is no comment itself.
    // A commentary is an article.
    let others = ["has-", "no-", "open", "closed", "count", "recent", "form", "notice", "commentary", "commentator"];
    let tells_of_others = others.iter().any(|mark| name.contains(mark));
    (name.contains("comment") || name.contains("disqus")) && !tells_of_others
}

/// Where an element stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Unasked,
    Elsewhere,
    Comments,
    /// Where a comment is written.
    Form,
}

/// What is known of the elements of a page; each is looked at once.
#[derive(Clone, Debug, Default)]
pub struct Named {
    places: Vec<Place>,
    path: Vec<u32>,
}

impl Named {
    /// Begins a page.
    pub fn begin(&mut self, page: &Blocks) {
        self.places.clear();
        self.places.resize(page.elements.len(), Place::Unasked);
    }

    /// True for a block inside an element with such a name, and in no form to write one.
    pub fn holds(&mut self, block: usize, page: &Blocks, features: &Features, source: &str) -> bool {
        if features.measures[block].words < LEAST_WORDS {
            return false;
        }
        let mut at = page.blocks[block].element;
        while at != NONE && self.places[at as usize] == Place::Unasked {
            self.path.push(at);
            at = page.elements[at as usize].parent;
        }
        let mut place = self.places.get(at as usize).copied().unwrap_or(Place::Elsewhere);
        while let Some(at) = self.path.pop() {
            place = inside(place, &page.elements[at as usize], source);
            self.places[at as usize] = place;
        }
        place == Place::Comments
    }
}

/// The place inside an element that stands in `around`.
fn inside(around: Place, element: &Element, source: &str) -> Place {
    let is_unnamed = element.class.is_empty() && element.id.is_empty() && element.name != Name::Form;
    if around == Place::Form || is_unnamed {
        return around;
    }
    let names = [element.class, element.id].map(|span| span.of(source)).join(" ").to_ascii_lowercase();
    // Most names hold none of these, and are not taken apart.
    let has_word = |word: &str| names.contains(word) && names.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
    // Some servers put a whole page into a form, comments too.
    let is_for_comments = || around == Place::Comments || names.contains("comment") || has_word("reply");
    if has_word("respond") || element.name == Name::Form && is_for_comments() {
        return Place::Form;
    }
    let is_page = matches!(element.name, Name::Body | Name::Html | Name::Main);
    let may_be_named = !is_page && (names.contains("comment") || names.contains("disqus"));
    let is_named = may_be_named && names.split_ascii_whitespace().any(is_name);
    if is_named { Place::Comments } else { around }
}
