use super::*;

#[test]
fn gpt2_counts_are_those_of_the_published_encoding() {
    let gpt2 = Tokenizer::new("gpt2").unwrap();
    // Known encodings: "hello world" is [31373, 995], "Hello, world!" is [15496, 11, 995, 0], five spaces before a word are a run of four and the word's own.
    for (text, n) in [("", 0), ("hello world", 2), ("Hello, world!", 4), ("a", 1), ("<|endoftext|>", 7)] {
        assert_eq!(gpt2.count(text), n, "{text:?}");
    }
}

#[test]
fn cutting_a_long_text_changes_no_count() {
    let sentence = "The miller's daughter counted 1,024 sacks; \"enough,\" she said -- then added twelve more.\n\n";
    let many = sentence.repeat(3000);
    let russian =
        "Старая мельница у реки, где работали двенадцать мастеров, стояла без дела уже семь лет: «хватит», — сказала она. ".repeat(1500);
    let chinese = "河边的老磨坊在冬天里从来没有停过，磨坊主的女儿数了一千二百袋面粉。够了！她说；然后又加了十二袋。".repeat(1500);
    for text in [&many, &russian, &chinese] {
        assert!(2 * CHUNK < text.len());
        for (name, vocabulary) in [("gpt2", "r50k_base"), ("cl100k", "cl100k_base"), ("o200k", "o200k_base")] {
            let whole = tiktoken::get_encoding(vocabulary).unwrap().encode(text);
            assert!(Tokenizer::new(name).unwrap().numbers(text).unwrap() == whole, "{name}: {}", &text[..40]);
        }
    }
}

#[test]
fn words_and_characters_count_what_they_say() {
    assert_eq!(Tokenizer::new("words").unwrap().count("It is two o'clock."), 5);
    assert_eq!(Tokenizer::new("characters").unwrap().count("東京 a"), 4);
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = Tokenizer::new("gpt5").err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("gpt2, cl100k, o200k, words, characters"));
}

#[test]
fn a_hostile_run_is_counted() {
    assert!(0 < Tokenizer::new("gpt2").unwrap().count(&"a".repeat(300_000)));
    assert!(0 < Tokenizer::new("gpt2").unwrap().count(&"東".repeat(100_000)));
}

/// Counts that OpenAI's tiktoken gave; `fixtures/tokens/reference.py` made them.
#[test]
fn counts_equal_the_python_reference() {
    let tokenizers =
        [("tokens", "gpt2"), ("cl100k", "cl100k"), ("o200k", "o200k")].map(|(column, name)| (column, Tokenizer::new(name).unwrap()));
    let mut n = 0;
    for line in include_str!("../../fixtures/tokens/counts.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        for (column, tokenizer) in &tokenizers {
            assert_eq!(tokenizer.count(text), row[column].as_u64().unwrap(), "{column}: {text:?}");
            assert_eq!(tokenizer.numbers(text).unwrap().len() as u64, row[column].as_u64().unwrap());
        }
        n += 1;
    }
    assert!(20 <= n, "{n} reference texts");
}
