//! Whole runs in a small world: every sentence here is a promise of the engine.

#![cfg(test)]

mod alarm;
mod approval;
mod budget;
mod case_file;
mod children;
mod children_in_doubt;
mod crash;
mod decision;
mod doubt;
mod doubt_stays;
mod exception;
mod failures;
mod flows;
mod found;
mod gate;
mod link;
mod listen;
mod meanwhile;
mod people;
mod private;
mod rerun;
mod schema;
mod signals;
mod steps;
mod toy;
mod undo;
mod walk;
mod whole;
