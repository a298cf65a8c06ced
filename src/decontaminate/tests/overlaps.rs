//! How much of a benchmark stands in texts: N, dirty examples, and what cuts take away.

use super::*;

fn example(number: u64, texts: &[&str]) -> Vec<BenchmarkItem> {
    let item = |text: &&str| BenchmarkItem {
        benchmark: "b".to_owned(),
        example: number,
        item: String::new(),
        text: (*text).to_owned(),
        masked: None,
    };
    texts.iter().map(item).collect()
}

fn words(beginning: &str, n: usize) -> String {
    (0..n).map(|word| format!("{beginning}{word}")).collect::<Vec<_>>().join(" ")
}

/// Examples of this many words each, one field.
fn of_lengths(lengths: &[usize]) -> Grams {
    let items: Vec<BenchmarkItem> =
        (1..).zip(lengths).flat_map(|(number, &n)| example(number, &[&words(&format!("e{number}w"), n)])).collect();
    Grams::new(&items, &Options::default()).unwrap()
}

fn dirty_in(grams: &Grams, text: &str) -> u64 {
    let mut found = vec![false; grams.n_all()];
    count(grams, text, &mut Scratch::default(), &mut |gram| found[gram as usize] = true);
    dirty(grams, |gram| found[gram as usize])[0]
}

#[test]
fn n_is_the_fifth_percentile_of_lengths_from_8_to_13() {
    let n_of = |lengths: &[usize]| of_lengths(lengths).benchmarks()[0].n;
    assert_eq!(n_of(&[20, 21, 22]), 13);
    assert_eq!(n_of(&[3, 21, 22]), 8);
    assert_eq!(n_of(&[10, 21, 22]), 10);
    // Of 40 examples the second shortest is the least that 5 of 100 do not exceed.
    let mut lengths = vec![30; 40];
    lengths[7] = 2;
    assert_eq!(n_of(&lengths), 13);
    lengths[9] = 9;
    assert_eq!(n_of(&lengths), 9);
    let of_two =
        Grams::new(&[example(1, &[&words("a", 6), &words("b", 5)]), example(2, &[&words("c", 30)])].concat(), &Options::default()).unwrap();
    assert_eq!(
        (of_two.benchmarks()[0].n, of_two.benchmarks()[0].examples, of_two.benchmarks()[0].unprotected),
        (11, 2, 1),
        "a length is of all fields"
    );
}

#[test]
fn an_example_is_dirty_by_one_n_gram_and_a_short_one_whole() {
    // N is 9; example 1 has 9 words, example 2 thirty, example 3 two fields of 4 and 3 words.
    let mut items = example(1, &[&words("a", 9)]);
    items.extend(example(2, &[&words("b", 30)]));
    items.extend(example(3, &[&words("c", 4), &words("d", 3)]));
    items.extend((4..=40).flat_map(|number| example(number, &[&words(&format!("e{number}w"), 30)])));
    let grams = Grams::new(&items, &Options::default()).unwrap();
    assert_eq!((grams.benchmarks()[0].n, grams.benchmarks()[0].unprotected), (9, 2));
    assert_eq!(dirty_in(&grams, "nothing of it"), 0);
    assert_eq!(dirty_in(&grams, &words("a", 8)), 0);
    assert_eq!(dirty_in(&grams, &format!("so {} it is", words("a", 9).to_uppercase())), 1);
    let b: Vec<String> = words("b", 30).split(' ').map(str::to_owned).collect();
    assert_eq!(dirty_in(&grams, &b[20..29].join(" ")), 1, "nine words from anywhere");
    assert_eq!(dirty_in(&grams, &b[20..28].join(" ")), 0);
    assert_eq!(dirty_in(&grams, &format!("{} and {}", words("d", 3), words("c", 4))), 1, "both fields of a short one");
    assert_eq!(dirty_in(&grams, &words("c", 4)), 0, "one of its fields is not all of it");
    assert_eq!(dirty_in(&grams, &format!("{} {}", words("a", 9), b.join("\n"))), 2);
    // Nine words are measured, and thirteen are cut.
    let text = format!("{} {} {}", filler(20), b[3..12].join(" "), filler(20));
    let ignored = Ignored::new([], grams.len());
    let outcome = decontaminate(&grams, &ignored, &text, &Options::default(), false, &mut Scratch::default(), &mut |_| {});
    assert_eq!((outcome, dirty_in(&grams, &text)), (Outcome::Clean, 1));
}

#[test]
fn what_cuts_take_away_is_what_no_piece_holds() {
    let grams = of_lengths(&[30, 30]);
    let (first, second) = (words("e1w", 30), words("e2w", 30));
    let text = format!("{first} and {second} and {first}");
    let lost_with = |left: &[Range<usize>]| {
        let mut n = 0;
        lost(&grams, &text, left, &mut Scratch::default(), &mut |_| n += 1);
        n
    };
    assert_eq!(lost_with(std::slice::from_ref(&(0..text.len()))), 0);
    assert_eq!(lost_with(&[]), 2 * 18);
    assert_eq!(lost_with(std::slice::from_ref(&(0..first.len()))), 18, "the second goes");
    let behind = first.len() + 5..text.len();
    assert_eq!(lost_with(&[behind]), 0, "the first stands a second time");
    let middle = first.len() + 5..first.len() + 5 + second.len();
    assert_eq!(lost_with(std::slice::from_ref(&middle)), 18, "the first goes with both of its places");
}

/// Anchors of every length must find what a look at each place finds.
#[test]
fn runs_of_every_length_are_found_at_every_place() {
    for n in 1..=14 {
        // The benchmark's N is 8 or more: a shorter example is looked for whole.
        let mut items = example(1, &[&words("x", n)]);
        items.extend((2..=40).flat_map(|number| example(number, &[&words(&format!("e{number}w"), 30)])));
        let grams = Grams::new(&items, &Options { n: 20, ..Options::default() }).unwrap();
        for before in (0..20).chain(1010..1030) {
            for after in [0, 1, 30] {
                let text = format!("{} {} {}", words("p", before), words("x", n), words("q", after));
                assert_eq!(dirty_in(&grams, &text), 1, "{n} words, {before} before, {after} after");
            }
        }
    }
}

/// The form that masking leaves is looked for and counts for nothing.
#[test]
fn a_field_is_found_in_either_form_and_counted_once() {
    let masked = |n: usize| format!("{} <mail> {}", words("x", n), words("y", n));
    let plain = |n: usize| masked(n).replace("<mail>", "a@b.example");
    let with = |items: Vec<BenchmarkItem>| {
        let of = |item: BenchmarkItem| {
            let masked = item.text.contains('@').then(|| item.text.replace("a@b.example", "<mail>"));
            BenchmarkItem { masked, ..item }
        };
        items.into_iter().map(of).collect::<Vec<_>>()
    };
    // One of 15 words; one of two fields of 5 and 3 words.
    let items = [example(1, &[&plain(7)]), example(2, &[&plain(2), &words("z", 3)])].concat();
    let (alone, both) = (Grams::new(&items, &Options::default()).unwrap(), Grams::new(&with(items), &Options::default()).unwrap());
    assert_eq!(alone.benchmarks(), both.benchmarks());
    assert_eq!((both.n_short_items(), both.benchmarks()[0].examples, both.benchmarks()[0].unprotected), (2, 2, 1));
    // Every run of 8 or 13 of its words lies over the address.
    assert_eq!((alone.len(), both.len()), (3, 6));
    assert_eq!((dirty_in(&alone, &masked(7)), dirty_in(&both, &masked(7)), dirty_in(&both, &plain(7))), (0, 1, 1));
    for form in [masked(2), plain(2)] {
        assert_eq!(dirty_in(&both, &format!("{form} and {}", words("z", 3))), 1, "{form}");
        assert_eq!(dirty_in(&both, &form), 0, "one of its fields is not all of it");
    }
    assert_eq!(dirty_in(&both, &words("z", 3)), 0);
}
