//! What reads eight bytes at a time reads what a byte at a time would, at every place and length.

use super::*;

use crate::extract::characters::{Counts, each_word, is_sign, read};
use crate::extract::fold::Folder;
use crate::extract::lanes::name_end;
use crate::extract::tokens::is_space;
use crate::text;

const TEXT: &str = "It's 12 o'clock; The_Mill (1999) abcdefgh ABCDEFGHIJ x\u{1}y e\u{301}té Écoles ÉÀ İz ß² ªb a1b2c3d4e5 — «Ja!» 水車は。回る，と ไทย|𝒜𝓫 $5.00 © z@[`{~\u{7F}. \
    data-x=1/>a=b\u{B}c\u{C}d\te\nf\rg\u{1F}h\u{A0}i\u{AD}j  k \u{3000}l…? m\"n \u{85} o";

/// Every part of the text.
fn parts() -> impl Iterator<Item = &'static str> {
    let places: Vec<usize> = TEXT.char_indices().map(|(at, _)| at).collect();
    let of = move |start: usize| places.clone().into_iter().filter(move |end| start <= *end).map(move |end| &TEXT[start..end]);
    TEXT.char_indices().flat_map(move |(start, _)| of(start))
}

#[test]
fn words_are_those_of_the_text_in_lower_case() {
    let key = |word: &str| {
        let lower = word.chars().map(|c| {
            if c.is_ascii_digit() {
                '0'
            } else if c.is_uppercase() {
                c.to_lowercase().next().unwrap()
            } else {
                c
            }
        });
        let fold = |(key, n): (u64, usize), byte: u8| match n {
            0..8 => (key << 8 | u64::from(byte), n + 1),
            _ => ((key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3), n + 1),
        };
        lower.collect::<String>().bytes().fold((0, 0), fold).0
    };
    for part in parts() {
        let mut words = Vec::new();
        each_word(part, |key| words.push(key));
        assert_eq!(words, text::words(part).map(key).collect::<Vec<_>>(), "{part:?}");
    }
}

#[test]
fn counts_are_those_of_each_character() {
    for part in parts() {
        let mut signs = Vec::new();
        let Counts { chars, letters, listed, spaceless, marks } = read(part, &mut signs, |_| {});
        let of = |is: fn(char) -> bool| part.chars().filter(|&c| is(c)).count() as u32;
        let pairs = part.chars().zip(part.chars().skip(1).map(Some).chain([None]));
        let ends = pairs.filter(|(c, next)| ".!?…;:".contains(*c) && next.is_none_or(|next| " \n\"')”’»".contains(next))).count() as u32;
        assert_eq!(chars, of(|_| true));
        assert_eq!(letters, of(|c| c.is_alphabetic() || text::is_spaceless(c)), "{part:?}");
        assert_eq!(listed, of(|c| c.is_alphabetic() && !text::is_spaceless(c) && u32::from(c) < 0x530), "{part:?}");
        assert_eq!(spaceless, of(text::is_spaceless), "{part:?}");
        assert_eq!(marks, ends + of(|c| "。！？".contains(c)), "{part:?}");
        signs.sort_unstable();
        let each: std::collections::BTreeSet<char> = part.chars().filter(|&c| is_sign(c)).collect();
        assert_eq!(signs, each.into_iter().collect::<Vec<_>>(), "{part:?}");
    }
}

#[test]
fn the_name_of_an_attribute_ends_where_it_ends() {
    let bytes = TEXT.as_bytes();
    for end in 0..=bytes.len() {
        for start in end.saturating_sub(40)..=end {
            let part = &bytes[..end];
            let wanted = (start..end).find(|&at| is_space(part[at]) || matches!(part[at], b'/' | b'>' | b'=')).unwrap_or(end);
            assert_eq!(name_end(part, start), wanted, "{start}..{end}");
        }
    }
}

#[test]
fn a_text_is_folded_as_its_characters_are() {
    for part in parts() {
        let (mut whole, mut single) = (Folder::default(), Folder::default());
        whole.push(part);
        part.chars().for_each(|c| single.push(c.encode_utf8(&mut [0; 4])));
        assert_eq!(whole.text, single.text, "{part:?}");
    }
}

/// Names are small numbers, and the hashes of an element and those around it are put together: they must not cancel each other.
#[test]
fn blocks_that_are_built_otherwise_are_not_alike() {
    let html = "<tr>one</tr><tr><x-y>two</x-y></tr><x-y>three</x-y><x-y><x-y>four</x-y></x-y><b><p>five</p></b>";
    let mut blocks = Blocks::default();
    blocks.read(html, 512, u64::MAX).unwrap();
    let mut features = Features::default();
    features.compute(&mut blocks, &mut Measurer::default(), html);
    assert_eq!(features.groups_of.iter().map(|groups| groups[1]).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}
