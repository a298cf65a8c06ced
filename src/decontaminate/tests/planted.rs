//! The self-test tests itself: it finds what is planted, and says what it cannot.

use super::*;

fn items() -> Vec<BenchmarkItem> {
    let han = "河边的老磨坊在冬天里从来没有停过一次";
    let greek = "Ο μεγάλος δρόμος είναι μακρύς, και ο καιρός σήμερα πολύ ζεστός για τους ανθρώπους της πόλης!";
    let german = "Die größte Straße führt, wie man weiß, außen an der weißen Mühle vorbei und heißt nach ihr.";
    let texts =
        [ITEM, han, greek, german, "it's a well-known fact: <b>x</b> + y_1 == z, isn't it so (or nearly so), dear reader?", "too short"];
    let mut items: Vec<BenchmarkItem> = (1..).zip(texts).map(|(example, text)| BenchmarkItem { example, ..item(text) }).collect();
    items.push(BenchmarkItem { benchmark: "others".to_owned(), ..item(&filler(3)) });
    items
}

#[test]
fn everything_planted_is_found_in_any_script_and_nothing_else() {
    let tested = self_test(&items(), &Options::default(), 7, &str::to_owned).unwrap();
    assert_eq!((tested.found, &tested.missed), (tested.planted, &Vec::new()));
    assert_eq!((tested.planted, tested.unplanted, tested.false_alarms), (6 * 6, 36, 0));
    let riddles = &tested.benchmarks[0];
    assert_eq!((riddles.items, riddles.short_items, riddles.disturbances.len()), (6, 1, 6));
    assert!(riddles.disturbances.iter().all(|row| row.planted == 5 && row.found == 5));
    assert_eq!(
        tested.places.iter().map(|row| (row.how.as_str(), row.planted)).collect::<Vec<_>>(),
        [("start", 12), ("middle", 12), ("end", 12)]
    );
    assert_eq!(self_test(&items(), &Options::default(), 7, &str::to_owned).unwrap(), tested);
    for n in [1, 2, 8, 20] {
        let tested = self_test(&items(), &Options { n, window: 0, ..Options::default() }, 7, &str::to_owned).unwrap();
        assert!(0 < tested.planted && tested.found == tested.planted, "n = {n}: {:?}", tested.missed);
    }
}

#[test]
fn words_that_many_items_share_are_counted_and_not_planted() {
    let same: Vec<BenchmarkItem> = (1..=10).map(|example| BenchmarkItem { example, ..item(ITEM) }).collect();
    let tested = self_test(&same, &Options { max_documents: 1, ..Options::default() }, 7, &str::to_owned).unwrap();
    // Each of the 11 13-grams may stand in one text.
    assert_eq!(tested.planted + tested.benchmarks[0].shared, 60);
    assert!(tested.planted <= 11 && tested.found == tested.planted);
    let error = self_test(&same, &Options { max_documents: 0, ..Options::default() }, 7, &str::to_owned).unwrap_err().to_string();
    assert!(error.contains("max-documents = 0"), "{error}");
}

#[test]
fn what_a_build_masks_is_masked_in_what_is_planted() {
    let text = ITEM.replace("northern", "a@b.example");
    let seen = |text: &str| text.replace("a@b.example", "<mail>");
    let plain = [item(&text)];
    let tested = self_test(&plain, &Options::default(), 7, &seen).unwrap();
    assert!(tested.found < tested.planted, "{tested:?}");
    let both = [BenchmarkItem { masked: Some(seen(&text)), ..item(&text) }];
    let tested = self_test(&both, &Options::default(), 7, &seen).unwrap();
    assert_eq!((tested.planted, tested.found, tested.benchmarks[0].items), (6, 6, 1));
}
