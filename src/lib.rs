//! Gristmill rebuilds the data recipe of GPT, GPT-2 and GPT-3: crawl in, filtered, de-duplicated, blended training shards out.
//!
//! Modules stand in the order the data flows; ARCHITECTURE.md draws the house. The library never prints.

#![forbid(unsafe_code)]

// Ground.
pub mod document;
pub mod error;

// Floor 1.
pub mod codec;
pub mod linear;
pub mod remote;
pub mod store;
pub mod text;

// Floor 2, the rooms.
pub mod read;

pub mod extract;

pub mod language;

pub mod heuristics;

pub mod removal;

pub mod policy;

pub mod quality;

pub mod dedup;

pub mod mask;

pub mod decontaminate;

pub mod tokens;

pub mod blend;

pub mod shard;

pub mod report;

// Floor 3 and the roof.
pub mod cli;
pub mod pipeline;

pub use document::{Document, Page};
pub use error::{Error, Result};
