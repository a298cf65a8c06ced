//! Rows of a Parquet file as entries: of its columns only those that say where a record lies, and its URL.

use std::borrow::Cow;

use serde_json::Value;

use super::Taking;
use super::row::{FILE, LENGTH, OFFSET, Row, URL, number};
use crate::error::{Error, Result};
use crate::read::Input;
use crate::read::parquet::{self, Cell, Column, Rows};

/// Hands the rows on. A file that cannot be opened as Parquet is a fault and one bad row.
///
/// # Errors
/// As [`super::entries`].
pub(super) fn read(input: &Input, rows: &mut Taking<'_, '_>) -> Result<()> {
    let opened = match parquet::open(input)? {
        Ok(opened) => opened,
        Err(rule) => {
            rows.fault(rule);
            return rows.bad(1, 1, rule);
        }
    };
    let (mut columns, _) = opened.columns(|name| role(name).is_some());
    columns.sort_by_key(|column| role(column.name()));
    // Of several names of one thing the first counts, and the others are not read.
    columns.dedup_by_key(|column| role(column.name()).map(|(part, _)| part));
    for (part, names) in [(Part::File, &FILE[..]), (Part::Offset, &OFFSET), (Part::Length, &LENGTH)] {
        if !columns.iter().any(|column| role(column.name()).is_some_and(|(found, _)| found == part)) {
            let names = names.join(" or ");
            return Err(Error::recipe(format!("{} is Parquet without a column {names}, so it is no index of records", input.name)));
        }
    }
    let limits = rows.limits;
    opened.walk(input, limits, &mut columns, &mut Reading { rows })
}

/// What a column says, and which of its names it has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    File,
    Offset,
    Length,
    Url,
}

fn role(name: &str) -> Option<(Part, usize)> {
    let names = [(Part::File, &FILE[..]), (Part::Offset, &OFFSET), (Part::Length, &LENGTH), (Part::Url, &[URL])];
    names.into_iter().find_map(|(part, names)| Some((part, names.iter().position(|known| *known == name)?)))
}

struct Reading<'r, 't, 'f> {
    rows: &'r mut Taking<'t, 'f>,
}

impl Rows for Reading<'_, '_, '_> {
    fn row(&mut self, columns: &mut [Column], number_in_file: u64) -> Result<u64> {
        let bytes = columns.iter().map(Column::next_bytes).sum();
        if self.rows.limits.line_bytes < bytes {
            columns.iter_mut().for_each(Column::skip);
            self.rows.row(number_in_file + 1, Err("line-too-long"))?;
            return Ok(bytes);
        }
        let mut row = Row::default();
        let mut is_text = true;
        for column in columns {
            let (part, _) = role(column.name()).expect("columns were chosen by their role");
            let value = match column.next() {
                Cell::Value(value) => value,
                Cell::Empty => continue,
                Cell::NoText => {
                    is_text = false;
                    continue;
                }
            };
            match (part, value) {
                (Part::File, Value::String(text)) => row.file = Some(Cow::Owned(text)),
                (Part::Url, Value::String(text)) => row.url = Some(Cow::Owned(text)),
                (Part::Offset, value) => row.offset = integer(&value),
                (Part::Length, value) => row.length = integer(&value),
                _ => {}
            }
        }
        self.rows.row(number_in_file + 1, if is_text { Ok(row) } else { Err("invalid-utf8") })?;
        Ok(bytes)
    }

    fn lost(&mut self, rule: &'static str, first: u64, n: u64) -> Result<()> {
        self.rows.fault(rule);
        self.rows.bad(first.saturating_add(1), n, rule)
    }
}

/// An integer of any width that is not negative, or one that is written as digits.
fn integer(value: &Value) -> Option<u64> {
    match value {
        Value::Number(integer) => integer.as_u64(),
        Value::String(digits) => number(digits),
        _ => None,
    }
}
