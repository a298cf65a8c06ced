//! When a page was made, as far as its markup tells. What the words of classes say changed with the years: around 2010 `comment` stood at what readers wrote below an article, and
//! later at the posts as well that a page is there for.

use memchr::memmem;

use crate::extract::head::Head;

/// Bytes of a page in which its document type stands.
const START: usize = 2048;

/// True for pages of the middle era, from XHTML to the time when sites went over to `https`: no more than half of the addresses in it are secure, and it is of XHTML, of HTML 5 or has an Open Graph.
/// Pages before that have none of these, pages after it have secure addresses.
pub fn is_middle(head: &Head, source: &str) -> bool {
    let bytes = source.as_bytes();
    let (mut secure, mut plain) = (0, 0);
    for at in memmem::find_iter(bytes, b"://") {
        secure += u32::from(bytes[..at].ends_with(b"https"));
        plain += u32::from(bytes[..at].ends_with(b"http"));
    }
    if plain < secure {
        return false;
    }
    let start = bytes[..bytes.len().min(START)].to_ascii_lowercase();
    let says = |what: &[u8]| memmem::find(&start, what).is_some();
    says(b"xhtml") || says(b"<!doctype html>") || !head.og_title.is_empty() || !head.og_type.is_empty() || !head.og_url.is_empty()
}
