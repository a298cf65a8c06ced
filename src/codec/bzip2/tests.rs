use super::super::tests::bz2;
use super::*;

/// Decodes with the input and the output in pieces of these lengths: content, bytes taken, fault.
fn decode(bytes: &[u8], piece: usize, room: usize) -> (Vec<u8>, usize, Option<String>) {
    let (mut decoder, mut out, mut used) = (Bzip2::new(), Vec::new(), 0);
    let mut buffer = vec![0; room];
    loop {
        let end = bytes.len().min(used + piece);
        let progress = decoder.step(&bytes[used..end], &mut buffer);
        used += progress.used;
        out.extend_from_slice(&buffer[..progress.written]);
        let stuck = progress.used == 0 && progress.written == 0;
        if progress.ended || progress.fault.is_some() || stuck {
            return (out, used, progress.fault.map(|fault| fault.to_string()));
        }
    }
}

/// Made by bzip2 1.0.8 (Python's `bz2.compress`, level 9) of `b"she sells sea shells, " * 3 + b"z" * 300`.
const REAL: &str =
    "425a683931415926535976111ad300001e9180c02422440810000820003100301144c9918db45b1b4d38c8c30323a0e0ec275f4c87c5dc914e14241d8446b4c0";

fn real() -> Vec<u8> {
    (0..REAL.len()).step_by(2).map(|at| u8::from_str_radix(&REAL[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn what_bzip2_wrote_is_read() {
    let text = [b"she sells sea shells, ".repeat(3), vec![b'z'; 300]].concat();
    assert_eq!(decode(&real(), 1 << 20, 1 << 20), (text, real().len(), None));
}

#[test]
fn a_stream_may_come_and_go_in_pieces_of_any_size_and_nothing_behind_it_is_taken() {
    let text: Vec<u8> = (0..900_u32).flat_map(|n| format!("{} ", n % 37 * n).into_bytes()).chain(std::iter::repeat_n(b'a', 999)).collect();
    for packed in [bz2(&text), bz2(b""), bz2(b"aaaa"), bz2(b"aaaaa"), bz2(&(0..=255).collect::<Vec<u8>>())] {
        let whole = decode(&packed, 1 << 20, 1 << 20);
        assert_eq!((whole.1, &whole.2), (packed.len(), &None));
        let followed = [&packed[..], b"BZh9 and more"].concat();
        for (piece, room) in [(1, 1), (1, 7), (3, 1 << 20), (1 << 20, 1), (100, 100)] {
            assert_eq!(decode(&followed, piece, room), whole, "{piece} {room}");
        }
    }
    assert_eq!(decode(&bz2(&text), 1 << 20, 1 << 20).0, text);
}

#[test]
fn hostile_blocks_are_faults() {
    let start = b"BZh1\x31\x41\x59\x26\x53\x59\0\0\0\0";
    for rest in [&[0; 16][..], &[0xFF; 64]] {
        let fault = decode(&[start, rest].concat(), 1 << 20, 1 << 10).2;
        assert!(fault.is_some(), "{rest:?}");
    }
    assert!(decode(b"BZh0\x31\x41\x59\x26\x53\x59", 100, 100).2.is_some());
    // Any bytes at all behind a start: a fault or hunger, no panic, and not much memory.
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut bytes = start.to_vec();
        bytes.extend((0..200).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Few ones, so that the start of a block is often legal.
            ((state >> 33) & (state >> 41) & (state >> 47)) as u8
        }));
        assert!(decode(&bytes, 1 << 20, 1 << 10).0.is_empty() || bytes.len() < 300);
    }
    // A flipped bit anywhere in a real one.
    for at in 4..real().len() {
        for bit in 0..8 {
            let mut bad = real();
            bad[at] ^= 1 << bit;
            let (out, used, fault) = decode(&bad, 1 << 20, 1 << 10);
            assert!(fault.is_some() || used == bad.len() || out.is_empty(), "bit {bit} of byte {at}");
        }
    }
}
