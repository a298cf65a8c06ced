//! What the data card says that only people know.

use serde::{Deserialize, Serialize};

crate::described! {
    /// Words for the data card of the build.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    pub struct Card {
        /// What the data set is called; without it the name of the recipe's file.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// What it is and what it is for, in a paragraph.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// Who made it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub creators: Vec<String>,
        /// Where it is published.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub url: Option<String>,
        /// The licence of the whole, an SPDX identifier or words; the sources keep theirs.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub license: Option<String>,
    }
}
