//! Damage by the block, as disks and copies make it, and lengths that are wrong by a little.

use super::*;

const BLOCK: usize = 512;

/// Records that do not pack well, so that each fills several blocks, and where each ends.
fn members(pack: Pack) -> (Vec<String>, Vec<Vec<u8>>) {
    let mut state = 5;
    let ids: Vec<String> = (0..8).map(|n| format!("r{n}")).collect();
    let record = |id: &String| {
        let noise: String = (0..150).map(|_| format!("{:x} ", random(&mut state))).collect();
        pack(&response(id, &html(&noise), None))
    };
    let members = ids.iter().map(record).collect();
    (ids, members)
}

#[test]
fn blocks_that_are_lost_repeated_or_reordered_cost_the_records_in_them() {
    for pack in [gz as Pack, zst] {
        let (ids, members) = members(pack);
        let file = members.concat();
        let all = read_bytes(&file);
        assert_eq!((all.ids().len(), all.items.len()), (8, 8));
        let sound: Vec<(&str, &[u8])> = all.ids().into_iter().zip(all.bodies()).collect();
        let n_blocks = file.len() / BLOCK;
        assert!(16 < n_blocks, "each record must fill more than one block");
        for index in 0..n_blocks {
            let (from, to) = (index * BLOCK, (index + 1) * BLOCK);
            let last = file.len().min(to + BLOCK);
            let (before, block, next, after) = (&file[..from], &file[from..to], &file[to..last], &file[last..]);
            // What is changed, and which bytes of the file it hits. A repeated block splits what lies over its end.
            for (changed, hit) in [
                ([before, next, after].concat(), from..to),
                ([before, &[0; BLOCK], next, after].concat(), from..to),
                ([before, block, block, next, after].concat(), to..to + 1),
                ([before, next, block, after].concat(), from..last),
            ] {
                let outcome = read_bytes(&changed);
                let found: Vec<(&str, &[u8])> = outcome.ids().into_iter().zip(outcome.bodies()).collect();
                let mut start = 0;
                for (index, member) in members.iter().enumerate() {
                    let end = start + member.len();
                    let whole = end <= hit.start || hit.end <= start;
                    assert!(!whole || found.contains(&sound[index]), "{} was lost with bytes {hit:?}: {:?}", ids[index], outcome.rules());
                    start = end;
                }
                assert!(found.iter().all(|page| sound.contains(page)), "bytes {hit:?}: a page that was none");
            }
        }
    }
}

#[test]
fn a_length_off_by_a_few_never_gives_a_clipped_page() {
    let block = html("<p>the end is a letter: x");
    let body = &b"<p>the end is a letter: x"[..];
    for bare in [false, true] {
        let record = |id: &str, length: i64| {
            let record = response(id, &block, Some(&format!("Content-Length: {length}")));
            // The line ends that close it, as some tools write them.
            if bare { [&record[..record.len() - 4], b"\n\n"].concat() } else { record }
        };
        for off in -6_i64..=6 {
            let sound = block.len() as i64;
            let [one, lie, two] = [record("one", sound), record("lie", sound + off), record("two", sound)];
            let mut outcomes = vec![read_bytes(&[gz(&one), gz(&lie), gz(&two)].concat())];
            assert_eq!(outcomes[0].ids(), ["one", "lie", "two"], "{off}: the end of the member decides");
            let plain = [one, lie, two].concat();
            outcomes.extend([read_bytes(&plain), read_bytes(&gz(&plain))]);
            for outcome in outcomes {
                assert_eq!((outcome.items.len(), outcome.ids()[0], outcome.ids().last()), (3, "one", Some(&"two")), "{off}");
                // Line ends that close the record may be taken for its last bytes; none of its own is missing.
                assert!(outcome.bodies().iter().all(|found| found.trim_ascii_end() == body), "{off}: {:?}", outcome.bodies());
            }
        }
    }
}

/// As bgzip and others pack, who know nothing of records.
#[test]
fn members_may_end_anywhere() {
    let warc = [page("one"), raw(&["WARC-Type: metadata", "Content-Length: 4"], b"a: b"), page("two")].concat();
    let line = |name: &str, length: usize| format!("http://example.org/{name} 192.0.2.7 20091105123456 text/html {length}\n").into_bytes();
    let answer = |name: &str| html(&format!("<p>{name} is whole."));
    let arc = ["one", "two", "three"].map(|name| [&line(name, answer(name).len())[..], &answer(name), b"\n"].concat()).concat();
    for file in [warc, arc] {
        let sound = read_bytes(&file);
        assert!(sound.tally.faults.is_empty() && sound.ids().len() == sound.items.len());
        for cut in 0..=file.len() {
            for pack in [gz as Pack, zst] {
                let packed = read_bytes(&[pack(&file[..cut]), pack(&file[cut..])].concat());
                assert_eq!((packed.ids(), packed.bodies()), (sound.ids(), sound.bodies()), "cut at {cut}");
                assert_eq!((&packed.tally.records, &packed.tally.faults), (&sound.tally.records, &sound.tally.faults), "cut at {cut}");
            }
        }
    }
}

#[test]
fn a_file_that_is_gone_while_it_is_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.warc");
    std::fs::write(&path, page("one")).unwrap();
    let error = read(Format::Warc, &input(&path), &Limits::default(), &mut |_| {
        std::fs::remove_file(&path).unwrap();
        Ok(())
    })
    .unwrap_err();
    assert!(error.to_string().contains("in.warc"), "{error}");
}
