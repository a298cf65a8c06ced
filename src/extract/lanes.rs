//! Eight bytes looked at together, each in its lane of a number: which of them are letters, where a name ends. No instruction set is asked for.

use crate::extract::tokens::is_space;

/// The high bit of each lane. What is said of lanes here is said by it, for bytes of ASCII; the other bits of an answer are noise.
pub const HIGH: u64 = 0x8080_8080_8080_8080;

/// One byte in each lane.
pub const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Where a lane is at least `byte`, for lanes without their high bits: the sum reaches the high bit there, and never the next lane.
pub const fn least(low: u64, byte: u8) -> u64 {
    low + eight(0x80 - byte)
}

/// Where a lane is `byte`, for lanes without their high bits.
pub const fn same(low: u64, byte: u8) -> u64 {
    !((low ^ eight(byte)) + !HIGH)
}

/// The eight bytes from `at` on, the first in the highest lane; zeros beyond the end, before which `at` must be.
pub fn eight_from(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    match (rest.first_chunk(), bytes.last_chunk()) {
        (Some(&eight), _) => u64::from_be_bytes(eight),
        (_, Some(&last)) => u64::from_be_bytes(last) << (8 * (8 - rest.len())),
        _ => rest.iter().fold(0, |text, &byte| text << 8 | u64::from(byte)) << (8 * (8 - rest.len())),
    }
}

/// Where the name of an attribute ends that goes on at `at`: at white space, `/`, `>` or `=`, else at the end.
pub fn name_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let text = eight_from(bytes, at);
        let low = text & !HIGH;
        let stops = (!least(low, b' ' + 1) | same(low, b'/') | same(low, b'=') | same(low, b'>')) & !text & HIGH;
        at = bytes.len().min(at + stops.leading_zeros() as usize / 8);
        // Most controls are no white space.
        match bytes.get(at) {
            Some(&byte) if is_space(byte) || matches!(byte, b'/' | b'=' | b'>') => return at,
            Some(_) if stops != 0 => at += 1,
            _ => {}
        }
    }
    bytes.len()
}
