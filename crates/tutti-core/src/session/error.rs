//! Why a stored run cannot be opened, in words a person can act on.

use super::FORMAT;

/// Why a stored run cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Written by another release with another format.
    #[error("the run is stored in format {found}, this release reads {FORMAT}")]
    Format {
        /// What was found.
        found: u32,
    },
    /// What is stored is no row.
    #[error("the row of the run cannot be read: {reason}")]
    Row {
        /// What is wrong with it.
        reason: String,
    },
    /// Chunks are missing or were changed.
    #[error("the journal's hash chain is broken at chunk {chunk}")]
    Chain {
        /// The chunk, or the number of chunks for the open records.
        chunk: usize,
    },
    /// The records are whole, and one of them means nothing to this release.
    #[error("record {seq} of the journal cannot be read: {reason}")]
    Record {
        /// Its place, from 1.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl SessionError {
    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Format { .. } => "format",
            Self::Row { .. } => "row",
            Self::Chain { .. } => "chain",
            Self::Record { .. } => "record",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Format { found } if *found > FORMAT => {
                "a later release wrote it: deploy that release again, and the run goes on"
            }
            Self::Format { .. } | Self::Record { .. } => {
                "deploy the release that wrote it, let the run end there, then this one"
            }
            Self::Row { .. } | Self::Chain { .. } => {
                "what is stored was damaged; nothing is done with it, so that nothing is done twice"
            }
        }
    }
}
