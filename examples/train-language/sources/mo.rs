//! Message catalogues of gettext (GNU gettext manual, "The Format of GNU MO Files"): pairs of an English message and its translation.

/// What comes before a message to tell it from others with the same text.
const CONTEXT_END: char = '\u{4}';

/// The messages of a catalogue with their translations: plural forms one by one, without contexts and without the header. What is cut off
/// or no UTF-8 is left out, and counted.
pub fn messages(catalogue: &[u8]) -> (Vec<(&str, &str)>, usize) {
    let Some(reader) = Reader::new(catalogue) else { return (Vec::new(), 1) };
    let (mut messages, mut n_unreadable) = (Vec::new(), 0);
    for i in 0..reader.n_messages {
        let (Some(original), Some(translation)) = (reader.text(reader.originals, i), reader.text(reader.translations, i)) else {
            n_unreadable += 1;
            continue;
        };
        let original = original.split_once(CONTEXT_END).map_or(original, |(_, text)| text);
        let mut originals = original.split('\0');
        let mut last = originals.next().unwrap_or_default();
        if last.is_empty() {
            continue;
        }
        for form in translation.split('\0') {
            messages.push((last, form));
            // All forms behind the singular are translations of the English plural.
            last = originals.next().unwrap_or(last);
        }
    }
    (messages, n_unreadable)
}

struct Reader<'a> {
    bytes: &'a [u8],
    is_little: bool,
    n_messages: usize,
    originals: usize,
    translations: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let is_little = match bytes.get(..4)? {
            [0xDE, 0x12, 0x04, 0x95] => true,
            [0x95, 0x04, 0x12, 0xDE] => false,
            _ => return None,
        };
        let mut reader = Self { bytes, is_little, n_messages: 0, originals: 0, translations: 0 };
        // More messages than places for their lengths there cannot be.
        reader.n_messages = reader.number(8)?.min(bytes.len() / 8);
        reader.originals = reader.number(12)?;
        reader.translations = reader.number(16)?;
        Some(reader)
    }

    fn number(&self, at: usize) -> Option<usize> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) } as usize)
    }

    /// The text that entry `i` of a table points to: its length, then its place.
    fn text(&self, table: usize, i: usize) -> Option<&'a str> {
        let entry = table.checked_add(8 * i)?;
        let (length, start) = (self.number(entry)?, self.number(entry.checked_add(4)?)?);
        str::from_utf8(self.bytes.get(start..start.checked_add(length)?)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(pairs: &[(&str, &str)], number: fn(u32) -> [u8; 4]) -> Vec<u8> {
        let n = pairs.len() as u32;
        let mut bytes: Vec<u8> = [0x9504_12DE, 0, n, 28, 28 + 8 * n, 0, 0].into_iter().flat_map(number).collect();
        let mut at = 28 + 16 * n;
        let texts: Vec<&str> = pairs.iter().map(|pair| pair.0).chain(pairs.iter().map(|pair| pair.1)).collect();
        for text in &texts {
            bytes.extend([text.len() as u32, at].into_iter().flat_map(number));
            at += text.len() as u32 + 1;
        }
        texts.iter().for_each(|text| bytes.extend(text.bytes().chain([0])));
        bytes
    }

    #[test]
    fn messages_without_context_and_header() {
        let pairs =
            [("", "Language: de\n"), ("menu\u{4}Open", "Öffnen"), ("%d file\0%d files", "%d Datei\0%d Dateien"), ("Save", "Sichern")];
        for number in [u32::to_le_bytes, u32::to_be_bytes] {
            let bytes = catalogue(&pairs, number);
            let wanted = [("Open", "Öffnen"), ("%d file", "%d Datei"), ("%d files", "%d Dateien"), ("Save", "Sichern")];
            assert_eq!(messages(&bytes), (wanted.to_vec(), 0));
        }
    }

    #[test]
    fn broken_catalogues_do_no_harm() {
        let whole = catalogue(&[("Open", "Öffnen"), ("Save", "Sichern")], u32::to_le_bytes);
        for n in 0..whole.len() - 1 {
            assert!(messages(&whole[..n]).1 != 0);
            let mut odd = whole.clone();
            odd[n] ^= 0xFF;
            messages(&odd);
        }
        assert_eq!(messages(b"no catalogue at all"), (Vec::new(), 1));
    }
}
