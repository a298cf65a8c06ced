use super::*;
use crate::text::hash::hash64;

fn key(n: u64) -> u64 {
    hash64(&n.to_le_bytes())
}

#[test]
fn false_alarms_stay_near_the_rate_asked_for_at_every_size_and_rate() {
    for (n, rate) in [(1_000_u64, 0.1), (20_000, 0.01), (20_000, 0.001), (200, 0.01)] {
        let mut seen = Seen::with_capacity(n as usize, rate);
        for number in 0..n {
            seen.insert(key(number));
        }
        assert!((0..n).all(|number| seen.contains(key(number))), "a key that is in is never denied");
        assert!((0.4..0.58).contains(&seen.fill_ratio()), "{}", seen.fill_ratio());
        let n_asked = 100_000;
        let alarms = (n..n + n_asked).filter(|number| seen.contains(key(*number))).count() as f64 / n_asked as f64;
        assert!(alarms < 1.5 * rate, "{alarms} for {rate} with {n} keys");
        seen.check().unwrap();
    }
}

#[test]
fn keys_that_count_up_are_spread_like_any_other() {
    let mut seen = Seen::with_capacity(10_000, 0.01);
    (0..10_000).for_each(|number| {
        seen.insert(number << 32);
    });
    let alarms = (10_000..110_000_u64).filter(|number| seen.contains(number << 32)).count();
    assert!(alarms < 1_500, "{alarms} of 100,000");
}

#[test]
fn a_filter_with_more_keys_than_it_was_made_for_says_so() {
    let mut seen = Seen::with_capacity(100, 0.01);
    (0..100).for_each(|number| {
        seen.insert(key(number));
    });
    seen.check().unwrap();
    // The same keys again change nothing.
    (0..100).for_each(|number| assert!(seen.insert(key(number))));
    seen.check().unwrap();
    (100..250).for_each(|number| {
        seen.insert(key(number));
    });
    let error = seen.check().unwrap_err().to_string();
    assert!(error.contains("made for 100 keys"), "{error}");
    assert!(0.5 < seen.fill_ratio());
}

#[test]
fn no_size_and_no_rate_breaks_it() {
    for rate in [0.0, -1.0, 1.0, 2.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300] {
        for n in [0, 1, 64] {
            let mut seen = Seen::with_capacity(n, rate);
            assert_eq!(seen.fill_ratio(), 0.0);
            assert!(!seen.insert(7), "{rate}");
            assert!(seen.insert(7) && seen.fill_ratio() < 0.5);
        }
    }
}

#[test]
fn two_filters_of_the_same_keys_agree_on_every_answer() {
    let answers = || {
        let mut seen = Seen::with_capacity(500, 0.05);
        (0..2_000).map(|number| seen.insert(key(number % 700))).collect::<Vec<bool>>()
    };
    assert_eq!(answers(), answers());
}
