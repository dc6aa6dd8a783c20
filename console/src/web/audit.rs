//! 审计日志: searched, checked and exported by the auditor; nobody changes it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{Agreement, AuditEntry, AuditFilter};

use super::context::Context;
use super::fields::Posted;
use super::list::{Ask, Asked, CSV, Filter, pages, search};
use super::page_error::PageError;
use super::shell::{Tone, notice, token};
use crate::duty::Duty;

/// Entries read at once for an export.
const PIECE: u64 = 5_000;

/// Every action that is written down, as people call it.
const ACTIONS: &[(&str, &str, &str)] = &[
    ("sign_in", "登录", "signing in"),
    ("sign_out", "退出", "signing out"),
    ("first_account", "首次启用", "first start"),
    ("password", "修改密码", "password"),
    ("factor_on", "启用动态口令", "second factor on"),
    ("factor_off", "停用动态口令", "second factor off"),
    ("account_new", "新建账号", "new account"),
    ("account_duties", "授予岗位", "duties"),
    ("one_clerk", "登记一人经办并审核", "one clerk only"),
    ("account_reset", "重置密码", "password reset"),
    ("account_stop", "停用账号", "account stopped"),
    ("account_start", "启用账号", "account started"),
    ("page_refused", "越权访问", "page refused"),
    ("catalog_draft", "导入目录草稿", "catalog drafted"),
    ("catalog_publish", "发布目录", "catalog published"),
    ("catalog_discard", "放弃目录草稿", "draft discarded"),
    ("catalog_edit", "编辑目录条目", "entry edited"),
    ("catalog_plan", "定时发布", "release planned"),
    ("trial_ask", "请各区县测算表单影响", "trial of forms asked for"),
    ("trial_end", "结束表单影响测算", "trial of forms ended"),
    ("trial_answer", "告知表单影响测算结果", "trial of forms answered"),
    ("catalog_rollout", "推送目录", "release rolled out"),
    ("node_invite", "邀请单位", "node invited"),
    ("node_revoke", "吊销单位", "node revoked"),
    ("certificate_renew", "换发证书", "certificate renewed"),
    ("node_admit", "签发加入证书", "node admitted by file"),
    ("node_join", "加入上级", "joined its parent"),
    ("database_restore", "恢复数据库", "database restored"),
    ("database_new", "新建空数据库", "empty database made"),
    ("record_take_back", "从上级取回记录", "records taken back"),
    ("record_go_on", "恢复后不取回", "went on without"),
    ("record_settle", "处理不一致的记录", "record settled"),
    ("hub_init", "建立市级平台", "hub founded"),
    ("bundle_pack", "写出交换文件", "exchange file written"),
    ("bundle_take", "读入交换文件", "exchange file taken in"),
    ("project_new", "新建项目", "project entered"),
    ("project_save", "修改项目", "project changed"),
    ("project_export", "导出项目", "projects exported"),
    ("line_review", "人工复核", "line decided by a person"),
    ("evaluation_save", "填写自评", "self-evaluation saved"),
    ("import", "导入数据", "import"),
    ("form_fill", "导入自评表", "form imported"),
    ("goal_fill", "导入绩效目标申报表", "goal form imported"),
    ("records_export", "导出项目数据", "records exported"),
    ("score", "评分", "scoring"),
    ("score_export", "导出评分", "scores exported"),
    ("goal_save", "填写绩效目标", "goal written"),
    ("goal_lines", "修改绩效指标", "goal's indicators changed"),
    ("month_report", "按月填报", "month reported"),
    ("document_new", "新建单据", "document begun"),
    ("document_save", "填写单据", "document filled in"),
    ("document_step", "办理单据", "step of a document"),
    ("document_sheet", "导入单据表格", "document imported"),
    ("document_import", "批量导入单据", "documents imported from a table"),
    ("document_export", "导出单据", "documents exported"),
    ("evidence_read", "下载佐证材料", "evidence downloaded"),
    ("submit", "上报", "report submitted"),
    ("report_return", "退回上报", "report given back"),
    ("report_accept", "审核通过上报", "report accepted"),
    ("token_new", "发放接口令牌", "API token made"),
    ("token_revoke", "吊销接口令牌", "API token revoked"),
    ("api_write", "接口写入", "written through the API"),
    ("api_refused", "接口拒绝", "API call refused"),
    ("question_ask", "提问", "question asked"),
    ("question_answer", "答复提问", "question answered"),
    ("question_expert", "指定专家", "expert named"),
    ("notice_publish", "发布通知", "notice published"),
    ("collection_draft", "起草归集任务", "collection drafted"),
    ("collection_open", "开放归集任务", "collection opened"),
    ("collection_close", "关闭归集任务", "collection closed"),
    ("collection_reopen", "重新开放归集任务", "collection opened again"),
    ("collection_remind", "催报", "counties reminded"),
    ("audit_back", "下级审计日志变少", "a child's log went back"),
    ("audit_export", "导出审计日志", "audit log exported"),
];

/// An action as people call it; one that is new here stays a word.
#[must_use]
pub fn action_name(word: &str, lang: Lang) -> String {
    let known = ACTIONS.iter().find(|(action, _, _)| *action == word);
    known.map_or_else(|| word.to_owned(), |(_, zh, en)| lang.pick(zh, en).to_owned())
}

/// The start of a day in China, if it was typed as 2026-03-31.
pub(super) fn day(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.trim().splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()?;
    Some(date.with_time(Time::MIDNIGHT).assume_offset(UtcOffset::from_hms(8, 0, 0).ok()?))
}

fn moment(at: OffsetDateTime) -> Moment {
    Moment(at.unix_timestamp().saturating_mul(1000))
}

/// What is asked for.
fn filter(asked: &Asked) -> AuditFilter {
    let until = day(asked.text(&Filter::most("day"))).and_then(|day| day.checked_add(time::Duration::DAY));
    AuditFilter {
        text: asked.text("text").to_owned(),
        action: asked.text("action").to_owned(),
        refused_only: !asked.text("refused").is_empty(),
        from: day(asked.text(&Filter::least("day"))).map(moment),
        until: until.map(moment),
    }
}

/// The list, newest first.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&[Duty::Audit]).await?;
    show(&cx, &asked).await
}

async fn show(cx: &Context, asked: &Asked) -> Result<Response, PageError> {
    let lang = cx.lang();
    let filter = filter(asked);
    let count = cx.store().audit_count(&filter).await?;
    let seen = cx.store().witnessed().await?;
    let (offset, limit) = (asked.page().saturating_mul(asked.rows()), asked.rows());
    let entries = cx.store().audit_page(&filter, offset, limit).await?;
    let body = html! {
        @match &seen {
            Agreement::Unknown => {}
            Agreement::Agrees(_) => { p.hint { (witnessed(&seen, lang)) } }
            Agreement::Differs(_) => { (notice(Tone::Bad, &witnessed(&seen, lang))) }
        }
        (search(&filters(lang), asked, lang))
        div.row {
            form method="post" action="/audit/check" { (token(&cx.signed)) button { (lang.pick("核验完整性", "Check the chain")) } }
            form method="post" action="/audit/export.csv" { (token(&cx.signed)) button { (lang.pick("导出全部（CSV）", "Export all (CSV)")) } }
        }
        @if count == 0 {
            p.empty { (lang.pick("没有符合条件的记录；可放宽查询条件", "nothing fits; ask for less")) }
        } @else {
            (table(&entries, lang))
            (pages(asked, count, lang))
        }
    };
    Ok(cx.page(lang.pick("审计日志", "Audit log")).show(&body))
}

/// What the parent holds of this log, and whether it is here.
pub(crate) fn witnessed(seen: &Agreement, lang: Lang) -> String {
    let (zh, en) = match seen {
        Agreement::Unknown => ("上级尚未见证".to_owned(), "no parent holds its end yet".to_owned()),
        Agreement::Agrees(end) => (
            format!("上级已见证到第 {} 条（{}），与本级一致", end.number, end.at),
            format!("the parent holds its end at entry {} ({}), which is here", end.number, end.at),
        ),
        Agreement::Differs(end) => (
            format!(
                "上级见证过第 {} 条（{}），本级的日志缺少这一条或内容不同：日志末尾被删改，或数据库是旧备份恢复的；请保留数据库并立即查明",
                end.number, end.at
            ),
            format!(
                "the parent saw entry {} ({}), which is missing here or another: the end was taken off, or the database is an old copy; keep it and find out",
                end.number, end.at
            ),
        ),
    };
    lang.pick(&zh, &en).to_owned()
}

fn filters(lang: Lang) -> [Filter; 4] {
    let actions = ACTIONS.iter().map(|(word, zh, en)| ((*word).to_owned(), lang.pick(zh, en).to_owned()));
    [
        Filter::new("text", lang.pick("包含", "Contains"), Ask::Words(String::new())),
        Filter::new("action", lang.pick("操作", "Action"), Ask::One(actions.collect())),
        Filter::new("day", lang.pick("日期", "Day"), Ask::Between("date", String::new())),
        Filter::new("refused", lang.pick("只看被拒绝的", "refused only"), Ask::Only("1")),
    ]
}

fn table(entries: &[AuditEntry], lang: Lang) -> Markup {
    html! {
        div.wide.frozen {
            table {
                thead { tr {
                    th scope="col" { (lang.pick("序号", "number")) }
                    th scope="col" { (lang.pick("时间", "time")) }
                    th scope="col" { (lang.pick("账号", "account")) }
                    th scope="col" { (lang.pick("地址", "address")) }
                    th scope="col" { (lang.pick("操作", "action")) }
                    th scope="col" { (lang.pick("对象", "about")) }
                    th scope="col" { (lang.pick("说明", "detail")) }
                    th scope="col" { (lang.pick("结果", "outcome")) }
                } }
                tbody {
                    @for entry in entries {
                        tr {
                            th scope="row" { (entry.number) }
                            td.when { (entry.at) }
                            td.when { (entry.actor) }
                            td { (entry.address) }
                            td.when { (action_name(&entry.action, lang)) }
                            td { (entry.subject) }
                            td { (entry.detail) }
                            td {
                                @if entry.allowed { (lang.pick("成功", "done")) }
                                @else { span class="mark bad" { (lang.pick("拒绝", "refused")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Recomputes the whole chain.
pub(super) async fn check(cx: Context, Posted(_): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Audit]).await?;
    let lang = cx.lang();
    let broken = cx.store().audit_broken_at().await?;
    let seen = cx.store().witnessed().await?;
    let told = match broken {
        None if matches!(seen, Agreement::Differs(_)) => notice(Tone::Bad, &witnessed(&seen, lang)),
        None => notice(
            Tone::Good,
            lang.pick("已逐条核验：日志完整，未发现改动", "every entry was checked: the log is whole and unchanged"),
        ),
        Some(number) => {
            let zh = format!("第 {number} 条与前一条对不上：日志被改动或缺失，请保留数据库并立即报告");
            let en = format!(
                "entry {number} does not follow the one before: the log was changed; keep the database and report it"
            );
            notice(Tone::Bad, lang.pick(&zh, &en))
        }
    };
    Ok(cx.led_to("/audit", &told))
}

/// The whole log as a table that Excel and WPS open, with the digests that prove it.
pub(super) async fn export(cx: Context, Posted(_): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Audit]).await?;
    cx.audit("audit_export", "", "", true).await?;
    let head = ["序号", "时间", "账号", "地址", "操作", "对象", "说明", "结果", "上一条摘要", "本条摘要"];
    let mut file = CsvFile::new(head);
    let mut after = 0;
    loop {
        let entries = cx.store().audit_after(after, PIECE).await?;
        let Some(last) = entries.last() else { break };
        after = last.number;
        for entry in &entries {
            file.row(line(entry));
        }
    }
    let format = format_description!("[year][month][day]");
    let today = OffsetDateTime::from_unix_timestamp(cx.now().0 / 1000).ok().and_then(|now| now.format(format).ok());
    let name = format!("attachment; filename=\"audit-{}-{}.csv\"", cx.web.program().region, today.unwrap_or_default());
    let headers = [(header::CONTENT_TYPE, CSV.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, file.into_marked()).into_response())
}

fn line(entry: &AuditEntry) -> [String; 10] {
    [
        entry.number.to_string(),
        entry.at.to_string(),
        entry.actor.clone(),
        entry.address.clone(),
        action_name(&entry.action, Lang::Zh),
        entry.subject.clone(),
        entry.detail.clone(),
        if entry.allowed { "成功" } else { "拒绝" }.to_owned(),
        entry.previous.to_string(),
        entry.digest.to_string(),
    ]
}

#[cfg(test)]
mod tests;
