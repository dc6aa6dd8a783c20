//! 后台任务: how what the program does by itself stands, for the system administrator and for whoever watches the
//! machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::Web;
use super::context::Context;
use super::origin::{FORWARDED_FOR, Origin};
use super::page_error::PageError;
use crate::duty::Duty;
use crate::jobs::Standing;

/// What the figures for programs are written in.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let jobs = cx.web.program().jobs.standing();
    let body = html! {
        p.hint { (lang.pick("程序自动进行的工作。每项定时查看，有相关变更时立即查看；失败的会自动重试，不需要人工启动。",
            "What the program does by itself: each job looks now and then, and at once when something changes that \
             concerns it. One that fails is tried again; nobody has to start it.")) }
        @if jobs.is_empty() {
            p.empty { (lang.pick("服务刚启动，任务还没有运行；稍后刷新本页", "The service has just started: load this page again in a moment.")) }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("任务", "Job")) }
                    th scope="col" { (lang.pick("状态", "State")) }
                    th scope="col" { (lang.pick("最近一次", "Last look")) }
                    th scope="col" { (lang.pick("最近一次成功", "Last success")) }
                    th.number scope="col" { (lang.pick("次数", "Looks")) }
                    th.number scope="col" { (lang.pick("其中失败", "Of these failed")) }
                } }
                tbody { @for standing in jobs.values() { (row(standing, lang)) } }
            } }
        }
    };
    Ok(cx.page(lang.pick("后台任务", "Background jobs")).refreshing().show(&body))
}

fn row(standing: &Standing, lang: Lang) -> Markup {
    let succeeded = standing.succeeded_at.map_or_else(|| "—".to_owned(), |at| at.to_string());
    html! {
        tr {
            th scope="row" { (lang.pick(standing.zh, standing.en)) }
            td { @match &standing.problem {
                None => span.mark.good { (lang.pick("正常", "well")) },
                Some(problem) => {
                    span.mark.bad { (lang.pick("失败", "failing")) } " " (lang.pick(&problem.zh, &problem.en))
                },
            } }
            td { (standing.looked_at) }
            td { (succeeded) }
            td.number { (standing.looks) }
            td.number { (standing.failures) }
        }
    }
}

/// The same as figures for a program that watches this machine, which calls from the machine itself: nobody else needs
/// them, and what a proxy passes on is not answered.
pub(super) async fn metrics(State(web): State<Web>, origin: Option<Extension<Origin>>, headers: HeaderMap) -> Response {
    let from_here = |origin: &Origin| origin.address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let passed_on = headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
    if passed_on || !origin.is_some_and(|Extension(origin)| from_here(&origin)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, PLAIN)], written(&web.program().jobs.standing())).into_response()
}

fn written(jobs: &BTreeMap<&'static str, Standing>) -> String {
    let mut text = String::new();
    let mut figure = |name: &str, kind: &str, help: &str, value: fn(&Standing) -> i64| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (job, standing) in jobs {
            let _ = writeln!(text, "{name}{{job=\"{job}\"}} {}", value(standing));
        }
    };
    figure("tongpin_job_looks_total", "counter", "How often a background job has looked.", |it| capped(it.looks));
    figure("tongpin_job_failures_total", "counter", "How often that failed.", |it| capped(it.failures));
    figure("tongpin_job_failing", "gauge", "1 if the last look failed.", |it| i64::from(it.problem.is_some()));
    figure("tongpin_job_last_success_seconds", "gauge", "When it last went well, in Unix time; 0 for never.", |it| {
        it.succeeded_at.map_or(0, |at| at.0.div_euclid(1000))
    });
    text
}

fn capped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
