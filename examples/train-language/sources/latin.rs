//! Serbian in Latin script from Serbian in Cyrillic: letter by letter, for the two alphabets of Serbian stand for each other, with
//! lj, nj and dž for one letter each.

/// Small letters of the Serbian Cyrillic alphabet and what stands for them.
const LETTERS: [(char, &str); 30] = [
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('ђ', "đ"),
    ('е', "e"),
    ('ж', "ž"),
    ('з', "z"),
    ('и', "i"),
    ('ј', "j"),
    ('к', "k"),
    ('л', "l"),
    ('љ', "lj"),
    ('м', "m"),
    ('н', "n"),
    ('њ', "nj"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('ћ', "ć"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "h"),
    ('ц', "c"),
    ('ч', "č"),
    ('џ', "dž"),
    ('ш', "š"),
];

/// The text in Latin script; `None` if it has other Cyrillic letters than Serbian ones.
pub fn from_cyrillic(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut follows_capital = false;
    while let Some(c) = characters.next() {
        if !matches!(c, '\u{400}'..='\u{52F}') {
            out.push(c);
            follows_capital = c.is_uppercase();
            continue;
        }
        let small = c.to_lowercase().next()?;
        let letters = LETTERS[LETTERS.iter().position(|(letter, _)| *letter == small)?].1;
        let is_capital = small != c;
        // "Љубав" is "Ljubav", "ЉУБАВ" is "LJUBAV".
        let is_among_capitals = match characters.peek() {
            Some(next) if next.is_alphabetic() => next.is_uppercase(),
            _ => follows_capital,
        };
        for (i, letter) in letters.chars().enumerate() {
            if is_capital && (i == 0 || is_among_capitals) { out.extend(letter.to_uppercase()) } else { out.push(letter) }
        }
        follows_capital = is_capital;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digraphs() {
        for (cyrillic, wanted) in [
            ("Љубав и џеп њушке", "Ljubav i džep njuške"),
            ("ЉУБАВ КОЊ", "LJUBAV KONJ"),
            ("Њ", "Nj"),
            ("Ђак чита, ћута и жури: 5 шљива!", "Đak čita, ćuta i žuri: 5 šljiva!"),
            ("Отвори Firefox", "Otvori Firefox"),
        ] {
            assert_eq!(from_cyrillic(cyrillic).as_deref(), Some(wanted));
        }
        assert_eq!(from_cyrillic("эта"), None);
    }
}
