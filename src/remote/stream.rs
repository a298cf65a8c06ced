//! The bytes of an object in order, over as many connections as it takes. Only the last byte that was asked for ends the stream; a connection that ends, breaks or stalls before is made anew from the byte that was reached.

use std::io::{self, Read};

use ureq::BodyReader;

use crate::error::{Error, Kind};

use super::Object;
use super::answer::{Validator, part};
use super::fault::{Attempts, Fault};
use super::target::Method;

/// What is read past goes through a buffer of this size, in bytes.
const SKIPPED_AT_ONCE: usize = 64 << 10;

/// A reader of an object's bytes, from one byte to another. Its errors are [`crate::Error`]s inside those of `std::io`, of no kind that a damaged file has; after one, all reads fail.
pub struct Stream {
    object: Object,
    /// The next byte.
    at: u64,
    /// The byte after the last one.
    end: u64,
    body: Option<Body>,
    attempts: Attempts,
    given_up: Option<(Kind, String)>,
}

struct Body {
    reader: BodyReader<'static>,
    skip: u64,
    take: u64,
    is_all: bool,
}

impl Stream {
    pub(super) fn new(object: Object, at: u64, end: u64) -> Self {
        Self { object, at, end, body: None, attempts: Attempts::default(), given_up: None }
    }

    /// At least one byte, of this connection or a new one.
    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let body = match &mut self.body {
            Some(body) => body,
            None => self.body.insert(ask(&self.object, self.at, self.end)?),
        };
        if 0 < body.skip {
            let mut past = vec![0; SKIPPED_AT_ONCE];
            while 0 < body.skip {
                let most = body.skip.min(SKIPPED_AT_ONCE as u64) as usize;
                body.skip -= some(body.reader.read(&mut past[..most]), "before the first byte that was asked for")? as u64;
            }
        }
        let most = body.take.min(buffer.len() as u64) as usize;
        let n_bytes = some(body.reader.read(&mut buffer[..most]), "before the last byte that it promised")?;
        self.at += n_bytes as u64;
        body.take -= n_bytes as u64;
        if body.take == 0 {
            // The end must have been seen for the connection to be used again. Nothing is waited for: the length is known.
            if body.is_all {
                let _ = body.reader.read(&mut [0]);
            }
            self.body = None;
        }
        Ok(n_bytes)
    }
}

/// Bytes of a body that may not end here.
fn some(read: io::Result<usize>, place: &str) -> Result<usize, Fault> {
    match read {
        Ok(0) => Err(Fault::passing(format!("the body ended {place}"))),
        Ok(n_bytes) => Ok(n_bytes),
        Err(error) => Err(Fault::passing(format!("the body broke off: {error}"))),
    }
}

/// Asks for the bytes `at..end`, of the state that was found.
fn ask(object: &Object, at: u64, end: u64) -> Result<Body, Fault> {
    let range = format!("bytes={at}-{}", end - 1);
    let mut headers = Vec::new();
    let is_whole = at == 0 && end == object.bytes;
    if !is_whole {
        headers.push(("range", range.as_str()));
    }
    // S3 knows If-Match. Elsewhere If-Range is safer: a server that compares badly then sends the whole object, which is judged by its own
    // header, and no 412, which would have to be believed.
    match &object.validator {
        Validator::Etag(etag) if object.target.is_s3() => headers.push(("if-match", etag)),
        Validator::Etag(validator) | Validator::ChangedAt(validator) if !is_whole => headers.push(("if-range", validator)),
        _ => {}
    }
    let response = object.client.ask(&object.target, Method::Get, &headers)?;
    let status = response.status().as_u16();
    if !matches!(status, 200 | 206 | 404 | 410 | 412 | 416) {
        return Err(object.client.fault(&object.target, response));
    }
    let part = part(object, at, end, status, response.headers())?;
    Ok(Body { reader: response.into_body().into_reader(), skip: part.skip, take: part.take, is_all: part.is_all })
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.end <= self.at {
            return Ok(0);
        }
        if let Some((kind, message)) = &self.given_up {
            return Err(io::Error::other(Error::of(*kind, message.clone())));
        }
        loop {
            let fault = match self.step(buffer) {
                Ok(n_bytes) => {
                    self.attempts.progress();
                    return Ok(n_bytes);
                }
                Err(fault) => fault,
            };
            self.body = None;
            let doing = || format!("cannot read {} from byte {}", self.object.target.shown, self.at);
            if let Err(error) = self.attempts.failed(fault, self.object.client.settings(), doing) {
                self.given_up = Some((error.kind(), error.chain()));
                return Err(io::Error::other(error));
            }
        }
    }
}
