//! Tables at rest: one struct a table, one Parquet file a task. The struct names columns and types once; writing, reading, projection and the
//! reference of columns follow from it.
//!
//! A reader takes the columns its struct names and leaves the others alone, so a smaller struct is a projection.
//! Memory: one row group while writing (at most [`GROUP_BYTES`]), 1,024 rows while reading.

use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::document::Key;
use crate::error::{Context, Error, Result};

use super::{Folder, NewFile, Written};

/// A row group is closed when it holds this many bytes of cells.
pub const GROUP_BYTES: usize = 16 << 20;
/// Rows that a reader decodes at a time.
const BATCH_ROWS: usize = 1024;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// UTF-8.
    Text,
    /// 64-bit unsigned.
    Integer,
    /// 64-bit float.
    Real,
    Flag,
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec {
    pub name: &'static str,
    pub kind: CellKind,
    pub optional: bool,
    pub doc: &'static str,
}

/// A row of a table; implement it with [`table!`](crate::table).
pub trait Row: Sized {
    fn columns() -> Vec<ColumnSpec>;
    fn put(self, columns: &mut [Cells]);
    fn take(columns: &mut [Cells]) -> Self;
}

/// The cells of one column, in memory. Reading consumes from the front.
pub struct Cells {
    levels: Vec<i16>,
    values: Values,
    level_at: usize,
    value_at: usize,
}

enum Values {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Real(Vec<f64>),
    Flag(Vec<bool>),
}

impl Cells {
    fn new(kind: CellKind) -> Self {
        let values = match kind {
            CellKind::Text => Values::Text(Vec::new()),
            CellKind::Integer => Values::Integer(Vec::new()),
            CellKind::Real => Values::Real(Vec::new()),
            CellKind::Flag => Values::Flag(Vec::new()),
        };
        Self { levels: Vec::new(), values, level_at: 0, value_at: 0 }
    }

    fn clear(&mut self) {
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
    String::from_utf8_lossy(std::mem::take(stored).data()).into_owned()
});
// Hexadecimal text rather than 16 raw bytes: every reader of Parquet shows and joins it the same way.
plain_cell!(Key, Text, |value| ByteArray::from(value.to_string().into_bytes()), |stored| {
    std::str::from_utf8(stored.data()).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
});
plain_cell!(u64, Integer, |value| value as i64, |stored| *stored as u64);
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

/// Declares a table: a struct whose fields are its columns, each with a doc comment that becomes the reference of the column.
#[macro_export]
macro_rules! table {
    ($(#[doc = $about:literal])* pub struct $name:ident { $($(#[doc = $doc:literal])* $field:ident : $type:ty,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[doc = $doc])* pub $field: $type,)* }

        impl $crate::store::table::Row for $name {
            fn columns() -> Vec<$crate::store::table::ColumnSpec> {
                vec![$($crate::store::table::ColumnSpec {
                    name: stringify!($field),
                    kind: <$type as $crate::store::table::Cell>::KIND,
                    optional: <$type as $crate::store::table::Cell>::OPTIONAL,
                    doc: concat!($($doc),*),
                }),*]
            }

            fn put(self, columns: &mut [$crate::store::table::Cells]) {
                let mut columns = columns.iter_mut();
                $($crate::store::table::Cell::put(self.$field, columns.next().expect("one column a field"));)*
            }

            fn take(columns: &mut [$crate::store::table::Cells]) -> Self {
                let mut columns = columns.iter_mut();
                $(let $field = $crate::store::table::Cell::take(columns.next().expect("one column a field"));)*
                Self { $($field),* }
            }
        }
    };
}

fn physical(kind: CellKind) -> Physical {
    match kind {
        CellKind::Text => Physical::BYTE_ARRAY,
        CellKind::Integer => Physical::INT64,
        CellKind::Real => Physical::DOUBLE,
        CellKind::Flag => Physical::BOOLEAN,
    }
}

/// The Parquet schema of columns: flat, in order.
pub fn schema(columns: &[ColumnSpec]) -> Result<Arc<Type>> {
    let field = |column: &ColumnSpec| {
        let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let logical = (column.kind == CellKind::Text).then_some(LogicalType::String);
        let field = Type::primitive_type_builder(column.name, physical(column.kind));
        field.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>();
    let schema = fields.and_then(|fields| Type::group_type_builder("row").with_fields(fields).build());
    schema.map(Arc::new).map_err(|error| Error::new("cannot build a table's schema").because(error))
}

/// Properties of every table: zstd pages, and nothing in the bytes that depends on the day or the library's version.
fn properties() -> Arc<WriterProperties> {
    let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).set_created_by("gristmill".to_owned());
    Arc::new(properties.build())
}

/// Writes one table into a file that appears when it is finished.
pub struct TableWriter<R> {
    path: String,
    writer: SerializedFileWriter<NewFile>,
    specs: Vec<ColumnSpec>,
    columns: Vec<Cells>,
    pending_rows: usize,
    pending_bytes: usize,
    rows: u64,
    row: PhantomData<R>,
}

impl<R: Row> TableWriter<R> {
    pub fn create(folder: &Folder, relative: &str) -> Result<Self> {
        let specs = R::columns();
        let writer = SerializedFileWriter::new(folder.create(relative)?, schema(&specs)?, properties())
            .map_err(|error| Error::new(format!("cannot start the table {relative}")).because(error))?;
        let columns = specs.iter().map(|spec| Cells::new(spec.kind)).collect();
        Ok(Self { path: relative.to_owned(), writer, specs, columns, pending_rows: 0, pending_bytes: 0, rows: 0, row: PhantomData })
    }

    /// Adds a row; `bytes` is about how large it is, so that row groups stay bounded. See [`TableWriter::push`] for small rows.
    pub fn push_sized(&mut self, row: R, bytes: usize) -> Result<()> {
        row.put(&mut self.columns);
        self.rows += 1;
        self.pending_rows += 1;
        self.pending_bytes += bytes;
        if self.pending_bytes < GROUP_BYTES { Ok(()) } else { self.flush() }
    }

    /// Adds a row of small cells.
    pub fn push(&mut self, row: R) -> Result<()> {
        self.push_sized(row, 256)
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending_rows == 0 {
            return Ok(());
        }
        (self.pending_rows, self.pending_bytes) = (0, 0);
        self.write_group().map_err(|error| Error::new(format!("cannot write the table {}", self.path)).because(error))
    }

    fn write_group(&mut self) -> parquet::errors::Result<()> {
        let mut group = self.writer.next_row_group()?;
        for (spec, cells) in self.specs.iter().zip(&mut self.columns) {
            let mut column = group.next_column()?.expect("the schema has a column for each spec");
            let levels = spec.optional.then_some(cells.levels.as_slice());
            match &cells.values {
                Values::Text(values) => column.typed::<ByteArrayType>().write_batch(values, levels, None)?,
                Values::Integer(values) => column.typed::<Int64Type>().write_batch(values, levels, None)?,
                Values::Real(values) => column.typed::<DoubleType>().write_batch(values, levels, None)?,
                Values::Flag(values) => column.typed::<BoolType>().write_batch(values, levels, None)?,
            };
            column.close()?;
            cells.clear();
        }
        group.close()?;
        Ok(())
    }

    /// Number of rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Closes and commits the table.
    pub fn finish(mut self) -> Result<Written> {
        self.flush()?;
        let file = self.writer.into_inner();
        file.map_err(|error| Error::new(format!("cannot write the table {}", self.path)).because(error))?.commit(self.rows)
    }
}

/// Reads a table row by row.
pub struct TableReader<R> {
    path: PathBuf,
    file: SerializedFileReader<File>,
    specs: Vec<ColumnSpec>,
    /// Index of each column in the file.
    places: Vec<usize>,
    columns: Vec<Cells>,
    readers: Vec<ColumnReader>,
    group: usize,
    group_rows: usize,
    batch_rows: usize,
    row: PhantomData<R>,
}

impl<R: Row> TableReader<R> {
    /// # Errors
    /// When the file is no Parquet, or lacks a column with the name and kind that `R` asks for.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = File::open(path).context(|| format!("cannot open the table {}", path.display()))?;
        let damaged = |cause: String| Error::new(format!("the table {} is damaged: {cause}; build it again", path.display()));
        let file = SerializedFileReader::new(opened).map_err(|error| damaged(error.to_string()))?;
        let specs = R::columns();
        let descriptor = file.metadata().file_metadata().schema_descr_ptr();
        let place = |spec: &ColumnSpec| {
            let found = descriptor.columns().iter().position(|column| column.name() == spec.name);
            let place = found.ok_or_else(|| damaged(format!("it has no column {}", spec.name)))?;
            let column = descriptor.column(place);
            let fits = column.physical_type() == physical(spec.kind) && column.max_def_level() == i16::from(spec.optional);
            if fits { Ok(place) } else { Err(damaged(format!("its column {} has another type", spec.name))) }
        };
        let places = specs.iter().map(place).collect::<Result<Vec<_>>>()?;
        let columns = specs.iter().map(|spec| Cells::new(spec.kind)).collect();
        Ok(Self {
            path: path.to_owned(),
            file,
            specs,
            places,
            columns,
            readers: Vec::new(),
            group: 0,
            group_rows: 0,
            batch_rows: 0,
            row: PhantomData,
        })
    }

    fn fill(&mut self) -> parquet::errors::Result<bool> {
        while self.group_rows == 0 {
            if self.group == self.file.num_row_groups() {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group)?;
            self.readers = self.places.iter().map(|&place| group.get_column_reader(place)).collect::<Result<_, _>>()?;
            self.group_rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            self.group += 1;
        }
        let n = self.group_rows.min(BATCH_ROWS);
        for ((spec, cells), reader) in self.specs.iter().zip(&mut self.columns).zip(&mut self.readers) {
            cells.clear();
            let levels = spec.optional.then_some(&mut cells.levels);
            let read = match (reader, &mut cells.values) {
                (ColumnReader::ByteArrayColumnReader(reader), Values::Text(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::Int64ColumnReader(reader), Values::Integer(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::DoubleColumnReader(reader), Values::Real(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::BoolColumnReader(reader), Values::Flag(values)) => reader.read_records(n, levels, None, values)?,
                _ => return Err(parquet::errors::ParquetError::General("a column changed its type".to_owned())),
            };
            if read.0 != n {
                return Err(parquet::errors::ParquetError::General(format!("column {} ends early", spec.name)));
            }
        }
        self.group_rows -= n;
        self.batch_rows = n;
        Ok(true)
    }
}

impl<R: Row> Iterator for TableReader<R> {
    type Item = Result<R>;

    fn next(&mut self) -> Option<Result<R>> {
        if self.batch_rows == 0 {
            // The parquet crate still panics on some corrupt files; here is the file's edge.
            let filled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.fill()));
            match filled {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return None,
                damaged => {
                    (self.group, self.group_rows) = (self.file.num_row_groups(), 0);
                    let cause = damaged.map_or_else(|_| "its pages cannot be decoded".to_owned(), |error| format!("{error:?}"));
                    let message = format!("the table {} is damaged: {cause}; build it again", self.path.display());
                    return Some(Err(Error::new(message)));
                }
            }
        }
        self.batch_rows -= 1;
        Some(Ok(R::take(&mut self.columns)))
    }
}
