//! One flat column of a foreign file: what its cells are as JSON.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::{ByteArray, Int96};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::RowGroupReader;
use ::parquet::schema::types::ColumnDescriptor;
use serde_json::{Number, Value};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// A column whose cells JSON has a word for, and some of its cells.
pub(in super::super) struct Column {
    name: String,
    /// Index among the leaves of the schema.
    place: usize,
    kind: Kind,
    optional: bool,
    reader: Option<ColumnReader>,
    levels: Vec<i16>,
    values: Values,
    level_at: usize,
    value_at: usize,
}

/// What the values mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Strings by the schema, or bytes that may be strings: old writers do not say.
    Text {
        annotated: bool,
    },
    /// Truth values and floats, and integers with a sign.
    Plain,
    Unsigned,
    Date,
    /// Units a second; whether it is said to be in UTC.
    Instant {
        units: i64,
        utc: bool,
    },
}

enum Values {
    Flags(Vec<bool>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Instants(Vec<Int96>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

/// One cell.
pub(in super::super) enum Cell {
    /// Null, or a float that is no number.
    Empty,
    Value(Value),
    /// Bytes that are not UTF-8.
    NoText,
}

impl Column {
    /// The column at a place of the schema; `None` when it is nested, or of a type that is left out: decimals, times of day, fixed and binary types.
    pub(in super::super) fn new(place: usize, column: &ColumnDescriptor) -> Option<Self> {
        if column.path().parts().len() != 1 || column.max_rep_level() != 0 {
            return None;
        }
        let kind = kind(column)?;
        let values = match column.physical_type() {
            Physical::BOOLEAN => Values::Flags(Vec::new()),
            Physical::INT32 => Values::Ints(Vec::new()),
            Physical::INT64 => Values::Longs(Vec::new()),
            Physical::INT96 => Values::Instants(Vec::new()),
            Physical::FLOAT => Values::Floats(Vec::new()),
            Physical::DOUBLE => Values::Doubles(Vec::new()),
            Physical::BYTE_ARRAY => Values::Bytes(Vec::new()),
            Physical::FIXED_LEN_BYTE_ARRAY => return None,
        };
        let (name, optional) = (column.name().to_owned(), column.max_def_level() != 0);
        Some(Self { name, place, kind, optional, reader: None, levels: Vec::new(), values, level_at: 0, value_at: 0 })
    }

    /// Index among the leaves of the schema.
    pub(in super::super) fn place(&self) -> usize {
        self.place
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// Its cells are strings, or may be.
    pub(in super::super) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text { .. })
    }

    /// The schema promises strings.
    pub(in super::super) fn is_annotated(&self) -> bool {
        self.kind == Kind::Text { annotated: true }
    }

    /// Goes to the first row of a row group.
    pub(in super::super) fn start(&mut self, group: &dyn RowGroupReader) -> Result<()> {
        self.clear();
        self.reader = Some(group.get_column_reader(self.place)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.levels.clear();
        (self.level_at, self.value_at) = (0, 0);
        match &mut self.values {
            Values::Flags(values) => values.clear(),
            Values::Ints(values) => values.clear(),
            Values::Longs(values) => values.clear(),
            Values::Instants(values) => values.clear(),
            Values::Floats(values) => values.clear(),
            Values::Doubles(values) => values.clear(),
            Values::Bytes(values) => values.clear(),
        }
    }

    /// Decodes the next `n` cells in place of those before; gives how many there were, `n` unless the column ends early.
    pub(in super::super) fn fill(&mut self, n: usize) -> Result<usize> {
        use ColumnReader as Reader;
        self.clear();
        let levels = self.optional.then_some(&mut self.levels);
        let (rows, _, _) = match (&mut self.reader, &mut self.values) {
            (Some(Reader::BoolColumnReader(reader)), Values::Flags(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::Int32ColumnReader(reader)), Values::Ints(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::Int64ColumnReader(reader)), Values::Longs(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::Int96ColumnReader(reader)), Values::Instants(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::FloatColumnReader(reader)), Values::Floats(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::DoubleColumnReader(reader)), Values::Doubles(values)) => reader.read_records(n, levels, None, values),
            (Some(Reader::ByteArrayColumnReader(reader)), Values::Bytes(values)) => reader.read_records(n, levels, None, values),
            _ => return Err(ParquetError::General(format!("column {} changed its type", self.name))),
        }?;
        let n_values = if self.optional { self.levels.iter().filter(|&&level| level == 1).count() } else { rows };
        let held = match &self.values {
            Values::Flags(values) => values.len(),
            Values::Ints(values) => values.len(),
            Values::Longs(values) => values.len(),
            Values::Instants(values) => values.len(),
            Values::Floats(values) => values.len(),
            Values::Doubles(values) => values.len(),
            Values::Bytes(values) => values.len(),
        };
        if held != n_values || (self.optional && self.levels.len() != rows) {
            return Err(ParquetError::General(format!("column {} holds fewer values than it says", self.name)));
        }
        Ok(rows)
    }

    fn next_is_empty(&self) -> bool {
        self.optional && self.levels[self.level_at] == 0
    }

    /// Bytes of the next cell; a number counts 8.
    pub(in super::super) fn next_bytes(&self) -> u64 {
        match &self.values {
            _ if self.next_is_empty() => 0,
            Values::Bytes(values) => values[self.value_at].len() as u64,
            _ => 8,
        }
    }

    /// Passes over the next cell.
    pub(in super::super) fn skip(&mut self) {
        self.value_at += usize::from(!self.next_is_empty());
        self.level_at += 1;
    }

    /// Takes the next cell; there must be one.
    pub(in super::super) fn next(&mut self) -> Cell {
        let (at, is_empty) = (self.value_at, self.next_is_empty());
        self.skip();
        if is_empty {
            return Cell::Empty;
        }
        let value = match (&mut self.values, self.kind) {
            (Values::Flags(values), _) => Value::Bool(values[at]),
            (Values::Ints(values), Kind::Date) => Value::String(date(i64::from(values[at]))),
            // The bits of a 32-bit or 64-bit number without sign.
            (Values::Ints(values), Kind::Unsigned) => Value::from(values[at] as u32),
            (Values::Ints(values), _) => Value::from(values[at]),
            (Values::Longs(values), Kind::Unsigned) => Value::from(values[at] as u64),
            (Values::Longs(values), Kind::Instant { units, utc }) => Value::String(instant(values[at], units, utc)),
            (Values::Longs(values), _) => Value::from(values[at]),
            (Values::Instants(values), _) => Value::String(old_instant(values[at])),
            // By its own digits: 0.1 as a float of 32 bits is no 0.10000000149.
            (Values::Floats(values), _) => number(values[at].to_string().parse().unwrap_or(f64::NAN)),
            (Values::Doubles(values), _) => number(values[at]),
            (Values::Bytes(values), _) => match std::str::from_utf8(std::mem::take(&mut values[at]).data()) {
                Ok(text) => Value::String(text.to_owned()),
                Err(_) => return Cell::NoText,
            },
        };
        if value.is_null() { Cell::Empty } else { Cell::Value(value) }
    }
}

/// What a column's values mean; `None` for what has no word in JSON.
fn kind(column: &ColumnDescriptor) -> Option<Kind> {
    if let Some(logical) = column.logical_type_ref() {
        return match logical {
            LogicalType::String | LogicalType::Enum | LogicalType::Json => Some(Kind::Text { annotated: true }),
            LogicalType::Date => Some(Kind::Date),
            LogicalType::Integer(integer) => Some(if integer.is_signed { Kind::Plain } else { Kind::Unsigned }),
            LogicalType::Timestamp(timestamp) => {
                let units = match timestamp.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                };
                Some(Kind::Instant { units, utc: timestamp.is_adjusted_to_u_t_c })
            }
            // A column of nulls only.
            LogicalType::Unknown => Some(Kind::Plain),
            _ => None,
        };
    }
    match column.converted_type() {
        ConvertedType::NONE if column.physical_type() == Physical::BYTE_ARRAY => Some(Kind::Text { annotated: false }),
        ConvertedType::NONE => Some(Kind::Plain),
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Some(Kind::Text { annotated: true }),
        ConvertedType::DATE => Some(Kind::Date),
        ConvertedType::TIMESTAMP_MILLIS => Some(Kind::Instant { units: 1_000, utc: true }),
        ConvertedType::TIMESTAMP_MICROS => Some(Kind::Instant { units: 1_000_000, utc: true }),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => Some(Kind::Unsigned),
        ConvertedType::INT_8 | ConvertedType::INT_16 | ConvertedType::INT_32 | ConvertedType::INT_64 => Some(Kind::Plain),
        _ => None,
    }
}

/// A float, or null where it is infinite or none.
fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// `2020-01-02`, by days since 1970 (Hinnant's civil_from_days: years begin in March, 400 of them have 146,097 days).
fn date(days: i64) -> String {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + 400 * era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339, by units since 1970; without `Z` where the zone is not said.
fn instant(value: i64, units: i64, utc: bool) -> String {
    let (seconds, part) = (value.div_euclid(units), value.rem_euclid(units));
    let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let part = match (part, units.ilog10() as usize) {
        (0, _) => String::new(),
        (part, digits) => format!(".{part:0digits$}"),
    };
    let zone = if utc { "Z" } else { "" };
    format!("{}T{:02}:{:02}:{:02}{part}{zone}", date(days), second / 3600, second / 60 % 60, second % 60)
}

/// The 96 bits that Hive and Spark wrote: nanoseconds of the day, then the Julian day; the zone is not said.
fn old_instant(value: Int96) -> String {
    let [low, high, day] = *value.data() else { return String::new() };
    let nanos = (u64::from(high) << 32 | u64::from(low)) % (DAY as u64 * 1_000_000_000);
    let (seconds, nanos) = ((nanos / 1_000_000_000) as i64, nanos % 1_000_000_000);
    let whole = instant((i64::from(day) - EPOCH) * DAY + seconds, 1, false);
    if nanos == 0 { whole } else { format!("{whole}.{nanos:09}") }
}
