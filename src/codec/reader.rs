//! A file as the stream it holds.

use std::io::{self, BufRead, ErrorKind, Read};

use super::{Decoder, Feed, XZ_MAGIC};

/// Decoded bytes that are held at a time.
const BUFFER: usize = 256 << 10;

/// Reads all members or frames of a file, or of another stream.
pub(super) struct Reader<R> {
    feed: Feed<R>,
    decoder: Decoder,
    decoded: Vec<u8>,
    start: usize,
    end: usize,
    /// Stays: a reader that is asked again after a fault must not see an end.
    fault: Option<(ErrorKind, String)>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(feed: Feed<R>, decoder: Decoder) -> Self {
        Self { feed, decoder, decoded: vec![0; BUFFER], start: 0, end: 0, fault: None }
    }

    /// Decodes until there is something to hand out; false at the end of the stream.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            if let Some((kind, text)) = &self.fault {
                return Err(io::Error::new(*kind, text.clone()));
            }
            if self.feed.data().is_empty() && !self.feed.more()? && !self.decoder.inside() {
                return Ok(false);
            }
            // Zeros after the last member are padding of tapes and block devices; gzip(1) ignores them too.
            if !self.decoder.inside() && !self.decoder.is_plain() && self.feed.data()[0] == 0 {
                if self.only_zeros()? {
                    return Ok(false);
                }
                if self.decoder.takes_padding() {
                    continue;
                }
                self.fault = Some((ErrorKind::InvalidData, format!("corrupt at byte {} of the compressed file", self.feed.offset())));
                continue;
            }
            if !self.decoder.inside() && self.decoder.takes_padding() && !self.begins_xz()? {
                self.fault = Some((ErrorKind::InvalidData, format!("corrupt at byte {} of the compressed file", self.feed.offset())));
                continue;
            }
            let progress = self.decoder.step(self.feed.data(), &mut self.decoded);
            let at = self.feed.offset() + progress.used as u64;
            self.feed.consume(progress.used);
            (self.start, self.end) = (0, progress.written);
            let stuck = progress.used == 0 && progress.written == 0 && !progress.ended;
            if let Some(fault) = progress.fault {
                self.fault = Some((fault.kind(), format!("corrupt at byte {at} of the compressed file: {fault}")));
            } else if stuck && !self.feed.more()? {
                self.fault = Some((ErrorKind::UnexpectedEof, format!("cut off at byte {at} of the compressed file")));
            }
            if self.end > 0 {
                return Ok(true);
            }
        }
    }

    /// The decoder looks only when it has twelve bytes, and would call shorter garbage cut off.
    fn begins_xz(&mut self) -> io::Result<bool> {
        while self.feed.data().len() < XZ_MAGIC.len() && self.feed.more()? {}
        Ok(XZ_MAGIC.iter().zip(self.feed.data()).all(|(magic, byte)| magic == byte))
    }

    /// Passes over zeros; true when the file ends with them.
    fn only_zeros(&mut self) -> io::Result<bool> {
        loop {
            let zeros = self.feed.data().iter().take_while(|&&byte| byte == 0).count();
            self.feed.consume(zeros);
            if !self.feed.data().is_empty() {
                return Ok(false);
            }
            if !self.feed.more()? {
                return Ok(true);
            }
        }
    }
}

impl<R: Read> BufRead for Reader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.advance()?;
        }
        Ok(&self.decoded[self.start..self.end])
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let decoded = self.fill_buf()?;
        let n = decoded.len().min(out.len());
        out[..n].copy_from_slice(&decoded[..n]);
        self.consume(n);
        Ok(n)
    }
}
