//! Writes WARC files, one gzip member a record, for fixtures and quarantine. The same calls give the same bytes: the caller names ids and dates.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use warc::{RecordBuilder, RecordType, WarcHeader};

use crate::error::{Context, Error, Result};

/// Writes records of the `warc` crate's model, each compressed by itself.
pub struct WarcGzWriter<W> {
    out: W,
    written: u64,
}

/// One record to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord<'a> {
    /// "response", "request", "warcinfo", "metadata", "conversion".
    pub kind: &'a str,
    /// `<urn:uuid:..>`.
    pub id: &'a str,
    /// RFC 3339.
    pub date: &'a str,
    pub url: Option<&'a str>,
    pub content_type: &'a str,
    pub block: &'a [u8],
}

impl<W: Write> WarcGzWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, written: 0 }
    }

    /// Writes one record as one gzip member and says where that lies: offset and length in bytes.
    ///
    /// # Errors
    /// When the date is not RFC 3339, a value holds a line break, or writing fails.
    pub fn write(&mut self, record: &NewRecord<'_>) -> Result<(u64, u64)> {
        let doing = || format!("cannot write the WARC record {}", record.id);
        let kind = match record.kind {
            "response" => RecordType::Response,
            "request" => RecordType::Request,
            "warcinfo" => RecordType::WarcInfo,
            "metadata" => RecordType::Metadata,
            "conversion" => RecordType::Conversion,
            other => RecordType::Unknown(other.to_owned()),
        };
        let mut builder = RecordBuilder::default()
            .version("1.0".to_owned())
            .warc_type(kind)
            .warc_id(record.id)
            .header(WarcHeader::Date, record.date)
            .header(WarcHeader::ContentType, record.content_type);
        if let Some(url) = record.url {
            builder = builder.header(WarcHeader::TargetURI, url);
        }
        let model = builder.body(record.block.to_vec()).build().map_err(|error| Error::new(doing()).because(error))?;
        let (header, block) = model.into_raw_parts();
        let mut plain = Vec::new();
        // The crate keeps fields in a hash map, so their order is not stable; they are written here in a fixed one.
        let mut fields: Vec<(String, Vec<u8>)> = header.as_ref().iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        fields.sort_by_key(|(name, _)| (name != "warc-type", name.clone()));
        write!(plain, "WARC/{}\r\n", header.version).context(doing)?;
        for (name, value) in fields {
            if value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                return Err(Error::new(format!("{}: its {name} holds a line break", doing())));
            }
            plain.extend_from_slice(name.as_bytes());
            plain.extend_from_slice(b": ");
            plain.extend_from_slice(&value);
            plain.extend_from_slice(b"\r\n");
        }
        plain.extend_from_slice(b"\r\n");
        plain.extend_from_slice(&block);
        plain.extend_from_slice(b"\r\n\r\n");
        let mut member = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(9));
        let member = member.write_all(&plain).and_then(|()| member.finish()).context(doing)?;
        self.out.write_all(&member).context(doing)?;
        let place = (self.written, member.len() as u64);
        self.written += place.1;
        Ok(place)
    }

    /// Flushes and gives the writer back.
    pub fn finish(mut self) -> Result<W> {
        self.out.flush().map_err(|error| Error::new("cannot write the WARC file").because(error))?;
        Ok(self.out)
    }
}
