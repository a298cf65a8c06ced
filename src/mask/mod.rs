//! What names a person's machine or mailbox in a text: e-mail addresses and IP addresses, and the text with placeholders in their stead.
//!
//! Both are found by one pass each over the bytes that can begin them, with bounded looks around: the cost is linear whatever the text is. What is masked and what is
//! left is the doc comments of `email` and `ip`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

mod email;
mod ip;

crate::described! {
    /// Which addresses are masked, and how.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
    pub struct Options {
        /// Mask e-mail addresses.
        pub email: bool,
        /// Mask IP addresses, of version 4 and 6.
        pub ip: bool,
        /// Mask IP addresses of private and special ranges too (10/8, 127/8, 192.168/16, fe80::/10, ..), which name nobody.
        pub private_ip: bool,
        /// What stands in a text for an e-mail address; 1 to 64 bytes on one line.
        pub email_placeholder: String,
        /// What stands in a text for an IP address; 1 to 64 bytes on one line.
        pub ip_placeholder: String,
        /// Sources whose texts are masked; all when empty.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub sources: Vec<String>,
    }
}

impl Default for Options {
    /// The placeholders are those of the ROOTS and Dolma corpora.
    fn default() -> Self {
        Self {
            email: true,
            ip: true,
            private_ip: false,
            email_placeholder: "|||EMAIL_ADDRESS|||".to_owned(),
            ip_placeholder: "|||IP_ADDRESS|||".to_owned(),
            sources: Vec::new(),
        }
    }
}

/// What is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Email,
    Ip,
}

impl Kind {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Email => "email",
            Kind::Ip => "ip",
        }
    }

    /// The kind of a name; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        [Kind::Email, Kind::Ip].into_iter().find(|kind| kind.name() == name)
    }
}

/// An address in a text: its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    pub range: Range<usize>,
    pub kind: Kind,
}

impl Options {
    /// # Errors
    /// When nothing would be masked, or a placeholder is empty, long, or holds controls.
    pub fn check(&self) -> Result<()> {
        if !self.email && !self.ip {
            return Err(Error::recipe("it masks neither email nor ip; leave [mask] out"));
        }
        for (name, text) in [("email-placeholder", &self.email_placeholder), ("ip-placeholder", &self.ip_placeholder)] {
            if text.is_empty() || 64 < text.len() || text.contains(char::is_control) {
                return Err(Error::recipe(format!("{name} is 1 to 64 bytes on one line")));
            }
        }
        Ok(())
    }

    /// True when texts of this source are masked.
    pub fn masks(&self, source: &str) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|masked| masked == source)
    }

    fn placeholder(&self, kind: Kind) -> &str {
        match kind {
            Kind::Email => &self.email_placeholder,
            Kind::Ip => &self.ip_placeholder,
        }
    }
}

/// The addresses in a text, in order and apart.
pub fn find(text: &str, options: &Options) -> Vec<Mask> {
    let mut found = Vec::new();
    if options.email {
        email::find(text, |range| found.push(Mask { range, kind: Kind::Email }));
    }
    if options.ip {
        ip::find(text, options.private_ip, |range| found.push(Mask { range, kind: Kind::Ip }));
    }
    found.sort_by_key(|mask| mask.range.start);
    // "root@[192.0.2.1]" is no address of ours, but a host may look like both: what begins first stays.
    let mut end = 0;
    found.retain(|mask| {
        let is_apart = end <= mask.range.start;
        end = end.max(mask.range.end);
        is_apart
    });
    found
}

/// The text with placeholders for what is masked; `None` when a range lies outside of it, inside of a character, or before the end of the one before.
pub fn apply(text: &str, masks: &[Mask], options: &Options) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for Mask { range, kind } in masks {
        masked.push_str(text.get(at..range.start)?);
        text.get(range.clone())?;
        masked.push_str(options.placeholder(*kind));
        at = range.end;
    }
    masked.push_str(text.get(at..)?);
    Some(masked)
}

#[cfg(test)]
mod tests;
