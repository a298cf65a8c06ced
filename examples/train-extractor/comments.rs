//! The second judge: which blocks are comments of readers. No gold tells comments from all else that is left out, but most pages name them: what stands in an element named for comments and not in the gold
//! is one. Those names are withheld from the judge, whose task are pages that do not name them.

use gristmill::Result;
use gristmill::extract::comments::is_name;
use gristmill::linear::online::Options;

use crate::learn::{Block, Labelled, Learner, Pass, Table, level};

/// Comments are rare, so that it takes longer steps to know them.
const OPTIONS: Options = Options { rate: 0.1, epochs: 6, orders: 2 };

/// Lines of the file of weights; prints how many of the named comments are known without their names.
pub fn learn(learner: &Learner) -> Result<String> {
    let is_withheld: Vec<bool> =
        learner.names.iter().map(|name| name.starts_with("word ") || name.rsplit(' ').next().is_some_and(is_name)).collect();
    let page = |page: &Labelled| {
        let blocks = page.blocks.iter().map(|block| relabelled(block, &is_withheld)).collect();
        Labelled { blocks, fold: page.fold }
    };
    let mut pages: Vec<Labelled> = learner.pages.iter().map(page).collect();
    level(&mut pages);
    let learner = Learner { pages, names: learner.names.clone(), options: OPTIONS };
    let table = Table::new(&learner, |page, block| &learner.pages[page].blocks[block].row[..], Pass::First);
    let logits = learner.out_of_fold(&table, &learner.fits(&table)?);
    let (mut named, mut found, mut both) = (0.0, 0.0, 0.0);
    for (block, logit) in
        learner.pages.iter().flat_map(|page| &page.blocks).zip(logits.iter().flatten()).filter(|(block, _)| 0.0 < block.weight)
    {
        let (words, is_found) = (f64::from(block.n_words), f64::from(u8::from(0.0 < *logit)));
        named += words * block.label;
        found += words * is_found;
        both += words * is_found * block.label;
    }
    println!(
        "comments without their names, out of fold: {:.3} of the words of named ones found, {:.3} of the words found in named ones",
        both / named,
        both / found
    );
    let lines = learner.weights_lines(&table, &learner.fit(&table, None)?, ["bias", "curve"]);
    Ok(lines.lines().map(|line| format!("comments {line}\n")).collect())
}

/// A block labelled as a comment or none, without the inputs that are withheld.
fn relabelled(block: &Block, is_withheld: &[bool]) -> Block {
    let is_comment = block.is_named_comment && block.label < 0.5;
    Block {
        row: block.row,
        inputs: block.inputs.iter().copied().filter(|input| !is_withheld[*input as usize]).collect(),
        n_words: block.n_words,
        label: f64::from(u8::from(is_comment)),
        weight: if block.weight == 0.0 { 0.0 } else { f64::from(block.n_words.min(200)).sqrt() },
        is_named_comment: block.is_named_comment,
    }
}
