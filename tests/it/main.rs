//! The integration tests, one module a theme.

mod common;
mod fixtures;
mod inputs;
mod laws;
mod ledger;
mod messages;
mod pipelines;
mod real;
mod resume;
mod tidy;
