use super::*;

mod formats;
mod long_texts;
mod overlaps;
mod planted;

const ITEM: &str = "How many lanterns does the keeper of the northern mole light on the eve of the regatta, if every third one stays dark?";

fn item(text: &str) -> BenchmarkItem {
    BenchmarkItem { benchmark: "riddles".to_owned(), example: 1, item: "line 1".to_owned(), text: text.to_owned(), masked: None }
}

fn grams() -> Grams {
    Grams::new(&[item(ITEM)], &Options::default()).unwrap()
}

fn filler(sentences: usize) -> String {
    (0..sentences)
        .map(|n| format!("Sentence number {n} of this page speaks of boats, nets and the price of tar in the month of {n}. "))
        .collect()
}

fn judged(text: &str, is_book: bool) -> Outcome {
    let grams = grams();
    let ignored = Ignored::new([], grams.len());
    decontaminate(&grams, &ignored, text, &Options::default(), is_book, &mut Scratch::default(), &mut |_| {})
}

#[test]
fn a_clean_text_is_not_touched_however_short() {
    assert_eq!(judged("Nothing of it here.", false), Outcome::Clean);
    assert_eq!(judged("", false), Outcome::Clean);
}

#[test]
fn planted_items_are_found_across_lines_case_and_punctuation() {
    let shout = ITEM.to_uppercase().replace(' ', "\n");
    let odd = ITEM.replace(", ", " -- ").replace("keeper", "\u{201c}keeper\u{201d}").replace(' ', " \u{a0}");
    for planted in [ITEM.to_owned(), shout, odd] {
        let text = format!("{}{planted} {}", filler(20), filler(20));
        let Outcome::Cut { pieces, cuts } = judged(&text, false) else { panic!("{planted} was not found") };
        assert_eq!((pieces.len(), cuts.len()), (2, 1), "one long overlap is one cut");
        for piece in &pieces {
            assert!(!text[piece.clone()].to_lowercase().contains("northern"), "{planted}");
        }
    }
}

#[test]
fn the_window_is_two_hundred_characters_on_each_side() {
    // Characters of two bytes: the window counts Unicode scalars.
    let before = "é".repeat(1000);
    let after = "ü".repeat(1000);
    let text = format!("{before} {ITEM} {after}");
    let Outcome::Cut { pieces, .. } = judged(&text, false) else { panic!("not found") };
    let lengths: Vec<usize> = pieces.iter().map(|piece| text[piece.clone()].chars().count()).collect();
    // The space beside the item belongs to the window.
    assert_eq!(lengths, [801, 801]);
}

#[test]
fn short_pieces_go_and_a_text_without_any_left_is_dropped() {
    let text = format!("{} {ITEM} A short end.", filler(20));
    let Outcome::Cut { pieces, .. } = judged(&text, false) else { panic!("not found") };
    assert_eq!(pieces.len(), 1);
    let Outcome::Drop { reason, cuts } = judged(&format!("A short start. {ITEM} A short end."), false) else { panic!("not dropped") };
    assert_eq!((reason.rule, cuts.len()), ("nothing-left", 1));
}

#[test]
fn more_than_ten_pieces_drop_a_page_but_never_a_book() {
    let many = |n: usize| (0..n).map(|_| format!("{} {ITEM} ", filler(12))).collect::<String>() + &filler(12);
    let Outcome::Cut { pieces, .. } = judged(&many(9), false) else { panic!("ten pieces are allowed") };
    assert_eq!(pieces.len(), 10);
    let Outcome::Drop { reason, .. } = judged(&many(10), false) else { panic!("eleven pieces are too many") };
    assert_eq!((reason.filter, reason.rule, reason.value, reason.limit), ("decontaminate", "too-many-pieces", 11.0, 10.0));
    assert!(matches!(judged(&many(30), true), Outcome::Cut { pieces, .. } if pieces.len() == 31));
}

#[test]
fn a_short_book_keeps_what_is_left_of_it() {
    let text = format!("{}{ITEM} The end of it.", filler(3));
    assert!(matches!(judged(&text, false), Outcome::Drop { .. }));
    let Outcome::Cut { pieces, .. } = judged(&text, true) else { panic!("a book was dropped for one hit") };
    assert_eq!(pieces.len(), 1);
    assert!(text[pieces[0].clone()].chars().count() < 200);
}

#[test]
fn twelve_words_are_no_collision() {
    let words: Vec<&str> = ITEM.split(' ').collect();
    assert_eq!(judged(&format!("{} {} {}", filler(5), words[..12].join(" "), filler(5)), false), Outcome::Clean);
    assert_ne!(judged(&format!("{} {} {}", filler(5), words[..13].join(" "), filler(5)), false), Outcome::Clean);
}

#[test]
fn ignored_n_grams_do_not_cut() {
    let grams = grams();
    let all = Ignored::new(0..grams.len() as u32, grams.len());
    let text = format!("{} {ITEM} {}", filler(20), filler(20));
    assert_eq!(decontaminate(&grams, &all, &text, &Options::default(), false, &mut Scratch::default(), &mut |_| {}), Outcome::Clean);
}

#[test]
fn a_document_counts_an_n_gram_once() {
    let grams = grams();
    let mut counts = vec![0; grams.len()];
    count(&grams, &format!("{ITEM} {ITEM}"), &mut Scratch::default(), &mut |gram| counts[gram as usize] += 1);
    assert!(counts.iter().all(|n| *n == 1), "{counts:?}");
    // 23 words have 11 windows of 13.
    assert_eq!(grams.len(), ITEM.split(' ').count() - 12);
    assert!(grams.gram(0).words.starts_with("how many lanterns"));
}

#[test]
fn short_items_are_counted_and_nothing_at_all_is_an_error() {
    let both = Grams::new(&[item(ITEM), item("too short to be protected")], &Options::default()).unwrap();
    assert_eq!(both.n_short_items(), 1);
    let error = Grams::new(&[item("too short")], &Options::default()).err().unwrap();
    assert!(error.to_string().contains("13 words"), "{error}");
}

#[test]
fn a_word_is_what_the_paper_says_and_scripts_without_spaces_have_words() {
    let found = |item_text: &str, text: &str| {
        let grams = Grams::new(&[item(item_text)], &Options::default()).unwrap();
        let mut found = Vec::new();
        count(&grams, text, &mut Scratch::default(), &mut |gram| found.push(gram));
        (grams.len(), found.len())
    };
    let all = ITEM.split(' ').count() - 12;
    assert_eq!(found(ITEM, &ITEM.replace(' ', " \t\u{a0}\u{3000} ")), (all, all));
    assert_eq!(found(ITEM, &format!("«{}»!", ITEM.replace(' ', "” — “"))), (all, all));
    assert_eq!(found(ITEM, &ITEM.replace("northern", "north-ern")), (all, all));
    assert_eq!(found(ITEM, &ITEM.replace("regatta", "regat+ta")).1, 4, "a plus is a symbol, no punctuation: word 17 of 23 is another");
    let greek = "ο μεγάλος δρόμος είναι μακρύς και ο καιρός σήμερα πολύ ζεστός για τους ανθρώπους";
    assert_eq!(found(greek, &greek.to_uppercase()), (2, 2));
    let chinese = "河边的老磨坊在冬天里从来没有停过一次";
    assert_eq!(found(chinese, &format!("他说「{chinese}」。")), (6, 6), "a letter of Han is a word");
}

/// Anchors every sixth word must find what a look at each place finds.
#[test]
fn a_gram_is_found_at_every_place_of_a_long_text() {
    let grams = grams();
    let gram: Vec<&str> = ITEM.split(' ').take(13).collect();
    for before in (0..40).chain(1000..1050) {
        for after in [0, 1, 7, 2000] {
            let word = |n: usize| format!("w{n}");
            let words: Vec<String> =
                (0..before).map(word).chain(gram.iter().map(|w| (*w).to_owned())).chain((0..after).map(word)).collect();
            let mut found = Vec::new();
            count(&grams, &words.join(" "), &mut Scratch::default(), &mut |gram| found.push(gram));
            assert_eq!(found, [0], "{before} words before, {after} after");
        }
    }
}
