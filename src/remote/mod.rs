//! Objects over `http://`, `https://` and `s3://`, read in order as if they were files: a name comes in, [`find`] tells how long the object is and what
//! state it is in, and [`Object::open`] gives its bytes as they are stored. HTTP after RFC 9110 (ranges, validators), signatures after AWS Signature Version 4.
//!
//! A body that ends short is never the end of the object: reading goes on from the byte that was reached, and an object that changed in the meantime is an
//! error (exit code 5), never a mixture of two states. Nothing is set up before the first address is named. Everything waits on its own thread: rooms stay synchronous.
//! Proxies are those of the environment (`ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), never for loopback. Certificates must lead to a root that
//! browsers know, or to one in `SSL_CERT_FILE`.
//!
//! Credentials are those of [`Environment`] and only for `s3://`; requests are unsigned without them. `AWS_PROFILE`, files of credentials and the metadata
//! service of a machine are not read. Neither messages nor `Debug` show a credential, a signature, or the query of an address, which may be either.

mod answer;
mod client;
mod fault;
mod guard;
mod stream;
mod target;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use url::Url;

use crate::error::{Error, Result};

pub use client::Client;
pub use stream::Stream;
pub use target::Environment;

use answer::Validator;
use target::Target;

/// An object as it was found: how long it is and in which state. Reading it in any other state is an error. Clones share connections.
#[derive(Clone)]
pub struct Object {
    client: Client,
    target: Arc<Target>,
    bytes: u64,
    validator: Validator,
}

/// What stands at an address.
#[derive(Clone, Debug)]
pub enum Found {
    Object(Object),
    /// Nothing that may be read: 404 or 410, or 403, which Common Crawl's servers and S3 also answer for what is not there to those who may not list.
    Missing {
        status: u16,
    },
}

/// How long to wait and how often to try. The defaults outlast a minute's outage and give a server that asks for fewer requests the time it needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Attempts that bring not one new byte before reading fails; at least 1. Default 8.
    pub attempts: u32,
    /// Pause after the first failed attempt; each further pause is twice as long. Default 0.5 s.
    pub first_pause: Duration,
    /// The longest pause, also where `Retry-After` asks for a longer one. Default 30 s.
    pub longest_pause: Duration,
    /// A connection that gives no byte for so long is given up; also the time to connect. One that gives some is slow, and is waited for. Default 60 s.
    pub stall: Duration,
    /// Redirects that are followed, one after the other. Default 5.
    pub redirects: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attempts: 8,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            redirects: 5,
        }
    }
}

/// Whether a name is an address that this room reads: `http://`, `https://` or `s3://`, the scheme in any case.
pub fn is_url(name: &str) -> bool {
    name.split_once("://").is_some_and(|(scheme, _)| ["http", "https", "s3"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// True for an address below another one, as it is asked for: `..`, however it is written, leads up.
pub fn is_below(root: &str, url: &str) -> bool {
    let (Ok(root), Ok(url)) = (Url::parse(root), Url::parse(url)) else { return false };
    let folder = root.path().trim_end_matches('/');
    let is_inside = url.path().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    (root.scheme(), root.host(), root.port_or_known_default()) == (url.scheme(), url.host(), url.port_or_known_default()) && is_inside
}

/// An address as messages name it: without user, password and query, which may be secrets.
pub fn shown(name: &str) -> String {
    target::hidden(name)
}

/// Asks for an object's length and state, with the default [`Settings`] and the process's [`Environment`]. Call it before work in parallel begins: the first call sets up what all share.
///
/// # Errors
/// Of the kind `Recipe` where the address, or what the environment says, cannot be used; `Failed` where the server cannot be reached, refuses, or names no length.
pub fn find(url: &str) -> Result<Found> {
    shared()?.find(url)
}

/// The same of what a list names that was read at `list`: a foreign server must not send us to what lies inside our own network, but for itself.
///
/// # Errors
/// As [`find`], and where the list may not name it; the message says why.
pub fn find_listed(list: &str, url: &str) -> Result<Found> {
    let named = match (Url::parse(list), Url::parse(url)) {
        (Ok(list), Ok(url)) => who_names(&list, &url)?,
        _ => Named::ByStranger,
    };
    shared()?.find_named(url, named)
}

/// Has the pauses told, of two seconds and more, that are made before another attempt, in a sentence each: what could not be done, why, and how long it waits.
/// The first who is named here is told, on whatever thread waits.
pub fn tell_pauses(told: fn(&str)) {
    // Whoever came first stays.
    let _ = PAUSES.set(told);
}

static PAUSES: OnceLock<fn(&str)> = OnceLock::new();

fn shared() -> Result<&'static Client> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    Ok(match CLIENT.get() {
        Some(client) => client,
        None => {
            let client = Client::new(Environment::of_process(), Settings::default())?;
            CLIENT.get_or_init(|| client)
        }
    })
}

/// Who named an address, and so where it may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// Anywhere.
    ByUser,
    /// To the public internet.
    ByStranger,
}

/// Whose name the address counts as that stands in a list at `list`.
fn who_names(list: &Url, url: &Url) -> Result<Named> {
    let place = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    if place(list) == place(url) {
        return Ok(Named::ByUser);
    }
    if url.scheme() == "s3" {
        // It would be read with the credentials of whoever reads the list.
        return Err(Error::new(format!(
            "{url} is in a bucket, where a list of another place may not send us; name it in a list of your own"
        )));
    }
    guard::check(url).map_err(|refused| {
        Error::new(format!(
            "{} leads to the private address {}, where a list of another server may not send us",
            shown(url.as_str()),
            refused.0
        ))
    })?;
    // Its name may lead elsewhere when it is looked up again.
    Ok(Named::ByStranger)
}

impl Object {
    /// The address as it was named, query and all; for messages see `Debug`, which leaves out the query.
    pub fn url(&self) -> &str {
        &self.target.name
    }

    /// The address as messages name it.
    pub fn shown(&self) -> &str {
        &self.target.shown
    }

    /// What tells it from all others, however its address is spelled.
    pub fn identity(&self) -> String {
        self.target.identity()
    }

    /// Its length in bytes, as stored.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its length and what the server calls this state of it, in words to compare with later: `1234 bytes, etag "abc"`, `1234 bytes, changed at Mon, 02 Nov 2026 10:00:00 GMT`, or `1234 bytes, no validator`.
    pub fn state(&self) -> String {
        match &self.validator {
            Validator::Etag(etag) => format!("{} bytes, etag {etag}", self.bytes),
            Validator::ChangedAt(date) => format!("{} bytes, changed at {date}", self.bytes),
            Validator::None => format!("{} bytes, no validator", self.bytes),
        }
    }

    /// All its bytes in order. The first request is made by the first read.
    pub fn open(&self) -> Stream {
        self.open_at(0, self.bytes)
    }

    /// `length` bytes from byte `offset` on, counted from 0. What lies past the object's end is cut off the range, and never asked for. A server that
    /// ignores ranges sends the whole object, and what comes before `offset` is read past: right, but as slow as reading it.
    ///
    /// Its errors hold a [`crate::Error`], which `Context` keeps the kind of: `Changed` where the object is no longer as it was found.
    pub fn open_at(&self, offset: u64, length: u64) -> Stream {
        let end = offset.saturating_add(length).min(self.bytes);
        Stream::new(self.clone(), offset.min(end), end)
    }
}

/// The same state of what is at the same address.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity() && self.state() == other.state()
    }
}

impl Eq for Object {}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({}, {})", self.target.shown, self.state())
    }
}

#[cfg(test)]
mod tests;
