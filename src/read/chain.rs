//! Tells a member that holds several records, though it should hold one, from a page about archives.

use super::dialect::{Begins, Dialect, blank};
use super::head::{Head, Length};

/// Whether one of the records that seem to begin in these bytes, the first at their first, is as long as it says, so that another follows or the bytes end: what a
/// page about archives shows of one is not. The time is linear.
pub(super) fn holds_record(dialect: Dialect, mut bytes: &[u8]) -> bool {
    let mut head = Head::default();
    while !bytes.is_empty() {
        let next = dialect.find(&bytes[1..], false).map_or(bytes.len(), |at| 1 + at);
        if behind(dialect, &mut head, bytes, next).is_some_and(|rest| follows(dialect, rest)) {
            return true;
        }
        bytes = &bytes[next..];
    }
    false
}

/// What is behind the record that begins here, if its head ends before `next`.
fn behind<'b>(dialect: Dialect, head: &mut Head, bytes: &'b [u8], next: usize) -> Option<&'b [u8]> {
    let body = dialect.head_end(&bytes[..next]).ok()?;
    dialect.parse(head, &bytes[..body]).then_some(())?;
    let Length::Bytes(length) = head.length else { return None };
    bytes.get(body.checked_add(usize::try_from(length).ok()?)?..)
}

/// Whether nothing or a record follows, line ends aside, of which so many as nobody writes are nothing too.
fn follows(dialect: Dialect, rest: &[u8]) -> bool {
    let near = &rest[..rest.len().min(dialect.enough())];
    let near = &near[blank(near)..];
    near.is_empty() || dialect.begins(near) == Begins::Yes
}
