//! How large the pages of a column are, by their headers alone. The parquet crate makes room for what a header declares, up to 2 GiB a page, before it decodes
//! anything; so the headers are looked at first. They are structs in Thrift's compact protocol, of which only three numbers matter here.

use std::io;

use crate::read::stored::Stored;

/// Bytes of a header that are read at first, and at most: it may hold the least and the greatest value of its page.
const LOOK: usize = 512;
const MOST: usize = 1 << 20;
/// Structs inside structs that are passed over.
const DEPTH: u32 = 16;

/// The largest size, before or after decompression, that a page of the column chunk declares, the pages beginning at byte `start`; `None` when a header is none.
///
/// # Errors
/// What the operating system says.
pub(super) fn largest(file: &Stored, start: u64, length: u64) -> io::Result<Option<u64>> {
    let (mut at, end) = (start, start.saturating_add(length));
    let (mut largest, mut look) = (0, LOOK);
    let mut bytes = Vec::new();
    while at < end {
        bytes.resize(look.min(usize::try_from(end - at).unwrap_or(look)), 0);
        let n = file.read_at(&mut bytes, at)?;
        let mut header = Header { bytes: &bytes[..n], used: 0 };
        let Some((unpacked, packed)) = header.sizes() else {
            if look < MOST && n == look {
                look *= 8;
                continue;
            }
            return Ok(None);
        };
        largest = largest.max(unpacked).max(packed);
        at = at.saturating_add(header.used as u64).saturating_add(packed);
    }
    Ok(Some(largest))
}

/// The bytes of a header and how many of them were used.
struct Header<'b> {
    bytes: &'b [u8],
    used: usize,
}

impl Header<'_> {
    /// Sizes of the page after and before decompression: fields 2 and 3.
    fn sizes(&mut self) -> Option<(u64, u64)> {
        let (mut unpacked, mut packed) = (None, None);
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = Some(self.size()?),
                (3, 5) => packed = Some(self.size()?),
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some((unpacked?, packed?))
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.used)?;
        self.used += 1;
        Some(byte)
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number that is not negative; signs are in the lowest bit.
    fn size(&mut self) -> Option<u64> {
        self.number().filter(|number| number & 1 == 0).map(|number| number >> 1)
    }

    /// The type of the next field, whose number is put in place of the one before; `Some(None)` at the end of the struct.
    fn field(&mut self, number: &mut u64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        *number = if head >> 4 == 0 { self.number()? >> 1 } else { number.checked_add(u64::from(head >> 4))? };
        Some(Some(head & 0xF))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // Truth values are in the type.
            1 | 2 => {}
            3 => self.pass(1)?,
            4..=6 => drop(self.number()?),
            7 => self.pass(8)?,
            8 => {
                let length = self.number()?;
                self.pass(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let n = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                for _ in 0..n {
                    // In a list a truth value takes a byte.
                    if head & 0xF <= 2 { self.pass(1)? } else { self.skip(head & 0xF, depth)? }
                }
            }
            12 => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth)?;
                }
            }
            // Page headers have no maps.
            _ => return None,
        }
        Some(())
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        let end = self.used.checked_add(usize::try_from(n).ok()?)?;
        self.used = end;
        (end <= self.bytes.len()).then_some(())
    }
}
