//! Shingling, signing and verification of documents of 500 words, against one XXH3 pass over the same text. `cargo bench --bench dedup`.

mod common;

use gristmill::dedup::{MinHash, Options, Pairs, ShingleSet, Shingles, Signer};
use gristmill::text::hash::hash64;

const DOCUMENTS: u64 = 4000;

fn main() {
    let options =
        Options { shingles: Shingles::default(), minhash: MinHash::default(), threshold: 0.8, containment: None, pairs: Pairs::All };
    let texts: Vec<String> = (0..DOCUMENTS).map(|n| common::text(n, 500)).collect();
    let bytes: u64 = texts.iter().map(|text| text.len() as u64).sum();
    let mut hash = || {
        std::hint::black_box(texts.iter().map(|text| hash64(text.as_bytes())).fold(0_u64, u64::wrapping_add));
    };
    let shingle = || {
        std::hint::black_box(texts.iter().map(|text| ShingleSet::of(text, &options).len()).sum::<usize>());
    };
    common::compare("shingles of 5 words", 5, bytes, shingle, ("an XXH3 pass", &mut hash));
    let sets: Vec<ShingleSet> = texts.iter().map(|text| ShingleSet::of(text, &options)).collect();
    let signer = Signer::new(options.minhash, 1);
    let sign = || {
        std::hint::black_box(sets.iter().filter_map(|set| signer.sign(set.hashes())).map(|signature| signature[0] as u64).sum::<u64>());
    };
    common::compare("signing, 112 hashes", 5, bytes, sign, ("an XXH3 pass", &mut hash));
    let seconds = common::user_seconds(|| {
        sets.iter().filter_map(|set| signer.sign(set.hashes())).map(|signature| u64::from(signature[1])).sum::<u64>()
    });
    println!("signing: {:.0} documents of 500 words a second", DOCUMENTS as f64 / seconds.max(1e-6));
    let verify = || {
        std::hint::black_box(sets.windows(2).map(|pair| pair[0].evidence(&pair[1]).jaccard).sum::<f64>());
    };
    common::compare("verification of neighbours", 5, bytes, verify, ("an XXH3 pass", &mut hash));
}
