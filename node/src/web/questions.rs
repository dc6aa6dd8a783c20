//! 指导: notices and answers of the levels above; what this bureau asked; and asking. A question leaves only when a
//! person has seen exactly the text that leaves.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Field, LongText, PageError, Posted, Signed, Tone, filling, notice, token};
use tongpin_domain::guidance::{LONGEST_TEXT, LONGEST_TITLE, Notice, Question, Unfit, unfit};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::Regions;
use tongpin_link::question;

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, Published};
use crate::ops::questions::{self, MyQuestion};
use crate::web::parts::{Context, WORK, fact, segment};

/// Who may send a question.
const ASKERS: [Duty; 2] = [Duty::Enter, Duty::Approve];
/// How long a preview may wait before it is sent: what was seen long ago is seen again.
const PREVIEW_S: i64 = 24 * 3600;
/// Notices on the first page, and the days for which they stand there.
const NEWEST: usize = 3;
const NEW_DAYS: i64 = 30;

/// A question as it is typed.
#[derive(Default)]
struct TypedQuestion<'a> {
    title: &'a str,
    text: &'a str,
    wrong: &'a [Unfit],
}

/// The page.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let said =
        cx.lang().pick("提问已送出；答复会出现在本页和总览", "the question is on its way; the answer appears here");
    let told = if asked.text("sent").is_empty() {
        html! {}
    } else {
        notice(Tone::Good, said)
    };
    show(&cx, &TypedQuestion::default(), (StatusCode::OK, told)).await
}

async fn show(cx: &Context, typed: &TypedQuestion<'_>, told: (StatusCode, Markup)) -> Result<Response, PageError> {
    let lang = cx.lang();
    let notices = questions::notices(&cx.app).await?;
    let mine = questions::mine(&cx.app, &notices).await?;
    let regions = guidance::regions(cx.app.store()).await?;
    let parent = regions.name(&cx.app.parent.region);
    let body = html! {
        (told.1)
        h2 { (lang.pick("通知与答复", "Notices and answers")) }
        @if notices.is_empty() { p.empty { (lang.pick("还没有收到通知", "None have come yet.")) } }
        @for one in &notices { (one_notice(one, &regions, lang)) }
        @if questions::asks(&cx.app) {
            h2 { (lang.pick("我的提问", "What we asked")) }
            @if mine.is_empty() { p.empty { (lang.pick("还没有提过问题", "Nothing has been asked.")) } }
            @for one in &mine { (one_mine(one, &cx.signed, lang)) }
            @if cx.may(&ASKERS) { (form(&cx.signed, &parent, typed, lang)) }
        } @else {
            p.hint { (lang.pick(&format!("有问题请直接向{parent}提出"), &format!("Ask {parent} directly."))) }
        }
    };
    Ok(cx.page(lang.pick("指导", "Questions")).status(told.0).show(&body))
}

fn one_notice(one: &Published<Notice>, regions: &Regions, lang: Lang) -> Markup {
    html! {
        section.notice {
            h3 { (one.value.title) }
            p.hint {
                (one.value.at) "　" (regions.name(&one.publisher)) "　" (one.value.by)
                @if one.value.answers.is_some() { "　" span class="mark good" { (lang.pick("答复", "answer")) } }
                @if one.value.reminds.is_some() { "　" span class="mark warn" { (lang.pick("催报", "reminder")) } }
            }
            p.said { (one.value.text) }
            @if let Some(id) = &one.value.reminds {
                p { a href=(format!("/collections/{}", segment(id))) { (lang.pick("打开此归集任务", "Open the collection")) } }
            }
        }
    }
}

fn one_mine(one: &MyQuestion, signed: &Signed, lang: Lang) -> Markup {
    let refused = one.answers.is_empty() && !one.refused.is_empty();
    let (class, word) = match (one.answers.is_empty(), one.arrived) {
        (false, _) => ("mark good", lang.pick("已答复", "answered")),
        _ if refused => ("mark bad", lang.pick("未被接收", "not taken in")),
        (true, true) => ("mark warn", lang.pick("已送达，待答复", "arrived, not answered yet")),
        (true, false) => ("mark warn", lang.pick("正在送出", "on its way")),
    };
    html! {
        section.notice {
            h3 { (one.question.title) " " span class=(class) { (word) } }
            p.hint { (one.sent_at) "　" (one.question.asked_by) "　" (one.question.key) }
            p.said { (one.question.text) }
            @if refused { (ask_anew(one, signed, lang)) }
            @for answer in &one.answers {
                p.hint { (lang.pick("答复：", "answer: ")) (answer.title) "　" (answer.at) }
                p.said { (answer.text) }
            }
        }
    }
}

/// Why the parent did not take a question in, and the way to ask it anew: into the form, and seen again before it
/// leaves.
fn ask_anew(one: &MyQuestion, signed: &Signed, lang: Lang) -> Markup {
    html! {
        p.hint { (lang.pick("原因：", "the reason: ")) (one.refused.join(lang.pick("；", "; "))) }
        @if signed.may(&ASKERS) {
            form method="post" action="/questions" {
                (token(signed))
                input type="hidden" name="title" value=(one.question.title);
                input type="hidden" name="text" value=(one.question.text);
                button name="step" value="edit" { (lang.pick("重新提问", "Ask it anew")) }
            }
        }
    }
}

fn form(signed: &Signed, parent: &str, typed: &TypedQuestion<'_>, lang: Lang) -> Markup {
    let error = |title: bool| {
        let of: Vec<String> = typed.wrong.iter().filter(|it| it.of_title() == title).map(|it| it.say(lang)).collect();
        of.join(lang.pick("；", "; "))
    };
    let title_hint = lang
        .pick(&format!("一行，最长 {LONGEST_TITLE} 个字"), &format!("one line, at most {LONGEST_TITLE} characters"))
        .to_owned();
    let text_hint = lang
        .pick(
            &format!("纯文字，最长 {LONGEST_TEXT} 个字；会送出本级，不要写个人信息和项目明细"),
            &format!("plain text, at most {LONGEST_TEXT}; it leaves this bureau: no personal data, no project details"),
        )
        .to_owned();
    html! {
        h2 { (lang.pick(&format!("向{parent}提问"), &format!("Ask {parent}"))) }
        form.card method="post" action="/questions" data-keep {
            (token(signed))
            (Field {
                name: "title",
                label: lang.pick("标题", "Title"),
                value: typed.title,
                hint: &title_hint,
                error: &error(true),
                ..Field::default()
            }.draw())
            (LongText {
                name: "text",
                label: lang.pick("内容", "Text"),
                value: typed.text,
                hint: &text_hint,
                error: &error(false),
                longest: LONGEST_TEXT,
            }.draw())
            button.main name="step" value="preview" { (lang.pick("下一步：查看将要送出的内容", "Next: see exactly what leaves")) }
        }
    }
}

/// Shows what would leave, or sends it.
pub(super) async fn post(cx: Context, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&ASKERS).await?;
    let lang = cx.lang();
    if !questions::asks(&cx.app) {
        let told =
            notice(Tone::Bad, lang.pick("没有送出：本级的问题请直接向上级提出", "not sent: ask the parent directly"));
        return show(&cx, &TypedQuestion::default(), (StatusCode::CONFLICT, told)).await;
    }
    let text = fields.text("text").replace("\r\n", "\n");
    let title = fields.text("title");
    let again = async |wrong: &[Unfit], told: (StatusCode, Markup)| {
        show(&cx, &TypedQuestion { title, text: &text, wrong }, told).await
    };
    let now = cx.app.site.now();
    let step = fields.text("step");
    if step == "edit" {
        return again(&[], (StatusCode::OK, html! {})).await.map(filling);
    }
    let wrong = unfit(title, &text);
    if !wrong.is_empty() {
        let told = notice(Tone::Bad, lang.pick("没有送出：请按各栏提示更正", "not sent: see the fields"));
        return again(&wrong, (StatusCode::UNPROCESSABLE_ENTITY, told)).await;
    }
    if step != "send" {
        let question = Question::new(cx.app.site.region(), title, &text, &cx.person().name, now);
        return Ok(filling(preview(&cx, &question).await));
    }
    let Some(question) = seen(fields.text("at").parse::<i64>().ok(), now, |at| {
        Question::new(cx.app.site.region(), title, &text, &cx.person().name, at)
    }) else {
        let told =
            notice(Tone::Bad, lang.pick("没有送出：请重新核对将要送出的内容", "not sent: look at what leaves again"));
        return again(&[], (StatusCode::CONFLICT, told)).await;
    };
    let entry = cx.audit_entry("question_ask", &question.key, title);
    // What was sent before changes nothing and is entered already.
    let sent = cx.app.store().audited_as(&entry, question::ask(&cx.app.site, &question), |_| None).await;
    sent.map_err(Failure::from)?;
    Ok(Redirect::to("/questions?sent=1").into_response())
}

/// The question of a preview that is fresh enough; its moment is part of what was seen.
fn seen(at: Option<i64>, now: Moment, make: impl FnOnce(Moment) -> Question) -> Option<Question> {
    let at = Moment(at?);
    (0..PREVIEW_S).contains(&now.seconds_since(at)).then(|| make(at))
}

/// Everything that leaves, word for word, and the step that lets it.
async fn preview(cx: &Context, question: &Question) -> Response {
    let lang = cx.lang();
    let regions = guidance::regions(cx.app.store()).await.unwrap_or_default();
    let parent = regions.name(&cx.app.parent.region);
    let body = html! {
        (notice(Tone::Warn, lang.pick("尚未送出：请核对以下全部内容", "Not sent yet: this is all that leaves.")))
        dl {
            (fact(lang.pick("送往", "To"), &parent))
            (fact(lang.pick("提问单位", "Region"), &question.region))
            (fact(lang.pick("提问人", "Person"), &question.asked_by))
            (fact(lang.pick("写于", "Written"), question.at))
            (fact(lang.pick("编号", "Key"), &question.key))
        }
        h2 { (question.title) }
        p class="notice said" { (question.text) }
        p.hint { (lang.pick("除以上内容外没有别的内容送出；签名后送出，不能撤回，并记入审计日志和送出清单",
            "Nothing else leaves. It is signed, cannot be taken back, and is listed with all that ever left.")) }
        form.card method="post" action="/questions" {
            (token(&cx.signed))
            input type="hidden" name="title" value=(question.title);
            input type="hidden" name="text" value=(question.text);
            input type="hidden" name="at" value=(question.at.0);
            button.main name="step" value="send" { (lang.pick("送出", "Send")) }
            " "
            button name="step" value="edit" { (lang.pick("返回修改", "Go back and change it")) }
        }
    };
    cx.page(lang.pick("将要送出的提问", "What leaves")).show(&body)
}

/// The newest notices for the first page; nothing if there are none of late.
pub(crate) async fn newest(app: &App, now: Moment, lang: Lang) -> Result<Markup, Failure> {
    let mut notices = questions::notices(app).await?;
    notices.retain(|one| now.seconds_since(one.value.at) < NEW_DAYS * 24 * 3600);
    let regions = guidance::regions(app.store()).await?;
    Ok(html! {
        @if !notices.is_empty() {
            section {
                h2 { (lang.pick("近期通知与答复", "Recent notices and answers")) }
                @for one in notices.iter().take(NEWEST) { (one_notice(one, &regions, lang)) }
                p { a href="/questions" { (lang.pick("查看全部", "See all")) } }
            }
        }
    })
}
