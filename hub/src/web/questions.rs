//! 指导: the counties' questions, the open ones first; the notices and answers that went out; and writing a notice.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{
    Field, Fields, LongText, PageError, PageFailure as _, Posted, Tone, check_box, notice, sure, token,
};
use tongpin_domain::catalog::Audience;
use tongpin_domain::guidance::{LONGEST_TEXT, LONGEST_TITLE, Notice, Unfit, unfit};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::rollup::children;

use super::{Context, WORK};
use crate::failure::Failure;
use crate::ops::guidance::{self, Inquiry, Published};

/// The most notices on the page; the older ones are in the catalog.
const SHOWN: usize = 50;

/// The page.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    show(&cx, &Fields::default(), &[], (StatusCode::OK, html! {})).await
}

async fn show(
    cx: &Context,
    typed: &Fields,
    wrong: &[Unfit],
    told: (StatusCode, Markup),
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let questions = guidance::questions(&cx.app).await?;
    let notices = guidance::notices(&cx.app).await?;
    let regions = cx.app.regions().await?;
    let (open, answered): (Vec<&Inquiry>, Vec<&Inquiry>) = questions.iter().partition(|asked| asked.answers.is_empty());
    let body = html! {
        (told.1)
        h2 { (lang.pick("待答复的提问", "Open questions")) }
        @if open.is_empty() {
            p.empty { (lang.pick("没有待答复的提问；区县提问后会出现在这里", "None. What counties ask appears here.")) }
        } @else { (table(&open, &regions, lang)) }
        @if cx.may(&[Duty::Publish]) { (form(cx, &regions, typed, wrong)) }
        h2 { (lang.pick("已发布的通知与答复", "Notices and answers")) }
        @if notices.is_empty() { p.empty { (lang.pick("还没有发布过", "Nothing has been published.")) } }
        @for one in notices.iter().take(SHOWN) { (published(one, &regions, lang)) }
        @if notices.len() > SHOWN {
            p { a href="/catalogs/notices" { (lang.pick("更早的见目录“通知与答复”", "Older ones are in the catalog.")) } }
        }
        @if !answered.is_empty() {
            h2 { (lang.pick("已答复的提问", "Answered questions")) }
            (table(&answered, &regions, lang))
        }
    };
    Ok(cx.page(lang.pick("指导", "Questions")).status(told.0).show(&body))
}

fn table(questions: &[&Inquiry], regions: &Regions, lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("标题", "title")) }
                th scope="col" { (lang.pick("提问单位", "asked by")) }
                th scope="col" { (lang.pick("收到时间", "received")) }
                th scope="col" { (lang.pick("专家", "expert")) }
                th scope="col" { (lang.pick("状态", "state")) }
            } }
            tbody { @for asked in questions {
                tr {
                    th scope="row" { a href=(format!("/questions/{}", asked.question.key)) { (asked.question.title) } }
                    td { (regions.name(&asked.question.region)) }
                    td.when { (asked.received_at) }
                    td { @if asked.expert.is_empty() { "—" } @else { (asked.expert) } }
                    td {
                        @if asked.answers.is_empty() { span class="mark warn" { (lang.pick("待答复", "open")) } }
                        @else { span class="mark good" { (lang.pick("已答复", "answered")) } }
                    }
                }
            } }
        } }
    }
}

/// A notice or answer with whom it is for.
pub(super) fn published(one: &Published, regions: &Regions, lang: Lang) -> Markup {
    let to = |audience: &Audience| match audience {
        Audience::Everyone => lang.pick("全部区县", "every county").to_owned(),
        Audience::PublisherOnly => lang.pick("仅本级", "nobody else").to_owned(),
        Audience::Region(region) => regions.name(region),
    };
    let to: Vec<String> = one.to.iter().map(to).collect();
    html! {
        section.notice {
            h3 { (one.notice.title) }
            p.hint { (one.notice.at) "　" (one.notice.by) "　" (lang.pick("发给：", "to: ")) (to.join(lang.pick("、", ", "))) }
            p.said { (one.notice.text) }
            @if let Some(key) = &one.notice.answers {
                p { a href=(format!("/questions/{key}")) { (lang.pick("查看提问", "the question")) } }
            }
            @if let Some(id) = &one.notice.reminds {
                p { span class="mark" { (lang.pick("催报", "reminder")) } " "
                    a href=(format!("/collections/{id}")) { (lang.pick("查看归集任务", "the collection")) } }
            }
        }
    }
}

/// Writing a notice: what, and to whom.
fn form(cx: &Context, regions: &Regions, typed: &Fields, wrong: &[Unfit]) -> Markup {
    let lang = cx.lang();
    let (title, text) = (error(wrong, true, lang), error(wrong, false, lang));
    let chosen: Vec<&str> = typed.all("to").collect();
    html! {
        h2 { (lang.pick("发布通知", "Publish a notice")) }
        form.card method="post" action="/questions/notices" data-keep {
            (token(&cx.signed))
            (title_field(typed.raw("title"), &title, lang))
            (text_field(typed.raw("text"), &text, lang))
            fieldset {
                legend { (lang.pick("发给", "To")) }
                (check_box("to", "all", lang.pick("全部区县", "every county"), "", chosen.contains(&"all")))
                @for code in children(regions, &cx.app.site.region()) {
                    (check_box("to", code.as_str(), &regions.name(&code), "", chosen.contains(&code.as_str())))
                }
            }
            p.hint { (lang.pick("通知不是规则，有发布岗位的一人即可发布；发布后签名下发，不能撤回，只能另发更正",
                "A notice is no rule: one person may publish it. It is signed and cannot be taken back, only corrected.")) }
            (sure(lang, "sure-notice"))
            button.main { (lang.pick("发布通知", "Publish")) }
        }
    }
}

/// What is wrong with the title, or with the text.
pub(super) fn error(wrong: &[Unfit], title: bool, lang: Lang) -> String {
    let of: Vec<String> = wrong.iter().filter(|it| it.of_title() == title).map(|it| it.say(lang)).collect();
    of.join(lang.pick("；", "; "))
}

/// The box for a title.
pub(super) fn title_field(value: &str, error: &str, lang: Lang) -> Markup {
    let hint = lang
        .pick(&format!("一行，最长 {LONGEST_TITLE} 个字"), &format!("one line, at most {LONGEST_TITLE}"))
        .to_owned();
    let label = lang.pick("标题", "Title");
    Field { name: "title", label, value, hint: &hint, error, ..Field::default() }.draw()
}

/// The box for a text.
pub(super) fn text_field(value: &str, error: &str, lang: Lang) -> Markup {
    let hint = lang
        .pick(&format!("纯文字，最长 {LONGEST_TEXT} 个字"), &format!("plain text, at most {LONGEST_TEXT}"))
        .to_owned();
    let label = lang.pick("内容", "Text");
    LongText { name: "text", label, value, hint: &hint, error, longest: LONGEST_TEXT }.draw()
}

/// Publishes a notice.
pub(super) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Publish]).await?;
    let lang = cx.lang();
    let (title, text) = (typed.text("title"), typed.text("text").replace("\r\n", "\n"));
    let everybody = typed.all("to").any(|to| to == "all");
    let mut to: Vec<RegionCode> = typed.all("to").filter_map(|code| RegionCode::new(code).ok()).collect();
    to.retain(|region| region.within(&cx.app.site.region()));
    to = cx.app.site.addressed(&to).await.map_err(Failure::from)?;
    let wrong = unfit(title, &text);
    let problem = match (wrong.is_empty(), everybody || !to.is_empty(), typed.checked("sure")) {
        (false, _, _) => Some(lang.pick("没有发布：请按各栏提示更正", "not published: see the fields")),
        (true, false, _) => Some(lang.pick("没有发布：请选择发给谁", "not published: choose to whom")),
        (true, true, false) => Some(lang.pick("没有发布：请勾选“确认”", "not published: be sure")),
        (true, true, true) => None,
    };
    if let Some(problem) = problem {
        let told = (StatusCode::UNPROCESSABLE_ENTITY, notice(Tone::Bad, problem));
        return show(&cx, &typed, &wrong, told).await;
    }
    let by = cx.person().name;
    let written = Notice { title: title.to_owned(), text, by, at: cx.app.site.now(), answers: None, reminds: None };
    if everybody {
        to.clear();
    }
    let entry = cx.audit_entry("notice_publish", title, "");
    let told = match guidance::publish(&cx.app, &written, &to, &entry).await {
        Ok(_) => {
            let said = lang.pick("已发布，正在送达各单位", "published, and on its way");
            return Ok(cx.done("/questions", said));
        }
        Err(failure) => {
            let detail = failure.on_page(Lang::Zh);
            cx.audit("notice_publish", title, &detail, false).await?;
            (failure.status(), notice(Tone::Bad, &failure.on_page(lang)))
        }
    };
    show(&cx, &typed, &[], told).await
}
