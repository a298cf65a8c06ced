//! Lines of dumps: what the scan finds is what the whole grammar reads.

use super::*;
use crate::read::links::row::Row;

/// A row as the scan gives it, and as serde_json's own tree of values does; the last of two fields counts in both.
fn both(line: &str) -> (String, String) {
    let told = |row: Result<Row<'_>, &'static str>| match row {
        Ok(Row::Link { url, score, over_18, self_post }) => format!("{url} {score:?} {over_18} {self_post}"),
        Ok(Row::Domain { .. }) => "a domain".to_owned(),
        Err(reason) => reason.to_owned(),
    };
    let whole = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).map(|fields| {
        let wanted = ["url", "score", "ups", "downs", "is_self", "domain", "over_18"];
        let fields = fields.into_iter().filter(|(key, _)| wanted.contains(&key.as_str()));
        // Written again, every field has its plainest form.
        serde_json::to_string(&fields.collect::<serde_json::Map<_, _>>()).unwrap()
    });
    let expected = whole.map_or("bad-row".to_owned(), |whole| told(row::submission(whole.as_bytes(), Treatment::Keep)));
    (told(row::submission(line.as_bytes(), Treatment::Keep)), expected)
}

#[test]
fn every_way_to_write_a_submission_is_read() {
    let lines = [
        (r#"{"url":"http://a.org/1","score":3}"#, "http://a.org/1 Some(3) false false"),
        ("{ \"score\" : 3 ,\t\"url\" : \"http://a.org/1\" } ", "http://a.org/1 Some(3) false false"),
        (r#"{"url":"http:\/\/a.org\/\u00e9\u0031","score":"3"}"#, "http://a.org/é1 Some(3) false false"),
        (r#"{"u\u0072l":"http://a.org/1","sc\u006fre":3}"#, "http://a.org/1 Some(3) false false"),
        (r#"{"url":"http://a.org/\ud83d\ude00","score":3e0}"#, "http://a.org/😀 Some(3) false false"),
        (r#"{"url":"http://b.org","score":1,"score":4,"url":"http://a.org/1"}"#, "http://a.org/1 Some(4) false false"),
        (
            r#"{"media":{"url":"http://b.org","score":9},"x":[{"url":"c"},"]}"],"url":"http://a.org/1","score":3}"#,
            "http://a.org/1 Some(3) false false",
        ),
        (r#"{"title":"\"url\":\"http://b.org\",\\","score":3,"url":"http://a.org/1"}"#, "http://a.org/1 Some(3) false false"),
        (r#"{"selftext":"a backslash at the end \\\\","url":"http://a.org/1","score":3}"#, "http://a.org/1 Some(3) false false"),
        (
            r#"{"url":"http://a.org/1","score":null,"ups":"7","downs":2.9,"over_18":"True","is_self":0}"#,
            "http://a.org/1 Some(5) true false",
        ),
        (
            r#"{"url":"http://a.org/1","score":99999999999999999999,"over_18":1,"is_self":true}"#,
            "http://a.org/1 Some(9223372036854775807) true true",
        ),
        (r#"{"url":"http://a.org/1","score":-1.5e3,"domain":"self.rust","over_18":null}"#, "http://a.org/1 Some(-1500) false true"),
        (r#"{"url":"/r/rust/1","score":0}"#, "https://www.reddit.com/r/rust/1 Some(0) false false"),
        (r#"{"url":"http://a.org/?a&amp;b","score":0}"#, "http://a.org/?a&b Some(0) false false"),
        (r#"{"url":["http://a.org"],"score":3}"#, "no-url"),
        (r#"{"url":" ","score":3}"#, "no-url"),
        (r#"{"url":"http://a.org/1","score":{"a":[1]}}"#, "no-score"),
        (r#"{"score":3}"#, "no-url"),
        ("{}", "no-score"),
        ("[1]", "bad-row"),
        ("not json", "bad-row"),
        (r#"{"url":"http://a.org/1","score":3"#, "bad-row"),
        (r#"{"url":"http://a.org/1","score":3,}"#, "bad-row"),
        (r#"{"url":"http://a.org/1","score":3}}"#, "bad-row"),
        (r#"{"url":"http://a.org/1" "score":3}"#, "bad-row"),
        (r#"{"url":"http://a.org/\q","score":3}"#, "bad-row"),
        (r#"{"url":"http://a.org/1","score":03}"#, "bad-row"),
        (r#"{"url":"http://a.org/1","score":}"#, "bad-row"),
    ];
    for (line, expected) in lines {
        assert_eq!(both(line), (expected.to_owned(), expected.to_owned()), "{line}");
    }
}

#[test]
fn a_line_that_is_cut_anywhere_is_a_bad_row() {
    let line = r#"{"id":"87","preview":{"images":[{"url":"x","ids":[1,2]}]},"url":"http:\/\/a.org\/a long way to the page","score":183,"edited":false}"#;
    assert!(row::submission(line.as_bytes(), Treatment::Drop).is_ok());
    for at in 0..line.len() {
        assert!(matches!(row::submission(&line.as_bytes()[..at], Treatment::Drop), Err("bad-row")), "{}", &line[..at]);
    }
}

#[test]
fn fields_in_any_order_with_anything_between_them_are_read() {
    let mut pieces = [
        r#""url":"http:\/\/a.org\/\u002f1""#,
        r#""score":12"#,
        r#""over_18":true"#,
        r#""title":"{\"url\": [\\\"""#,
        r#""urls":["url",{"url":"b"},[[]],{}]"#,
        r#""selftext":"eight by eight by eight by eight \\ and \" and \n more""#,
        r#""a":-0.5e-7"#,
    ];
    for turn in 0..pieces.len() {
        for swap in 0..pieces.len() {
            pieces.swap(turn, swap);
            let line = format!("{{{}}}", pieces.join(if swap % 2 == 0 { "," } else { " , " }));
            assert_eq!(
                both(&line),
                ("http://a.org//1 Some(12) true false".to_owned(), "http://a.org//1 Some(12) true false".to_owned()),
                "{line}"
            );
        }
    }
}

#[test]
fn bad_rows_cost_themselves_only() {
    let dump = "{\"url\":\"http://a.org/1\",\"score\":3}\nnot json\n[1]\n\n{\"score\":4}\n{\"url\":null,\"score\":4}\n{\"url\":\"http://a.org/2\"}\n{\"url\":\"http://a.org/3\",\"score\":{\"a\":[1]}}\n{\"url\":[\"x\"],\"score\":4}\n{\"url\":\"http://a.org/4\",\"score\":99999999999999999999}\n{\"url\":\"http://a.org/1\",\"score\":1";
    let (links, tally) = Files::new().reddit(dump).collect();
    assert_eq!(skipped(&tally), [("bad-row", 3), ("no-score", 2), ("no-url", 3)]);
    assert_eq!((tally.kept, sum(&links, "http://a.org/4")), (2, Some((1, 1 << 31))));
    let bytes =
        [b"{\"title\":\"\xff\",\"url\":\"http://a.org/1\",\"score\":3}\n".as_slice(), b"{\"url\":\"http://a.org/\xff\",\"score\":3}\n"]
            .concat();
    let mut files = Files::new();
    let input = files.input("RS", &bytes);
    files.sources.reddit.push(input);
    let (_, tally) = files.collect();
    assert_eq!((tally.kept, skipped(&tally)), (1, vec![("bad-row", 1)]));
    let files = Files::new().reddit("{\"url\":\"http://a.org/1\",\"score\":3}\n{\"url\":\"http://a.org/22222222222\",\"score\":3}\n");
    let (_, tally) = collect(&files.sources, Treatment::Drop, &Limits { line_bytes: 40, ..Limits::default() }).unwrap();
    assert_eq!(skipped(&tally), [("line-too-long", 1)]);
}
