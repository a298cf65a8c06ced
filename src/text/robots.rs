//! What a page says to robots, and of the rights in it: `X-Robots-Tag` headers and `<meta name="robots">` with their directives, and the header and
//! `meta` of the TDM Reservation Protocol (W3C community group report, 2024). Only what may keep a document out of a data set is kept, as short words.
//!
//! A signal is written `PLACE:SIGNAL`, or `PLACE:ROBOT:SIGNAL` where it is said to one robot only: `header:noai`, `meta:googlebot:noindex`.

use std::collections::BTreeSet;
use std::fmt;

/// What counts as a signal. `noai` and `noimageai` come from DeviantArt, `noml` from Mojeek, `tdm-reservation` from the protocol; the others are search engines' own.
pub const SIGNALS: [&str; 9] = ["noai", "noarchive", "nocache", "noimageai", "noindex", "noml", "none", "nosnippet", "tdm-reservation"];

/// The name under which both the header and the `meta` of the reservation protocol go.
pub const TDM: &str = "tdm-reservation";

/// Names by which a `meta` speaks to all robots; the header's own is for `http-equiv`.
const ALL: [&str; 2] = ["robots", HEADER];
const HEADER: &str = "x-robots-tag";

/// Names by which a `meta` speaks to one robot, beside those that end in "bot". A header may name any; a `meta` may have any name for other ends, so that these are listed.
const ROBOTS: [&str; 13] = [
    "anthropic-ai",
    "applebot-extended",
    "baiduspider",
    "bytespider",
    "chatgpt-user",
    "cohere-ai",
    "google-extended",
    "googlebot-news",
    "meta-externalagent",
    "perplexity-user",
    "slurp",
    "teoma",
    "yandex",
];

/// Directives that take a value behind a colon, and so are no robots.
const VALUED: [&str; 4] = ["max-image-preview", "max-snippet", "max-video-preview", "unavailable_after"];

/// Signals that are said to single robots and kept for a page; a page that lists more is making a point of it.
const MAX_NAMED: usize = 16;
/// Longest name of a robot that is kept, in bytes.
const MAX_NAME: usize = 40;

/// Where something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Header,
    Meta,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Header => "header",
            Place::Meta => "meta",
        }
    }
}

/// The signals of one page, each once and in order. It holds less than 2 KiB whatever the page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    found: BTreeSet<String>,
    n_named: usize,
}

impl Signals {
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Takes what a header field says, if it is one of ours.
    pub fn header(&mut self, name: &[u8], value: &[u8]) {
        if name.eq_ignore_ascii_case(HEADER.as_bytes()) {
            self.directives(Place::Header, "", &String::from_utf8_lossy(value));
        } else if name.eq_ignore_ascii_case(TDM.as_bytes()) {
            self.reservation(Place::Header, &String::from_utf8_lossy(value));
        }
    }

    /// Takes what a `meta` says whose name [`is_for_all`] or [`is_for_one`] knows.
    pub fn meta(&mut self, name: &str, content: &str) {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            TDM => self.reservation(Place::Meta, content),
            name if ALL.contains(&name) => self.directives(Place::Meta, "", content),
            _ => self.directives(Place::Meta, &name, content),
        }
    }

    /// Takes signals that were written before.
    pub fn add(&mut self, written: &str) {
        for word in written.split(' ').filter(|word| !word.is_empty()) {
            self.found.insert(word.to_owned());
        }
    }

    /// Directives are parted by commas, or as the field writes them, by semicolons, blanks and quotation marks; a name with a colon says whom the following ones are for,
    /// `*` that they are for all.
    fn directives(&mut self, place: Place, robot: &str, value: &str) {
        let mut robot = robot.to_owned();
        for word in value.split(|c: char| c.is_whitespace() || ",;\"'“”‘’".contains(c)) {
            let directive = match word.rsplit_once(':') {
                None => word,
                Some((name, _)) if VALUED.iter().any(|valued| name.eq_ignore_ascii_case(valued)) => continue,
                Some((name, directive)) => {
                    // Behind a name in quotation marks the colon stands alone; what follows is heard as said to all.
                    if name == "*" || name.is_empty() {
                        robot.clear();
                    } else if is_robot(name) {
                        robot = name.to_ascii_lowercase();
                    } else {
                        continue;
                    }
                    directive
                }
            };
            let known = SIGNALS.iter().find(|signal| **signal != TDM && directive.eq_ignore_ascii_case(signal));
            if let Some(signal) = known {
                self.keep(place, &robot, signal);
            }
        }
    }

    /// The protocol knows 1, reserved, and 0, not reserved.
    fn reservation(&mut self, place: Place, value: &str) {
        if value.trim() == "1" {
            self.keep(place, "", TDM);
        }
    }

    fn keep(&mut self, place: Place, robot: &str, signal: &str) {
        let place = place.name();
        if robot.is_empty() || robot == "robots" {
            self.found.insert(format!("{place}:{signal}"));
        } else if self.n_named < MAX_NAMED {
            self.n_named += usize::from(self.found.insert(format!("{place}:{robot}:{signal}")));
        }
    }
}

impl fmt::Display for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, signal) in self.found.iter().enumerate() {
            if index != 0 {
                f.write_str(" ")?;
            }
            f.write_str(signal)?;
        }
        Ok(())
    }
}

/// True for the names of a `meta` that speaks to all robots or of rights, in any case.
pub fn is_for_all(name: &str) -> bool {
    let name = name.trim();
    name.eq_ignore_ascii_case(TDM) || ALL.iter().any(|all| name.eq_ignore_ascii_case(all))
}

/// True for the names of a `meta` that speaks to one robot, in any case: listed ones, and what ends in "bot".
pub fn is_for_one(name: &str) -> bool {
    let name = name.trim();
    let ends_in_bot = || name.len().checked_sub(3).and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case("bot"));
    ROBOTS.iter().any(|robot| name.eq_ignore_ascii_case(robot)) || ends_in_bot() && is_robot(name)
}

fn is_robot(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The signals of a text that [`Signals`] wrote: the robot that each is said to, if it is one, and the signal.
pub fn each(written: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    written.split(' ').filter_map(|word| {
        let (_, said) = word.split_once(':')?;
        Some(said.rsplit_once(':').map_or((None, said), |(robot, signal)| (Some(robot), signal)))
    })
}

#[cfg(test)]
mod tests;
