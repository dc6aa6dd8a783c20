//! 绩效目标: what a project is for and what it is to reach. Its lines are the project's indicators; the texts around them
//! are a [`crate::project_form::ProjectForm`].

mod advice;

pub use advice::{Advice, TargetDoubt, advise, doubt};
