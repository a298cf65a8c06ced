//! The cells of a column in memory, and the Rust types that fit them.

use parquet::data_type::ByteArray;

use crate::document::Key;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// UTF-8.
    Text,
    /// 64 bits; signed only where its column says so.
    Integer,
    /// 64-bit float.
    Real,
    Flag,
}

/// The cells of one column, in memory. Reading consumes from the front.
pub struct Cells {
    pub(super) levels: Vec<i16>,
    pub(super) values: Values,
    level_at: usize,
    value_at: usize,
}

pub(super) enum Values {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Real(Vec<f64>),
    Flag(Vec<bool>),
}

impl Cells {
    pub(super) fn new(kind: CellKind) -> Self {
        let values = match kind {
            CellKind::Text => Values::Text(Vec::new()),
            CellKind::Integer => Values::Integer(Vec::new()),
            CellKind::Real => Values::Real(Vec::new()),
            CellKind::Flag => Values::Flag(Vec::new()),
        };
        Self { levels: Vec::new(), values, level_at: 0, value_at: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.levels.clear();
        (self.level_at, self.value_at) = (0, 0);
        match &mut self.values {
            Values::Text(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Real(values) => values.clear(),
            Values::Flag(values) => values.clear(),
        }
    }

    fn next_is_present(&mut self) -> bool {
        let level = self.levels[self.level_at];
        self.level_at += 1;
        level == 1
    }

    fn next_value(&mut self) -> usize {
        self.value_at += 1;
        self.value_at - 1
    }
}

/// A Rust type that fits a column.
pub trait Cell: Sized {
    const KIND: CellKind;
    const OPTIONAL: bool = false;
    fn put(self, cells: &mut Cells);
    fn take(cells: &mut Cells) -> Self;
}

macro_rules! plain_cell {
    ($type:ty, $kind:ident, |$value:ident| $put:expr, |$stored:ident| $take:expr) => {
        impl Cell for $type {
            const KIND: CellKind = CellKind::$kind;

            fn put(self, cells: &mut Cells) {
                let $value = self;
                match &mut cells.values {
                    Values::$kind(values) => values.push($put),
                    _ => unreachable!("a column's cells are made for its kind"),
                }
            }

            fn take(cells: &mut Cells) -> Self {
                let at = cells.next_value();
                match &mut cells.values {
                    Values::$kind(values) => {
                        let $stored = &mut values[at];
                        $take
                    }
                    _ => unreachable!("a column's cells are made for its kind"),
                }
            }
        }
    };
}

plain_cell!(String, Text, |value| ByteArray::from(value.into_bytes()), |stored| {
    let stored = std::mem::take(stored);
    // Checking first is several times as fast as the lossy way, which goes character by character.
    std::str::from_utf8(stored.data()).map_or_else(|_| String::from_utf8_lossy(stored.data()).into_owned(), str::to_owned)
});
// Hexadecimal text rather than 16 raw bytes: every reader of Parquet shows and joins it the same way.
plain_cell!(Key, Text, |value| ByteArray::from(value.to_string().into_bytes()), |stored| {
    std::str::from_utf8(stored.data()).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
});
plain_cell!(u64, Integer, |value| value as i64, |stored| *stored as u64);
plain_cell!(i64, Integer, |value| value, |stored| *stored);
plain_cell!(u32, Integer, |value| i64::from(value), |stored| *stored as u32);
plain_cell!(f64, Real, |value| value, |stored| *stored);
plain_cell!(bool, Flag, |value| value, |stored| *stored);

impl<T: Cell> Cell for Option<T> {
    const KIND: CellKind = T::KIND;
    const OPTIONAL: bool = true;

    fn put(self, cells: &mut Cells) {
        cells.levels.push(i16::from(self.is_some()));
        if let Some(value) = self {
            value.put(cells);
        }
    }

    fn take(cells: &mut Cells) -> Self {
        if cells.next_is_present() { Some(T::take(cells)) } else { None }
    }
}
