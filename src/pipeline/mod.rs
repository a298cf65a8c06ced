//! From a recipe to a build: the recipe is checked, a plan is made of it, the plan is run, and the ledger keeps what was committed.
//! Here the rooms meet the build folder; nothing here decides anything about a text.

pub mod catalogue;
pub mod cost;
pub mod counts;
pub mod data_card;
pub mod engine;
pub mod explain;
pub mod forecast;
pub mod ledger;
pub mod manifest;
pub mod model_card;
pub mod origin;
pub mod outlook;
pub mod plan;
pub mod recipe;
pub mod registry;
pub mod report;
pub mod run;
pub mod self_test;
pub mod started;
pub mod steps;
pub mod verify;
