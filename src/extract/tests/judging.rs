//! The weights file, and the choice of blocks.

use super::*;

use crate::extract::features::COUNT;
use crate::extract::weights::{BUILT_IN, Weights};

#[test]
fn the_built_in_weights_are_whole() {
    let weights = Weights::parse(BUILT_IN, "built-in weights").unwrap();
    assert!(weights.cue("sidebar").is_some_and(|cue| weights.cue_weights[cue as usize].any < 0.0));
    assert!(weights.cue("no-such-cue").is_none());
}

#[test]
fn a_fault_in_a_weights_file_names_its_line() {
    for (line, fault) in [
        ("bias x", "not a finite number"),
        ("bias NaN", "not a finite number"),
        ("curve 9999 0:1", "no such feature"),
        ("curve 1", "a curve needs points"),
        ("curve 1 2:0 1:0", "a curve needs points"),
        ("curve 1 2", "a point is x:y"),
        ("cue 7 nav 1", "no such distance"),
        ("word long next 1", "no such class"),
        ("weight 1", "not a weight"),
    ] {
        let message = Weights::parse(&format!("# a comment\n\n{line}\n"), "my.txt").unwrap_err().to_string();
        assert!(message.starts_with("my.txt:3: ") && message.contains(fault), "{message}");
    }
}

#[test]
fn curves_are_straight_between_points_and_flat_beyond() {
    let weights = Weights::parse("curve 0 1:10 3:20 4:0", "test").unwrap();
    let value = |x: f32| {
        let mut row = [0.0; COUNT];
        row[0] = x;
        weights.of_row(&row)
    };
    assert_eq!([0.0, 1.0, 2.0, 3.0, 3.5, 4.0, 9.0].map(value), [10.0, 10.0, 15.0, 20.0, 10.0, 0.0, 0.0]);
}

#[test]
fn a_cue_counts_once_on_the_path_and_by_distance_near_the_block() {
    let weights = Weights::parse("cue any nav -1\ncue 0 nav -8\ncue 1 nav -4\ncue any =a-0 0.5", "test").unwrap();
    let score = |html: &str| {
        let mut blocks = Blocks::default();
        blocks.read(html, 512, u64::MAX).unwrap();
        let mut path = path::Path::default();
        path.read(&blocks, html, &weights);
        path.score(&blocks, blocks.blocks[0].element)
    };
    assert_eq!(score("<p class=nav>x"), -9.0);
    assert_eq!(score("<p><b class='nav nav-1'>x"), -9.0);
    assert_eq!(score("<div class=topNav><p>x"), -5.0);
    assert_eq!(score(&format!("{}x", "<div class=nav>".repeat(500))), -1.0 - 8.0 - 2.0 * 4.0);
    assert_eq!(score("<div class=a-17><div id=A-4>x"), 0.5);
    // What a sibling says is not on the path.
    assert_eq!(score("<div><i class=nav></i><p class=a-1>x"), 0.5);
}

#[test]
fn the_choice_follows_the_expected_f1() {
    let choose = |probabilities: &[f32]| {
        let mut kept = Vec::new();
        judge::choose(probabilities, |_| 10.0, &mut kept);
        kept
    };
    // Certain blocks leave no room for one at a third; where all are doubtful, a third is worth keeping.
    assert_eq!(choose(&[0.99, 0.99, 0.33, 0.01]), [true, true, false, false]);
    assert_eq!(choose(&[0.4, 0.33, 0.33, 0.01]), [true, true, true, false]);
    // A page without any text of its own keeps nothing.
    assert_eq!(choose(&[0.05, 0.02]), [false, false]);
    assert_eq!(choose(&[]), [] as [bool; 0]);
}
