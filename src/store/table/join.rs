//! Tables made of tables: row groups are copied as they are.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result as Done};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use parquet::file::writer::SerializedFileWriter;

use super::{Row, TableWriter, failed};
use crate::error::{Context, Result};
use crate::store::{Folder, Written};

impl<R: Row> TableWriter<R> {
    /// Closes and commits the table under another name than it was created for.
    pub fn finish_as(self, folder: &Folder, relative: &str) -> Result<Written> {
        let rows = self.rows;
        self.into_inner()?.commit_as(folder, relative, rows)
    }

    /// Adds the rows of a table of ours with the same columns, without decoding them.
    ///
    /// # Errors
    /// When it is no whole table.
    pub fn append(&mut self, path: &Path) -> Result<()> {
        self.flush()?;
        let doing = || format!("cannot join the table {} to {}", path.display(), self.path);
        let file = File::open(path).context(doing)?;
        self.rows += copy_groups(&file, &mut self.writer).map_err(|error| failed(doing(), error))?;
        Ok(())
    }
}

/// Copies all row groups of a file with their page indexes; gives the number of rows.
fn copy_groups<W: Write + Send>(file: &File, writer: &mut SerializedFileWriter<W>) -> Done<u64> {
    let metadata = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(file)?;
    let index = metadata.page_index();
    let count = |n: i64| u64::try_from(n).map_err(|_| ParquetError::General(format!("{n} is no count")));
    let mut rows = 0;
    for (g, group) in metadata.row_groups().iter().enumerate() {
        let group_rows = count(group.num_rows())?;
        let mut copy = writer.next_row_group()?;
        for (c, column) in group.columns().iter().enumerate() {
            let close = ColumnCloseResult {
                bytes_written: count(column.compressed_size())?,
                rows_written: group_rows,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: index.and_then(|index| index.column_index(g, c)).cloned(),
                offset_index: index.and_then(|index| index.offset_index(g, c)).cloned(),
            };
            copy.append_column(file, close)?;
        }
        copy.close()?;
        rows += group_rows;
    }
    Ok(rows)
}
