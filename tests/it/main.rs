//! The integration tests, one module a theme.

mod careful;
mod common;
mod dedup_report;
mod duplicates;
mod engine;
mod filters;
mod fixtures;
mod hostile;
mod index;
mod inputs;
mod inputs_at_rest;
mod laws;
mod ledger;
mod links;
mod looking;
mod messages;
mod paragraphs;
mod pipelines;
mod real;
mod removal;
mod resume;
mod tidy;
mod verified;
mod wiki;
