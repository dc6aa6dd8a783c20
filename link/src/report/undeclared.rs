//! What a report says beside its form: a field that this program does not know, or text that no reader would ever see.
//! Only what a collection declares is taken in, so such a report is returned and not kept. What was kept by an earlier
//! version is read as it always was.

use serde_json::Value;
use tongpin_domain::report::Report;

use super::shortened;

/// The most characters of a field's name that are told.
const LONGEST_NAME: usize = 80;
/// Bytes of spaces and the like that a report may hold beside its content.
const SLACK: usize = 1024;

/// Why a report says more than its form, in words for whoever sent it.
pub(super) fn found(payload: &[u8], report: &Report) -> Option<String> {
    let unreadable = |error: serde_json::Error| format!("上报内容无法识别：{error}");
    let (told, own) = match (serde_json::from_slice::<Value>(payload), serde_json::to_value(report)) {
        (Ok(told), Ok(own)) => (told, own),
        (Err(error), _) | (_, Err(error)) => return Some(unreadable(error)),
    };
    if let Some(name) = beyond(&told, &own) {
        let name = shortened(&name, LONGEST_NAME);
        return Some(format!("上报含有规定以外的内容（“{name}”），未接收；请核对双方软件版本后重新上报"));
    }
    // Twice the compact form leaves room for another program's way to write letters, and for nothing else.
    let compact = serde_json::to_vec(&own).map_or(0, |bytes| bytes.len());
    let most = compact.saturating_mul(2).saturating_add(SLACK);
    (payload.len() > most).then(|| {
        format!(
            "上报长 {} 字节，其中规定的内容只有 {compact} 字节，未接收；请核对双方软件版本后重新上报",
            payload.len()
        )
    })
}

/// The first name or value that the form does not have.
fn beyond(told: &Value, own: &Value) -> Option<String> {
    match (told, own) {
        (Value::Object(told), Value::Object(own)) => told.iter().find_map(|(name, value)| match own.get(name) {
            Some(known) => beyond(value, known).map(|inner| if inner.is_empty() { name.clone() } else { inner }),
            None => Some(name.clone()),
        }),
        (Value::Array(told), Value::Array(own)) if told.len() == own.len() => {
            told.iter().zip(own).find_map(|(told, own)| beyond(told, own))
        }
        _ => (told != own).then(String::new),
    }
}
