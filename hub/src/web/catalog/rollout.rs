//! 分批推送: how far each node has come with the newest release and why it refused one, and giving it to more of them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, PageError, PageFailure as _, Posted, Tone, check_box, notice, sure, token};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use super::View;
use crate::ops::nodes::{CatalogRow, Row};
use crate::ops::rollout::widen;
use crate::web::Context;

/// The regions that were checked.
pub(super) fn checked(typed: &Fields) -> Vec<RegionCode> {
    typed.all("to").filter_map(|code| RegionCode::new(code).ok()).collect()
}

/// Gives the newest release to more nodes, or to everybody.
pub(in crate::web) async fn post(
    cx: Context,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Publish]).await?;
    let lang = view.cx.lang();
    let (to, all) = (checked(&typed), typed.checked("all"));
    let missing = if !typed.checked("sure") {
        Some(lang.pick("请勾选“确认”后再推送", "check that you are sure"))
    } else if to.is_empty() && !all {
        Some(lang.pick("请勾选要推送的单位，或推送给全部", "check the units, or choose all"))
    } else {
        None
    };
    if let Some(missing) = missing {
        return view.show(&notice(Tone::Bad, missing), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let names: Vec<String> = to.iter().map(|code| view.region(code)).collect();
    let whom = if all { "全部".to_owned() } else { names.join("、") };
    let entry = view.cx.audit_entry("catalog_rollout", &view.name, &whom);
    match widen(&view.cx.app, &view.name, if all { &[] } else { &to }, &entry).await {
        Ok(number) => {
            let told = lang
                .pick(&format!("第 {number} 版已推送：{whom}"), &format!("release {number} is on its way"))
                .to_owned();
            Ok(view.cx.done(&format!("/catalogs/{}", view.name), &told))
        }
        Err(failure) => {
            view.cx.audit("catalog_rollout", &view.name, &failure.on_page(Lang::Zh), false).await?;
            view.show(&notice(Tone::Bad, &failure.on_page(lang)), failure.status()).await
        }
    }
}

impl View {
    /// A division's name, its code where it has none.
    pub(super) fn region(&self, code: &RegionCode) -> String {
        self.names.get(code.as_str()).cloned().unwrap_or_else(|| code.to_string())
    }

    pub(super) fn node_table(&self, rows: &[Row], head: u64) -> Markup {
        let lang = self.cx.lang();
        let own = self.cx.app.site.region();
        let active = rows.iter().filter(|row| row.status == "active");
        let states: Vec<(&Row, Option<&CatalogRow>)> = active
            .map(|row| {
                let state = row.catalogs.iter().find(|it| it.publisher == own && it.catalog == self.name);
                (row, state.filter(|state| state.due > 0))
            })
            .collect();
        let waiting: Vec<&Row> =
            states.iter().filter(|(_, state)| state.map_or(0, |state| state.due) < head).map(|(row, _)| *row).collect();
        html! {
            h2 { (lang.pick("各单位状态", "The nodes")) }
            @if states.is_empty() {
                p.empty { (lang.pick("还没有单位加入。", "Nobody has joined yet.")) }
            } @else {
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("单位", "node")) }
                        th.number scope="col" { (lang.pick("已推送版本", "given")) }
                        th scope="col" { (lang.pick("状态", "state")) }
                        th scope="col" { (lang.pick("拒收原因", "refused because")) }
                    } }
                    tbody { @for (row, state) in &states { tr {
                        th scope="row" { (row.name) }
                        td.number { (state.map_or_else(|| "—".to_owned(), |state| state.due.to_string())) }
                        td { (state.map_or_else(|| lang.pick("未推送", "not rolled out").to_owned(), |state| state.said(lang))) }
                        td { (state.map(|state| state.reason.as_str()).unwrap_or_default()) }
                    } } }
                } }
            }
            @if !waiting.is_empty() && self.cx.may(&[Duty::Publish]) { (self.rollout_form(&waiting, head)) }
        }
    }

    fn rollout_form(&self, waiting: &[&Row], head: u64) -> Markup {
        let lang = self.cx.lang();
        html! {
            h2 { (lang.pick(&format!("继续推送第 {head} 版"), &format!("Roll release {head} out further"))) }
            form.card method="post" action=(self.action("rollout")) {
                (token(&self.cx.signed))
                p { (lang.pick("下列单位还没有推送最新一版。推送后不可撤回。", "These were not given the newest release yet. Giving it cannot be taken back.")) }
                fieldset {
                    legend { (lang.pick("单位", "Units")) }
                    @for row in waiting { (check_box("to", row.region.as_str(), &row.name, "", false)) }
                }
                (sure(lang, "sure-rollout"))
                button.main { (lang.pick("推送给勾选的单位", "Give it to those checked")) }
                " "
                button name="all" value="1" { (lang.pick("推送给全部", "Give it to all")) }
            }
        }
    }
}
