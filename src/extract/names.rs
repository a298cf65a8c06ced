//! Names of HTML elements as one byte each, and what the segmenter must know of them: which bound a block, which hold nothing,
//! which hold raw text (HTML standard, sections 13.1.2 and 13.2.6).

use crate::extract::lexicon::mixed;

macro_rules! names {
    ($($variant:ident $text:literal),* $(,)?) => {
        /// The name of an element. Names the segmenter does not tell apart are `Other`; names with a hyphen are `Custom`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Name { Other, Custom, $($variant),* }

        impl Name {
            /// How many names there are.
            pub const COUNT: usize = [$($text),*].len() + 2;

            /// All that have a text.
            pub(super) const ALL: [(&[u8], Self); Self::COUNT - 2] = [$(($text.as_bytes(), Self::$variant)),*];

            /// The name as the standard writes it; "" for `Other` and `Custom`.
            pub fn as_str(self) -> &'static str {
                match self { Self::Other | Self::Custom => "", $(Self::$variant => $text),* }
            }
        }
    };
}

mod list {
    names! {
        A "a", Abbr "abbr", Address "address", Annotation "annotation", Article "article", Aside "aside", Audio "audio", B "b", Base "base",
        Blockquote "blockquote", Body "body", Br "br", Button "button", Canvas "canvas", Caption "caption", Center "center", Cite "cite",
        Code "code", Col "col", Datalist "datalist", Dd "dd", Details "details", Dialog "dialog", Dir "dir", Div "div", Dl "dl", Dt "dt",
        Em "em", Embed "embed", Fieldset "fieldset", Figcaption "figcaption", Figure "figure", Font "font", Footer "footer", Form "form",
        Frame "frame", Frameset "frameset", H1 "h1", H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6", Head "head", Header "header",
        Hgroup "hgroup", Hr "hr", Html "html", I "i", Iframe "iframe", Img "img", Input "input", Keygen "keygen", Label "label",
        Legend "legend", Li "li", Link "link", Main "main", Math "math", Menu "menu", Meta "meta", Nav "nav", Noembed "noembed",
        Noframes "noframes", Noscript "noscript", Object "object", Ol "ol", Option "option", P "p", Param "param", Plaintext "plaintext",
        Pre "pre", Script "script", Section "section", Select "select", Small "small", Source "source", Span "span", Strong "strong",
        Style "style", Summary "summary", Svg "svg", Table "table", Tbody "tbody", Td "td", Template "template", Textarea "textarea",
        Tfoot "tfoot", Th "th", Thead "thead", Time "time", Title "title", Tr "tr", Track "track", Tt "tt", Ul "ul", Video "video",
        Wbr "wbr", Xmp "xmp",
    }
}
pub use list::Name;

/// Names as numbers, each at the place of its hash or soon behind it; 0 where there is none.
const PLACES: usize = 512;
static BY_NUMBER: [(u128, Name); PLACES] = {
    let mut table = [(0, Name::Other); PLACES];
    let mut index = 0;
    while index < Name::ALL.len() {
        let (text, name) = Name::ALL[index];
        let mut number = 0;
        let mut at = 0;
        while at < text.len() {
            number = number << 8 | text[at] as u128;
            at += 1;
        }
        let mut place = place(number);
        while table[place].0 != 0 {
            place = (place + 1) % PLACES;
        }
        table[place] = (number, name);
        index += 1;
    }
    table
};

const fn place(number: u128) -> usize {
    (mixed(number as u64 ^ (number >> 64) as u64) >> 55) as usize % PLACES
}

impl Name {
    /// The name for a tag's bytes, in any case of letters.
    pub fn of(bytes: &[u8]) -> Self {
        // No standard name is longer than `blockquote` and `figcaption`.
        if bytes.len() <= 12 {
            let number = bytes.iter().fold(0, |number, byte| number << 8 | u128::from(byte.to_ascii_lowercase()));
            let mut place = place(number);
            while BY_NUMBER[place].0 != 0 {
                if BY_NUMBER[place].0 == number {
                    return BY_NUMBER[place].1;
                }
                place = (place + 1) % PLACES;
            }
        }
        if bytes.contains(&b'-') { Self::Custom } else { Self::Other }
    }

    /// True where a tag of this name ends the running block of text.
    pub fn is_block(self) -> bool {
        use Name::*;
        self.is_table_part()
            || self.is_heading()
            || matches!(
                self,
                Custom
                    | Address
                    | Article
                    | Aside
                    | Audio
                    | Blockquote
                    | Body
                    | Button
                    | Caption
                    | Center
                    | Dd
                    | Details
                    | Dialog
                    | Dir
                    | Div
                    | Dl
                    | Dt
                    | Fieldset
                    | Figcaption
                    | Figure
                    | Footer
                    | Form
                    | Frameset
                    | Head
                    | Header
                    | Hgroup
                    | Hr
                    | Html
                    | Legend
                    | Li
                    | Main
                    | Menu
                    | Nav
                    | Noscript
                    | Object
                    | Ol
                    | P
                    | Plaintext
                    | Pre
                    | Section
                    | Summary
                    | Ul
                    | Video
                    | Xmp
            )
    }

    /// True where a start tag of this name ends an open paragraph.
    pub fn closes_paragraph(self) -> bool {
        use Name::*;
        self.is_block() && !matches!(self, Noscript | Button | Object | Body | Html | Head | Audio | Video)
    }

    /// For a start tag that ends the item, row or cell before it: which open elements it ends, and which keep it from looking further out.
    pub fn implied_ends(self) -> Option<(&'static [Self], &'static [Self])> {
        use Name::*;
        Some(match self {
            Li => (&[Li], &[Ul, Ol, Menu, Dir, Table, Td]),
            Dd | Dt => (&[Dd, Dt], &[Dl, Table, Td, Ul, Ol]),
            Td | Th => (&[Td, Th], &[Tr, Table, Ul, Ol]),
            Tr => (&[Tr], &[Table]),
            Tbody | Thead | Tfoot => (&[Tbody, Thead, Tfoot], &[Table]),
            _ => return None,
        })
    }

    /// True for elements that never have content and so never stay open.
    pub fn is_void(self) -> bool {
        use Name::*;
        matches!(self, Base | Br | Col | Embed | Frame | Hr | Img | Input | Keygen | Link | Meta | Param | Source | Track | Wbr)
    }

    /// True for elements whose content is not markup. `noscript` is markup, because no script runs here.
    pub fn is_raw(self) -> bool {
        use Name::*;
        matches!(self, Script | Style | Textarea | Title | Iframe | Noembed | Noframes | Xmp)
    }

    /// True for elements whose whole content is no text of the page.
    pub fn is_skipped(self) -> bool {
        use Name::*;
        matches!(self, Svg | Template | Select | Datalist | Canvas | Annotation)
    }

    pub fn is_table_part(self) -> bool {
        use Name::*;
        matches!(self, Table | Tbody | Thead | Tfoot | Tr | Td | Th | Caption)
    }

    pub fn is_heading(self) -> bool {
        use Name::*;
        matches!(self, H1 | H2 | H3 | H4 | H5 | H6)
    }

    /// True where a start tag inside a skipped element of this name shows that its end tag is missing: as in browsers, where such tags leave a drawing
    /// or a list of choices.
    pub fn lets_out(self, name: Self) -> bool {
        use Name::*;
        matches!(self, Svg | Select | Datalist)
            && (name.is_heading() || name.is_table_part() || matches!(name, P | Ul | Ol | Dl | Body | Article | Main | Form | Textarea))
    }

    /// A coarse kind of element: what the judge has weights for. The numbers stand in the weights file.
    pub fn tag_kind(self) -> usize {
        use Name::*;
        match self {
            P => 1,
            H1 => 2,
            H2 => 3,
            H3 => 4,
            H4 | H5 | H6 => 5,
            Li => 6,
            Td | Th => 7,
            Div => 8,
            Section => 9,
            Article | Main => 10,
            Blockquote => 11,
            Pre | Xmp | Plaintext => 12,
            Dd | Dt | Dl => 13,
            Figcaption | Figure => 14,
            Ul | Ol | Menu | Dir => 15,
            Table | Tbody | Tr | Thead | Tfoot | Caption => 16,
            Header | Hgroup => 17,
            Footer => 18,
            Nav => 19,
            Aside => 20,
            Form | Fieldset | Legend => 21,
            Button => 22,
            Body | Html => 23,
            Center => 24,
            Details | Summary => 25,
            Noscript => 26,
            Custom => 27,
            _ => 0,
        }
    }
}

/// How many kinds [`Name::tag_kind`] tells apart.
pub const TAG_KINDS: usize = 28;
