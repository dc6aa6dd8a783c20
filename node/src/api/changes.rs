//! `GET /changes`: which of this node's own projects changed since a number, lines and reports by month included.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};

use super::call::{Call, asked};

/// Changes on a page unless another number is asked for, and the most that can be.
const USUAL: u64 = 200;
const MOST: u64 = 1000;

/// What can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: u64,
    limit: Option<u64>,
}

/// The changes after a number, each project once. A number from before a restored backup is told as such.
pub(super) async fn get(call: Call, query: Result<Query<Asked>, QueryRejection>) -> Result<Response, Refusal> {
    call.must(Scope::ChangesRead).await?;
    let asked = asked(query)?;
    let limit = asked.limit.unwrap_or(USUAL).clamp(1, MOST);
    let store = call.app.store();
    let last = store.last_project_change().await?;
    if asked.after > last {
        let zh =
            format!("序号 {} 还没有发出过（最新为 {last}），数据库可能恢复过备份；请从 after=0 重新读取", asked.after);
        let en = format!("number {} was never given out (the last is {last}); start again from after=0", asked.after);
        return Err(Refusal::new(StatusCode::GONE, "restart", zh, en).with("last", last.into()));
    }
    let changes = store.project_changes(&call.app.site.region(), asked.after, limit).await?;
    let next = changes.last().map_or(asked.after, |change| change.seq);
    let shown: Vec<Value> = changes
        .iter()
        .map(|it| json!({ "seq": it.seq, "project_code": it.project, "at": it.at.to_string(), "removed": it.removed }))
        .collect();
    let log = store.incarnation().await?;
    let body = json!({ "changes": shown, "next": next, "more": next < last, "log": log });
    Ok(json_response(StatusCode::OK, &body))
}
