//! The digests of "abc" are those of the standards (FIPS 180-4 and RFC 1321), written in other alphabets by another program.

use super::*;

const MD5: [&str; 3] = ["900150983cd24fb0d6963f7d28e17f72", "SAAVBGB42JH3BVUWH56SRYL7OI======", "kAFQmDzST7DWlj99KOF/cg=="];
const SHA1: [&str; 3] = ["a9993e364706816aba3e25717850c26c9cd0d89d", "VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="];
const SHA256: [&str; 3] = [
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ====",
    "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
];
const SHA512: [&str; 3] = [
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "3WXTLIMTMF5LVTCBONE24ICBGEJON6SORGUX5IQKT3XOMS2V2ONCDEUZFITU7QNIG25DYI5D73V32RKNIQRWIPHIBYVJVSKPUVGKJHY=",
    "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
];

fn fits(value: &str, bytes: &[u8]) -> bool {
    match label(value.as_bytes()) {
        Label::Known(algorithm, digest) => Some(algorithm.digest(bytes)) == digest,
        other => panic!("{value}: {other:?}"),
    }
}

#[test]
fn every_spelling_of_every_algorithm() {
    for (names, digests) in
        [(["md5", "MD5"], MD5), (["sha1", "SHA-1"], SHA1), (["sha256", "Sha-256"], SHA256), (["sha512", "SHA-512"], SHA512)]
    {
        let [hex, base32, base64] = digests;
        let url = base64.replace('+', "-").replace('/', "_");
        let spellings = [hex.to_owned(), hex.to_uppercase(), base32.to_owned(), base32.to_lowercase(), base64.to_owned(), url];
        for name in names {
            for spelling in &spellings {
                // With another sign for the colon, as some write and damage may.
                let bare = spelling.trim_end_matches('=');
                let spelled = [":", "=", "-", "z"].map(|colon| format!("{name}{colon}{spelling}"));
                for value in spelled.into_iter().chain([format!("{name} : {bare}")]) {
                    assert!(fits(&value, b"abc"), "{value}");
                    assert!(!fits(&value, b"abd"), "{value}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_label() {
    for value in ["blake3:abc", "adler32:024d0127", "sha3-256:00", "sha:00", "sha12:00"] {
        assert_eq!(label(value.as_bytes()), Label::Unknown, "{value}");
    }
    let long = format!("sha1:{}", "A".repeat(1 << 16));
    let md5_as_sha1 = format!("sha1:{}", MD5[0]);
    for value in [
        "",
        ":",
        "sha1:",
        ":VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
        SHA1[1],
        "sha1",
        "sha1VGMT4NSHA2AW",
        "sha256-none-computed-here",
        "sha-384=00",
    ] {
        assert_eq!(label(value.as_bytes()), Label::Unreadable(0), "{value}");
    }
    for (value, bytes) in [("sha1:VGMT4NSH", 8), ("sha1:===", 3), (&long, 1 << 16)] {
        assert_eq!(label(value.as_bytes()), Label::Unreadable(bytes), "{value}");
    }
    // As long as a digest, of the wrong letters, so that it is wrong for all bytes: 0, 1, 8 and 9 are not in base32, and base64 knows cases.
    for value in
        ["sha1:0GMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", "sha1:qZk+NkcGgWq6PiVxeFDCbJzQ2-0=", "sha1:g9993e364706816aba3e25717850c26c9cd0d89d"]
    {
        assert!(!fits(value, b"abc"), "{value}");
    }
    // As many digits as an MD5 has, as many letters as a SHA-1 has in base32.
    assert!(!fits(&md5_as_sha1, b"abc"));
    assert_eq!(label(b"sha1:\xFF\xFE"), Label::Unreadable(2));
    assert!(!fits(&format!("sha1:{}", SHA1[2].to_lowercase()), b"abc"));
}

#[test]
fn a_payload_stands_behind_a_head() {
    for (block, wanted) in [
        (&b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"[..], Some((&b"body"[..], false))),
        (b"\r\nhttp/1.0 200\nTransfer-Encoding: gzip, Chunked\n\nbody", Some((b"body", true))),
        (b"ICY 200 OK\r\n\r\nbody", Some((b"body", false))),
        (b"POST / HTTP/1.1\r\nA: b\r\n\r\na=b", Some((b"a=b", false))),
        (b"HTTP/1.1 200 OK\r\nA: b", Some((b"", false))),
        (b"20200101 IN A 192.0.2.1", None),
        (b"", None),
    ] {
        assert_eq!(http::payload(block), wanted, "{}", String::from_utf8_lossy(block));
    }
}
