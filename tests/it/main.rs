//! The integration tests, one module a theme.

mod common;
mod filters;
mod fixtures;
mod laws;
mod ledger;
mod looking;
mod messages;
mod pipelines;
mod real;
mod resume;
mod tidy;
mod verified;
