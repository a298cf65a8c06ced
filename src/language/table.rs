//! Weights of n-grams, a row of bytes for each hash and a byte for each language, and their sums over a text.
//!
//! A weight is kept in seven bits, so that two rows can be added, two bytes a number, before the bytes are parted. Sums are kept of the numbers, which overflow, and of their upper bytes;
//! both give those of the lower bytes. Compilers put eight numbers or more through one addition on any x86-64 or ARM.

/// Most lanes of a table. Rows have 8, 16 or so many.
pub const MOST_LANES: usize = 64;

/// What stands for the weight 0; weights go from -63 to 63 in steps of the table's scale.
pub const ZERO: u8 = 64;

/// Rows that are summed in 16 bits before they are added to the sums: 256 pairs, each at most 254.
const TOGETHER: usize = 512;

/// As many numbers as a line of a processor's cache holds, and at the place of one: a row of 64 lanes that lay in two would cost two.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Line([u16; MOST_LANES / 2]);

/// `[n_rows][n_lanes]` of bytes, two a number, little-endian; what is beyond the last row is 0.
#[derive(Clone, Debug)]
pub struct Table {
    lines: Vec<Line>,
    n_rows: usize,
    n_lanes: usize,
}

impl Table {
    /// `None` unless the bytes are whole rows of 8, 16 or 64 lanes, of at most seven bits, and their number is a power of two.
    pub fn new(bytes: &[u8], n_lanes: usize) -> Option<Self> {
        let is_whole = matches!(n_lanes, 8 | 16 | 64) && bytes.len().is_multiple_of(n_lanes) && (bytes.len() / n_lanes).is_power_of_two();
        let is_narrow = bytes.iter().all(|byte| *byte < 0x80);
        let line = |bytes: &[u8]| {
            Line(std::array::from_fn(|at| bytes.get(2 * at..2 * at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))))
        };
        let lines = bytes.chunks(MOST_LANES).map(line).collect();
        (is_whole && is_narrow).then(|| Self { lines, n_rows: bytes.len() / n_lanes, n_lanes })
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
        self.lines.iter().flat_map(|line| line.0).flat_map(u16::to_le_bytes).take(self.n_rows * self.n_lanes).collect()
    }

    /// The logarithm of the number of rows.
    pub fn bits(&self) -> u32 {
        self.n_rows.trailing_zeros()
    }

    /// The sum of each lane's weights over some rows, those beyond the last counted from the first again.
    pub fn sums(&self, rows: &[u32]) -> [i32; MOST_LANES] {
        match self.n_lanes {
            8 => self.sums_of::<4>(rows),
            16 => self.sums_of::<8>(rows),
            _ => self.sums_of::<32>(rows),
        }
    }

    /// The same of rows of `WIDTH` numbers.
    fn sums_of<const WIDTH: usize>(&self, rows: &[u32]) -> [i32; MOST_LANES] {
        let row = |at: u32| {
            let (at, a_line) = (at as usize & (self.n_rows - 1), MOST_LANES / 2 / WIDTH);
            &self.lines[at / a_line].0.as_chunks::<WIDTH>().0[at % a_line]
        };
        let mut sums = [0_i32; MOST_LANES];
        for rows in rows.chunks(TOGETHER) {
            let (mut all, mut odd) = ([0_u16; WIDTH], [0_u16; WIDTH]);
            let (pairs, rest) = rows.as_chunks::<2>();
            for [first, second] in pairs {
                let (first, second) = (row(*first), row(*second));
                for at in 0..WIDTH {
                    let both = first[at] + second[at];
                    all[at] = all[at].wrapping_add(both);
                    odd[at] += both >> 8;
                }
            }
            for last in rest {
                for (at, number) in row(*last).iter().enumerate() {
                    all[at] = all[at].wrapping_add(*number);
                    odd[at] += number >> 8;
                }
            }
            let zero = i32::from(ZERO) * rows.len() as i32;
            for (sums, (all, odd)) in sums.as_chunks_mut::<2>().0.iter_mut().zip(all.iter().zip(&odd)) {
                // What is left of all when the odd bytes are taken from it is the sum of the even ones, which fits 16 bits.
                sums[0] += i32::from(all.wrapping_sub(odd << 8)) - zero;
                sums[1] += i32::from(*odd) - zero;
            }
        }
        sums
    }
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

    /// Also where the rows do not fill a line.
    #[test]
    fn a_table_gives_back_its_bytes() {
        for (n_bytes, n_lanes) in [(8, 8), (32, 16), (4096, 64), (1024, 8)] {
            let bytes: Vec<u8> = (0..n_bytes).map(|at| (at * 37 % 127) as u8).collect();
            assert_eq!(Table::new(&bytes, n_lanes).unwrap().to_bytes(), bytes);
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
