//! By which rules reading passes over a record, in words. Each is given where the fault is met; a test holds this list against those places.

use crate::document::Rule;

pub const RULES: &[Rule] = &[
    Rule::new("http-status", "HTTP status", "not answered with the status 200"),
    Rule::new("media-type", "", "neither HTML nor plain text by its HTTP header, or without a type and without markup"),
    Rule::new("empty-body", "", "an answer without a body"),
    Rule::new("empty-text", "", "a text of white space at most"),
    Rule::new("not-http", "", "an address that is no http or https URL"),
    Rule::new("http-header-too-long", "bytes", "an HTTP header longer than http-header-bytes"),
    Rule::new("too-many-encodings", "encodings", "more encodings on one body than content-encodings"),
    Rule::new("header-too-long", "bytes", "a WARC header longer than warc-header-bytes"),
    Rule::new("record-too-long", "bytes", "a record longer than record-bytes"),
    Rule::new("bad-header", "", "a WARC header that cannot be read, or names no type of record"),
    Rule::new("bad-length", "", "a length that is missing or wrong where no end of a member tells the right one"),
    Rule::new("damaged-record", "", "bytes that are no record where one should begin, or whose checksum is wrong"),
    Rule::new("truncated-input", "", "cut off by the end of the file"),
    Rule::new("corrupt-input", "", "in a compressed stream that cannot be read on"),
    Rule::new("garbage-between-members", "", "bytes between compressed members that begin none"),
    Rule::new("zstd-window-log", "", "in a zstd frame whose window is larger than zstd-window-log allows"),
    Rule::new("xz-dictionary-log", "", "in an xz block whose dictionary is larger than xz-dictionary-log allows"),
    Rule::new("line-too-long", "", "a JSON line longer than line-bytes"),
    Rule::new("invalid-utf8", "", "a JSON line that is not UTF-8"),
    Rule::new("invalid-json", "", "a line that is no JSON object"),
    Rule::new("no-text", "", "a JSON object without a string `text`"),
    Rule::new("no-text-column", "", "a Parquet file without a column `text` of strings"),
    Rule::new("row-too-long", "", "a Parquet row whose cells are longer than line-bytes"),
    Rule::new("page-too-large", "", "in a row group of Parquet with a page larger than record-bytes"),
    Rule::new("text-too-long", "", "a text file or book longer than text-bytes"),
];
