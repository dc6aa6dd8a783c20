//! The sample data against figures that were calculated independently of this code. One binary for all golden files.

mod golden {
    pub(crate) mod doubtful;
    pub(crate) mod expected_scores;
    pub(crate) mod rollups;
    pub(crate) mod samples;
}
