//! A decision: how a model is asked, and what an answer must survive before it counts.

mod check;
mod prompt;
mod quote;

pub use self::check::{Checked, check};
pub use self::prompt::{
    Shown, fence, mask_private, question_text, repair_text, schema, show, system_text,
};
