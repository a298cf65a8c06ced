//! What is trained: for each script the languages, the n-grams and the size of the table.

use std::collections::BTreeSet;

use gristmill::language::scripts::{self, Script};

/// A judge that is to be trained.
pub struct Plan {
    pub script: Script,
    /// Languages of which there is enough text to be sure of them: those of lingua's models, and Galician.
    pub main: &'static str,
    /// Languages that are drawn less often, because most of what is known of them is the words of two programs.
    pub further: &'static str,
    /// How far these start behind the main ones, as a logit: what can be read as one or the other is the more frequent one.
    pub behind: f32,
    pub orders: (u32, u32),
    /// The most frequent words of each language that count whole.
    pub n_words: usize,
    pub bits: u32,
    /// Texts that are drawn.
    pub n_draws: u64,
    pub rate: f32,
}

impl Plan {
    /// The main ones, then the further ones.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.main.split(' ').chain(self.further.split(' '))
    }

    pub fn n_main(&self) -> usize {
        self.main.split(' ').count()
    }
}

/// All languages that are known, of judges and by their script alone.
pub fn known() -> BTreeSet<&'static str> {
    PLANS.iter().flat_map(Plan::languages).chain(scripts::languages()).collect()
}

/// 4-grams and words are as good as all n-grams up to four letters for Latin text, and three times as fast; other alphabets have fewer languages, of which shorter n-grams tell more.
pub const PLANS: [Plan; 6] = [
    Plan {
        script: Script::Latin,
        main: "af az bs ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it la lg lt lv mi ms nb nl nn pl pt ro sk sl sn so sq st sv sw tl tn tr ts vi xh yo zu",
        further: "ast br fur fy gd hsb ku oc om rw sr-Latn uz",
        behind: 2.0,
        orders: (4, 4),
        n_words: 2000,
        bits: 15,
        n_draws: 5_000_000,
        rate: 2.0,
    },
    Plan {
        script: Script::Cyrillic,
        main: "be bg kk mk mn ru sr uk",
        further: "tg",
        behind: 2.0,
        orders: (1, 4),
        n_words: 0,
        bits: 14,
        n_draws: 500_000,
        rate: 1.0,
    },
    Plan {
        script: Script::Arabic,
        main: "ar fa ur",
        further: "skr ug",
        behind: 2.0,
        orders: (1, 4),
        n_words: 0,
        bits: 14,
        n_draws: 300_000,
        rate: 1.0,
    },
    Plan {
        script: Script::Devanagari,
        main: "hi mr",
        further: "ne",
        behind: 2.0,
        orders: (1, 4),
        n_words: 0,
        bits: 14,
        n_draws: 300_000,
        rate: 1.0,
    },
    Plan {
        script: Script::Bengali,
        main: "bn",
        further: "as",
        behind: 2.0,
        orders: (1, 3),
        n_words: 0,
        bits: 12,
        n_draws: 200_000,
        rate: 1.0,
    },
    Plan {
        script: Script::Han,
        main: "zh",
        further: "ja zh-Hant",
        behind: 3.0,
        orders: (1, 2),
        n_words: 0,
        bits: 13,
        n_draws: 300_000,
        rate: 1.0,
    },
];

/// Languages so close to one of the model's that n-grams hardly tell them apart, where they are not in the model themselves. What they are taken for is no fault of the judge alone, so they are
/// counted apart, and nothing is learned from them.
const RELATIVES: &str = "abs auv ban bcl bho bi bjn bs-Cyrl ceb cjy cnr co crh crs dsb eml ext fkv fo frp gag gan gcf gsw hak hil ho hsn ia ido ilo io jam kea krl lad lb lld lij lnc mag mai min mwl mxi nan nds nr nso pam pap pcm pcd pis \
    prs prv rar rm rn sc scn sco src srn ss szl tet tk tpi ty tzl ve vec wa war wuu yue x-058 x-062 x-063 x-068";

/// Whether a tag is one of those.
pub fn is_relative(tag: &str) -> bool {
    RELATIVES.split_whitespace().any(|relative| tag == relative)
}
