//! Filters that judge a document by counting: words, lines, symbols. No model, no list of more than a few words; every threshold is an option whose default
//! is the published one.

pub mod gopher_quality;

#[cfg(test)]
mod tests;
