//! What of a de-duplication is out of the ordinary: too much removed is what users of such tools find out last.

use serde::{Deserialize, Serialize};

/// Limits above which the reports and the terminal raise an alarm; nothing else depends on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Alarm {
    /// Documents of one cluster.
    pub cluster: u64,
    /// Share of a source's documents that is removed, in 0..=1.
    pub removal: f64,
}

impl Default for Alarm {
    /// A text that stands more than a thousand times is a template or a mistake more often than not. GPT-3's sources shrank by 10 % on average; a crawl that
    /// loses more than half was read twice or is compared by what its pages have in common.
    fn default() -> Self {
        Self { cluster: 1000, removal: 0.5 }
    }
}
