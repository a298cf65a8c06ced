//! A stream from far away that is read ahead on a thread of its own, so that what waits for the network and what works on the records do not wait for each other.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::error::Error;

/// Bytes of a block, and blocks that wait: 4 MiB are read ahead.
const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 16;

/// Reads `inner` ahead; where no thread can be had, `inner` itself.
pub(super) fn ahead(inner: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let (sender, blocks) = sync_channel(BLOCKS);
    let (hand, take) = sync_channel(1);
    // The stream goes over once there is a thread to take it.
    let work = move || {
        if let Ok(inner) = take.recv() {
            fetch(inner, &sender);
        }
    };
    if std::thread::Builder::new().name("read ahead".to_owned()).spawn(work).is_err() {
        return Box::new(inner);
    }
    match hand.send(inner) {
        Ok(()) => Box::new(Ahead { blocks, block: Vec::new(), at: 0, ended: false }),
        Err(unsent) => Box::new(unsent.0),
    }
}

/// Until the stream ends or fails, or nobody wants it any more.
fn fetch(mut inner: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = vec![0; BLOCK];
        let mut n = 0;
        let read = loop {
            match inner.read(&mut block[n..]) {
                Ok(0) => break Ok(()),
                Ok(more) => n += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if n == BLOCK {
                break Ok(());
            }
        };
        block.truncate(n);
        let is_last = n < BLOCK;
        // What came before a failure is handed on first.
        let sent = n == 0 || sender.send(Ok(block)).is_ok();
        if let Err(error) = read {
            let _ = sender.send(Err(error));
            return;
        }
        if !sent {
            return;
        }
        if is_last {
            let _ = sender.send(Ok(Vec::new()));
            return;
        }
    }
}

struct Ahead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
    /// The empty block that is the end was seen.
    ended: bool,
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() && !self.ended {
            // A thread that ends without a word did not see the end of the stream.
            let block = self.blocks.recv().map_err(|_| io::Error::other(Error::new("what was read ahead broke off")))?;
            (self.block, self.at) = (block?, 0);
            self.ended = self.block.is_empty();
        }
        let n = out.len().min(self.block.len() - self.at);
        out[..n].copy_from_slice(&self.block[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `left` bytes in odd pieces and then fails, or ends.
    struct Pieces {
        left: usize,
        fails: bool,
    }

    impl Read for Pieces {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.left.min(out.len()).min(7919);
            if n == 0 && self.fails {
                return Err(io::Error::other("the line broke"));
            }
            (0..n).for_each(|i| out[i] = ((self.left - i) % 251) as u8);
            self.left -= n;
            Ok(n)
        }
    }

    #[test]
    fn what_is_read_ahead_is_what_is_read() {
        for left in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 20 * BLOCK + 5] {
            for fails in [false, true] {
                let (mut plain, mut through) = (Vec::new(), Vec::new());
                let expected = Pieces { left, fails }.read_to_end(&mut plain).map_err(|error| error.to_string());
                let got = ahead(Pieces { left, fails }).read_to_end(&mut through).map_err(|error| error.to_string());
                assert_eq!((through == plain, got), (true, expected), "{left}");
            }
        }
    }

    #[test]
    fn a_stream_that_nobody_wants_is_let_go() {
        let (gone, told) = sync_channel::<()>(1);
        struct Told(Pieces, #[allow(dead_code, reason = "its end is what is waited for")] SyncSender<()>);
        impl Read for Told {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.0.read(out)
            }
        }
        let mut stream = ahead(Told(Pieces { left: 100 * BLOCK, fails: false }, gone));
        stream.read_exact(&mut [0; 10]).unwrap();
        drop(stream);
        // The sender is dropped with the stream.
        assert!(told.recv().is_err());
    }
}
