//! Tutti decides here: what a run does next, given everything that happened so far.
//!
//! This crate is pure. It reads no clock, draws no random number, makes no id of its own and does
//! no I/O; the same events give the same effects, natively and as WebAssembly.

pub mod fact;
pub mod failure;
pub mod label;
pub mod model;
pub mod operation;
pub mod problem;
pub mod schema;
pub mod view;
pub mod wire;
