//! Tables at rest: one struct a table, one Parquet file a task. The struct names columns and types once; writing, reading, projection and the
//! reference of columns follow from it.
//!
//! A reader takes the columns its struct names and leaves the others alone, so a smaller struct is a projection.
//! Memory: one row group while writing (at most [`GROUP_BYTES`]), 1,024 rows while reading.

use std::fs::File;
use std::io::Write;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::error::{Context, Error, Result};

use super::{Folder, NewFile, Written};

mod cells;
mod join;

pub use cells::{Cell, CellKind, Cells};

use cells::Values;

/// A row group is closed when it holds this many bytes of cells.
pub const GROUP_BYTES: usize = 16 << 20;
/// Rows that a reader decodes at a time.
const BATCH_ROWS: usize = 1024;

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

/// What stopped the parquet crate, or the disk beneath it.
fn failed(doing: String, error: ParquetError) -> Error {
    match error {
        ParquetError::External(cause) => Error::new(doing).because(cause),
        error => Error::new(doing).because(error),
    }
}

/// Writes one table: into a file of the build folder that appears when it is finished, or over any writer.
pub struct TableWriter<R, W: Write + Send = NewFile> {
    path: String,
    writer: SerializedFileWriter<W>,
    specs: Vec<ColumnSpec>,
    columns: Vec<Cells>,
    pending_rows: usize,
    pending_bytes: usize,
    rows: u64,
    row: PhantomData<R>,
}

impl<R: Row> TableWriter<R> {
    pub fn create(folder: &Folder, relative: &str) -> Result<Self> {
        Self::over(folder.create(relative)?, relative)
    }

    /// Closes and commits the table.
    pub fn finish(self) -> Result<Written> {
        let rows = self.rows;
        self.into_inner()?.commit(rows)
    }
}

impl<R: Row, W: Write + Send> TableWriter<R, W> {
    /// Starts a table over a writer; `name` stands for it in messages.
    pub fn over(out: W, name: &str) -> Result<Self> {
        let specs = R::columns();
        let writer = SerializedFileWriter::new(out, schema(&specs)?, properties())
            .map_err(|error| failed(format!("cannot start the table {name}"), error))?;
        let columns = specs.iter().map(|spec| Cells::new(spec.kind)).collect();
        Ok(Self { path: name.to_owned(), writer, specs, columns, pending_rows: 0, pending_bytes: 0, rows: 0, row: PhantomData })
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
        self.write_group().map_err(|error| failed(format!("cannot write the table {}", self.path), error))
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

    /// Writes what is left and gives the writer back.
    pub fn into_inner(mut self) -> Result<W> {
        self.flush()?;
        self.writer.into_inner().map_err(|error| failed(format!("cannot write the table {}", self.path), error))
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
    /// Number of the next row that is not decoded yet.
    next_row: u64,
    /// The rows to read where not all are, ascending, and how many of them are decoded.
    picked: Option<(Vec<u64>, usize)>,
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
            let other = || {
                Error::new(format!(
                    "the table {} has no column {}: it is of another version, or damaged; build it again",
                    path.display(),
                    spec.name
                ))
            };
            let place = found.ok_or_else(other)?;
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
            next_row: 0,
            picked: None,
            batch_rows: 0,
            row: PhantomData,
        })
    }

    /// Reads the rows of these ascending numbers only; pages that hold none of them are not decompressed. For a reader that has read nothing yet.
    #[must_use]
    pub fn pick(mut self, rows: Vec<u64>) -> Self {
        self.picked = Some((rows, 0));
        self
    }

    /// Rows to pass over and rows then to read, at most one batch; `None` at the end.
    fn stretch(&self) -> Option<(u64, usize)> {
        let Some((rows, done)) = &self.picked else { return Some((0, BATCH_ROWS)) };
        let rest = &rows[*done..];
        let first = rest.first()?;
        let n = rest.iter().take(BATCH_ROWS).zip(*first..).take_while(|(row, expected)| *row == expected).count();
        Some((first - self.next_row, n))
    }

    fn fill(&mut self) -> parquet::errors::Result<bool> {
        let Some((mut skip, n)) = self.stretch() else { return Ok(false) };
        while self.group_rows as u64 <= skip {
            skip -= self.group_rows as u64;
            self.next_row += self.group_rows as u64;
            self.group_rows = 0;
            if self.group == self.file.num_row_groups() {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group)?;
            self.readers = self.places.iter().map(|&place| group.get_column_reader(place)).collect::<Result<_, _>>()?;
            self.group_rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            self.group += 1;
        }
        // Less than the rows of this group.
        let skip = skip as usize;
        let n = n.min(self.group_rows - skip);
        for ((spec, cells), reader) in self.specs.iter().zip(&mut self.columns).zip(&mut self.readers) {
            cells.clear();
            let levels = spec.optional.then_some(&mut cells.levels);
            let skipped = match reader {
                _ if skip == 0 => 0,
                ColumnReader::ByteArrayColumnReader(reader) => reader.skip_records(skip)?,
                ColumnReader::Int64ColumnReader(reader) => reader.skip_records(skip)?,
                ColumnReader::DoubleColumnReader(reader) => reader.skip_records(skip)?,
                ColumnReader::BoolColumnReader(reader) => reader.skip_records(skip)?,
                _ => 0,
            };
            let read = match (reader, &mut cells.values) {
                (ColumnReader::ByteArrayColumnReader(reader), Values::Text(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::Int64ColumnReader(reader), Values::Integer(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::DoubleColumnReader(reader), Values::Real(values)) => reader.read_records(n, levels, None, values)?,
                (ColumnReader::BoolColumnReader(reader), Values::Flag(values)) => reader.read_records(n, levels, None, values)?,
                _ => return Err(ParquetError::General("a column changed its type".to_owned())),
            };
            if (skipped, read.0) != (skip, n) {
                return Err(ParquetError::General(format!("column {} ends early", spec.name)));
            }
        }
        self.group_rows -= skip + n;
        self.next_row += (skip + n) as u64;
        if let Some((_, done)) = &mut self.picked {
            *done += n;
        }
        self.batch_rows = n;
        Ok(true)
    }
}

/// A table row by row with its number from 0, to its end; gives the number of rows.
///
/// # Errors
/// The first fault of the table, or of what is done with a row.
pub fn each_row<R: Row>(path: &Path, mut told: impl FnMut(u64, R) -> Result<()>) -> Result<u64> {
    let mut n = 0;
    for row in TableReader::<R>::open(path)? {
        told(n, row?)?;
        n += 1;
    }
    Ok(n)
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
                    if let Ok(Err(error @ ParquetError::External(_))) = damaged {
                        return Some(Err(failed(format!("cannot read the table {}", self.path.display()), error)));
                    }
                    let cause = match damaged {
                        Ok(Err(error)) => error.to_string(),
                        _ => "its pages cannot be decoded".to_owned(),
                    };
                    let message = format!("the table {} is damaged: {cause}; build it again", self.path.display());
                    return Some(Err(Error::new(message)));
                }
            }
        }
        self.batch_rows -= 1;
        Some(Ok(R::take(&mut self.columns)))
    }
}
