//! A small deterministic world for runs: a clock, a storage, a worker that can be killed, and an
//! outside with real state. No time passes by itself and nothing is random.

mod driver;
pub mod play;
pub mod random;
pub mod saved;
mod storage;
pub mod story;
pub mod toys;

pub use self::driver::{Broken, Driver, Mischief, Order, Stopped};
pub use self::storage::Storage;

use tutti_core::event::{Effect, Reply};

/// Where the clock starts: 2026-03-10T09:00:00Z.
pub const START: i64 = 1_773_133_200_000;

/// Everything a run can reach.
pub trait Outside {
    /// Does what an effect asks, and answers.
    fn perform(&mut self, effect: &Effect, now: i64) -> Reply;

    /// How much time passes until the answer to what was just performed is there, in milliseconds.
    fn delay_ms(&self, _effect: &Effect) -> u64 {
        0
    }
}
