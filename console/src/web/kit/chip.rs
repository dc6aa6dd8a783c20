//! States as chips: a word on its colour, so that colour is never the only sign.

use maud::{Markup, html};
use tongpin_domain::form::Flow;

use crate::state::State;

/// A word on its colour.
#[must_use]
pub fn chip(text: &str, state: State) -> Markup {
    html! { span class={ "chip " (state.class()) } { (text) } }
}

/// The state of a document: what is open still has to be done, what counts is done, anything between is on its way.
#[must_use]
pub fn state_chip(flow: &Flow, name: &str) -> Markup {
    let Some(state) = flow.state(name) else { return chip(name, State::Plain) };
    let tone = match (state.open, state.counts) {
        (_, true) => State::Good,
        (true, false) => State::Warn,
        (false, false) => State::Plain,
    };
    chip(&state.title, tone)
}
