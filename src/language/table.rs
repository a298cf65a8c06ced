//! Weights of n-grams, a row of bytes for each hash and a byte for each language, and their sums over a text.
//!
//! A weight is kept in seven bits, so that two rows can be added byte by byte before the bytes are parted: eight languages go through one 64-bit addition, and compilers put two or four
//! of those together on any x86-64 or ARM.

/// Most lanes of a table. Rows have 8, 16 or so many.
pub const MOST_LANES: usize = 64;

/// What stands for the weight 0; weights go from -63 to 63 in steps of the table's scale.
pub const ZERO: u8 = 64;

/// Rows that are summed in 16 bits before they are added to the sums: 256 pairs, each at most 254.
const TOGETHER: usize = 512;

/// Every second byte.
const EVEN: u64 = 0x00FF_00FF_00FF_00FF;

/// `[n_rows][n_lanes]` of bytes, eight a number, little-endian.
#[derive(Clone, Debug)]
pub struct Table {
    numbers: Vec<u64>,
    n_lanes: usize,
}

impl Table {
    /// `None` unless the bytes are whole rows of 8, 16 or 64 lanes, of at most seven bits, and their number is a power of two.
    pub fn new(bytes: &[u8], n_lanes: usize) -> Option<Self> {
        let is_whole = matches!(n_lanes, 8 | 16 | 64) && bytes.len().is_multiple_of(n_lanes) && (bytes.len() / n_lanes).is_power_of_two();
        let is_narrow = bytes.iter().all(|byte| *byte < 0x80);
        let numbers = bytes.as_chunks().0.iter().map(|eight| u64::from_le_bytes(*eight)).collect();
        (is_whole && is_narrow).then_some(Self { numbers, n_lanes })
    }

    /// How many lanes a table for `n` of them has.
    pub fn lanes(n: usize) -> usize {
        match n {
            0..=8 => 8,
            9..=16 => 16,
            _ => MOST_LANES,
        }
    }

    /// What [`Table::new`] took.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The logarithm of the number of rows.
    pub fn bits(&self) -> u32 {
        (self.numbers.len() * 8 / self.n_lanes).trailing_zeros()
    }

    /// The sum of each lane's weights over some rows, those beyond the last counted from the first again.
    pub fn sums(&self, rows: &[u32]) -> [i32; MOST_LANES] {
        match self.n_lanes {
            8 => sums::<1>(&self.numbers, rows),
            16 => sums::<2>(&self.numbers, rows),
            _ => sums::<8>(&self.numbers, rows),
        }
    }
}

fn sums<const WIDTH: usize>(numbers: &[u64], rows: &[u32]) -> [i32; MOST_LANES] {
    let table = numbers.as_chunks::<WIDTH>().0;
    let row = |at: u32| &table[at as usize & (table.len() - 1)];
    let mut sums = [0_i32; MOST_LANES];
    for rows in rows.chunks(TOGETHER) {
        let (mut even, mut odd) = ([0_u64; WIDTH], [0_u64; WIDTH]);
        let (pairs, rest) = rows.as_chunks::<2>();
        for [first, second] in pairs {
            let (first, second) = (row(*first), row(*second));
            for at in 0..WIDTH {
                let both = first[at] + second[at];
                even[at] += both & EVEN;
                odd[at] += (both >> 8) & EVEN;
            }
        }
        for last in rest {
            for (at, number) in row(*last).iter().enumerate() {
                even[at] += number & EVEN;
                odd[at] += (number >> 8) & EVEN;
            }
        }
        let zero = i32::from(ZERO) * rows.len() as i32;
        for (lane, sum) in sums[..8 * WIDTH].iter_mut().enumerate() {
            let half = if lane % 2 == 0 { even[lane / 8] } else { odd[lane / 8] };
            *sum += i32::from((half >> (16 * (lane % 8 / 2))) as u16) - zero;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against sums one by one, for lengths around the number that is summed in 16 bits, with weights at both ends.
    #[test]
    fn sums_are_those_of_single_weights() {
        for n_lanes in [8, 16, 64] {
            let bytes: Vec<u8> = (0..n_lanes * 32).map(|at| [127, 0, 1, 64, 65, 126][(at * at + at / 7) % 6]).collect();
            let table = Table::new(&bytes, n_lanes).unwrap();
            assert_eq!(table.bits(), 5);
            for n in [0, 1, 2, 3, 511, 512, 513, 2000] {
                let rows: Vec<u32> = (0..n).map(|at| at * at % 61).collect();
                let mut expected = [0; MOST_LANES];
                for row in &rows {
                    let row = &bytes[*row as usize % 32 * n_lanes..][..n_lanes];
                    expected.iter_mut().zip(row).for_each(|(sum, byte)| *sum += i32::from(*byte) - 64);
                }
                assert_eq!(table.sums(&rows), expected, "{n_lanes} lanes, {n} rows");
            }
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(Table::new(&[64; 64], 8).is_some());
        for (bytes, n_lanes) in [(&[64; 60][..], 8), (&[64; 24], 8), (&[64; 64], 32), (&[128; 64], 8), (&[], 8)] {
            assert!(Table::new(bytes, n_lanes).is_none(), "{} {n_lanes}", bytes.len());
        }
    }
}
