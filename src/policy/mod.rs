//! Who wants a document out: its own publisher (`opt-out`), a list of domains and URLs (`blocked-urls`), a list of words (`blocked-words`). Each is a filter of one
//! document; what it needs of lists is in its hands before the first document comes.

pub mod blocked_urls;
pub mod blocked_words;
pub mod opt_out;

mod lists;
