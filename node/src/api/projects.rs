//! `GET /projects`: the projects that this node holds, page by page in the order of their codes.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::project::{PROJECT, Project};
use tongpin_domain::region::RegionCode;

use super::call::{Call, MOST, asked, rows_asked};

/// What can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: String,
    limit: Option<u64>,
    fund: String,
    year: Option<i32>,
}

impl Asked {
    fn wants(&self, project: &Project) -> bool {
        let fund = self.fund.trim();
        (fund.is_empty() || project.fund_code == fund) && self.year.is_none_or(|year| project.fiscal_year == year)
    }
}

/// A page of projects. `next` is where the next one begins, null after the last.
pub(super) async fn get(call: Call, query: Result<Query<Asked>, QueryRejection>) -> Result<Response, Refusal> {
    call.must(Scope::ProjectsRead).await?;
    let asked = asked(query)?;
    let full = usize::try_from(rows_asked(asked.limit)).unwrap_or(usize::MAX);
    let own = call.app.site.region();
    let (mut shown, mut after) = (Vec::<Value>::new(), asked.after.trim().to_owned());
    let mut more = true;
    while more && shown.len() < full {
        let page = call.app.store().records_page(PROJECT, &after, MOST).await?;
        more = !page.is_empty();
        for record in page {
            // Of several bureaus' records of one project the first counts, as everywhere.
            if record.key == after {
                continue;
            }
            if shown.len() == full {
                more = true;
                break;
            }
            after.clone_from(&record.key);
            // What cannot be read is set aside on the pages, and takes no part here either.
            let project = serde_json::from_str::<Project>(&record.body);
            shown.extend(project.ok().filter(|project| asked.wants(project)).map(|it| row(&it, &record.author, &own)));
        }
    }
    let next = if more { Value::from(after) } else { Value::Null };
    Ok(json_response(StatusCode::OK, &json!({ "projects": shown, "next": next })))
}

fn row(project: &Project, author: &RegionCode, own: &RegionCode) -> Value {
    json!({
        "project_code": project.code,
        "project_name": project.name,
        "fiscal_year": project.fiscal_year,
        "region_code": project.region,
        "fund_code": project.fund_code,
        "fund_name": project.fund_name,
        "department": project.department,
        "implementing_unit": project.unit,
        "budget_adjusted": project.money.adjusted,
        "executed": project.money.executed,
        "author": author,
        "own": author == own,
    })
}
