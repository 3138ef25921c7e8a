//! Tutti decides here: what a run does next, given everything that happened so far.
//!
//! This crate is pure. It reads no clock, draws no random number, makes no id of its own and does
//! no I/O; the same events give the same effects, natively and as WebAssembly.
//!
//! Reading order: [`event`] is the contract, [`run`] folds events into effects, [`session`] is the
//! commit protocol around it, [`flow`] is what a run follows, [`case_file`] is a run to take along.

pub mod event;
pub mod excerpt;
pub mod run;
pub mod session;

pub mod flow;
pub mod problem;

pub mod expr;
pub mod fact;
pub mod label;

pub mod case_file;

pub mod calendar;

pub mod approval;
pub mod decision;
pub mod gate;
pub mod model;
pub mod recovery;

pub mod digest;
pub mod duration;
pub mod failure;
pub mod journal;
pub mod operation;
pub mod packed;
pub mod pointer;
pub mod private;
pub mod schema;
mod strict;
pub mod unfit;
pub mod view;
pub mod wire;
