//! The fields of a month's report, as a preview tells them.

use serde_json::{Map, Value};
use tongpin_domain::intake::Words;

use crate::sheets::template;

/// Begins the name of a line's value among the fields of an observation; its number follows.
const REACHED: &str = "reached-";

/// The fields of an observation as a preview tells them: one for each line's value, and nothing about who reported it.
pub(super) fn told(mut body: Map<String, Value>) -> Map<String, Value> {
    let mut told = Map::new();
    let outputs = body.remove("outputs").and_then(|outputs| outputs.as_array().cloned()).unwrap_or_default();
    for name in ["project_code", "year", "month", "evidence", "reported_by", "reported_at", "changed_at"] {
        body.remove(name);
    }
    told.extend(body);
    for output in outputs {
        told.insert(format!("{REACHED}{}", template::text(&output["seq"])), output["value"].clone());
    }
    told
}

/// What people call such a field, if it is a line's value.
pub(super) fn reached(field: &str) -> Option<Words> {
    let seq = field.strip_prefix(REACHED)?;
    Some(Words::new(format!("指标 {seq} 完成值"), format!("line {seq} reached")))
}
