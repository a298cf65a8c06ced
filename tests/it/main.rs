//! The integration tests, one module a theme.

mod common;
mod fixtures;
mod laws;
mod messages;
mod pipelines;
mod real;
mod resume;
mod tidy;
