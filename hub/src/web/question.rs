//! One question: what is asked, who of the roster shall look at it, and the answer, which goes down like all guidance.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Choice, Fields, PageError, PageFailure as _, Posted, Tone, notice, sure, token};
use tongpin_domain::expert::Expert;
use tongpin_domain::guidance::{LONGEST_TITLE, Notice, Unfit, unfit};
use tongpin_domain::lang::Lang;

use super::questions::{error, published, text_field, title_field};
use super::{Context, WORK};
use crate::ops::guidance::{self, Inquiry};

/// Who may say which expert shall look at a question.
const HANDLERS: [Duty; 3] = [Duty::Enter, Duty::Approve, Duty::Publish];

/// A question's page and who reads it.
struct View<'a> {
    cx: &'a Context,
    key: &'a str,
}

/// The page.
pub(super) async fn get(cx: Context, Path(key): Path<String>) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let view = View { cx: &cx, key: &key };
    view.show(&Fields::default(), &[], (StatusCode::OK, html! {})).await
}

impl View<'_> {
    /// The question, or the page that says that there is none.
    async fn found(&self) -> Result<Inquiry, PageError> {
        let all = guidance::questions(&self.cx.app).await?;
        all.into_iter().find(|asked| asked.question.key == self.key).ok_or_else(|| {
            let lang = self.cx.lang();
            let body = html! {
                p { (lang.pick("没有这条提问；请从“指导”进入。", "There is no such question; start from Questions.")) }
                p { a href="/questions" { (lang.pick("返回指导", "Back to the questions")) } }
            };
            let title = lang.pick("没有此页", "No such page");
            self.cx.page(title).status(StatusCode::NOT_FOUND).show(&body).into()
        })
    }

    async fn show(&self, typed: &Fields, wrong: &[Unfit], told: (StatusCode, Markup)) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let asked = self.found().await?;
        let regions = self.cx.app.regions().await?;
        let experts = self.cx.app.experts().await?;
        let question = &asked.question;
        let body = html! {
            (told.1)
            dl {
                div { dt { (lang.pick("提问单位", "Inquiry by")) } dd { (regions.name(&question.region)) } }
                div { dt { (lang.pick("提问人", "Person")) } dd { (question.asked_by) } }
                div { dt { (lang.pick("写于", "Written")) } dd { (question.at) } }
                div { dt { (lang.pick("收到时间", "Received")) } dd { (asked.received_at) } }
            }
            h2 { (lang.pick("内容", "What is asked")) }
            p class="notice said" { (question.text) }
            (self.expert(&asked, &experts))
            h2 { (lang.pick("答复", "Answers")) }
            @if asked.answers.is_empty() { p.empty { (lang.pick("还没有答复", "There is none yet.")) } }
            @for one in &asked.answers { (published(one, &regions, lang)) }
            @if self.cx.may(&[Duty::Publish]) {
                (self.answer(&asked, &regions.name(&question.region), typed, wrong))
            }
            @else { p.hint { (lang.pick("答复由发布岗位办理。", "Answering is for whoever publishes.")) } }
            p { a href="/questions" { (lang.pick("返回指导", "Back to the questions")) } }
        };
        Ok(self.cx.page(&question.title).status(told.0).show(&body))
    }

    /// Who of the roster shall look at it: a note among colleagues, which the county does not see.
    fn expert(&self, asked: &Inquiry, experts: &[Expert]) -> Markup {
        let lang = self.cx.lang();
        let mut options = vec![(String::new(), lang.pick("不指定", "nobody").to_owned())];
        options.extend(experts.iter().map(|expert| {
            let name = format!("{} {}", expert.expert_id, expert.display_name);
            (name.clone(), format!("{name}　{}", expert.primary_field))
        }));
        html! {
            h2 { (lang.pick("专家", "Expert")) }
            p {
                @if asked.expert.is_empty() { (lang.pick("未指定", "nobody yet")) }
                @else { (asked.expert) span.hint { "　" (lang.pick("指定人：", "named by ")) (asked.noted_by) } }
            }
            @if self.cx.may(&HANDLERS) {
                form.card method="post" action=(format!("/questions/{}/expert", self.key)) {
                    (token(&self.cx.signed))
                    (Choice {
                        name: "expert",
                        label: lang.pick("请哪位专家提出意见", "Whose opinion is wanted"),
                        options: &options,
                        value: &asked.expert,
                        hint: lang.pick("只在本级可见的备注；名单来自专家库", "A note that only this bureau sees."),
                        error: "",
                    }.draw())
                    button { (lang.pick("保存", "Save")) }
                }
            }
        }
    }

    /// Writing the answer: to whoever asked, or to everybody.
    fn answer(&self, asked: &Inquiry, name: &str, typed: &Fields, wrong: &[Unfit]) -> Markup {
        let lang = self.cx.lang();
        let proposed: String = format!("答复：{}", asked.question.title).chars().take(LONGEST_TITLE).collect();
        let title = if typed.raw("title").is_empty() && wrong.is_empty() { &proposed } else { typed.raw("title") };
        let options = [
            ("one".to_owned(), lang.pick(&format!("只发给{name}"), &format!("{name} only")).to_owned()),
            ("all".to_owned(), lang.pick("发给全部区县", "every county").to_owned()),
        ];
        html! {
            h2 { (lang.pick("写答复", "Answer it")) }
            form.card method="post" action=(format!("/questions/{}/answer", self.key)) data-keep {
                (token(&self.cx.signed))
                (title_field(title, &error(wrong, true, lang), lang))
                (text_field(typed.raw("text"), &error(wrong, false, lang), lang))
                (Choice {
                    name: "to",
                    label: lang.pick("发给", "To"),
                    options: &options,
                    value: if typed.raw("to").is_empty() { "one" } else { typed.raw("to") },
                    hint: lang.pick("发给全部区县时，提问原文不随答复下发，请在答复中写清问题",
                        "The question itself is not sent to others: say in the answer what was asked."),
                    error: "",
                }.draw())
                p.hint { (lang.pick("答复不是规则，有发布岗位的一人即可发布；发布后签名下发，不能撤回，只能再答复",
                    "An answer is no rule: one person may publish it. It is signed and cannot be taken back.")) }
                (sure(lang, "sure-answer"))
                button.main { (lang.pick("发布答复", "Publish the answer")) }
            }
        }
    }
}

/// Publishes an answer.
pub(super) async fn answer(cx: Context, Path(key): Path<String>, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Publish]).await?;
    let lang = cx.lang();
    let view = View { cx: &cx, key: &key };
    let asked = view.found().await?;
    let (title, text) = (typed.text("title"), typed.text("text").replace("\r\n", "\n"));
    let wrong = unfit(title, &text);
    let problem = match (wrong.is_empty(), typed.checked("sure")) {
        (false, _) => Some(lang.pick("没有发布：请按各栏提示更正", "not published: see the fields")),
        (true, false) => Some(lang.pick("没有发布：请勾选“确认”", "not published: be sure")),
        (true, true) => None,
    };
    if let Some(problem) = problem {
        return view.show(&typed, &wrong, (StatusCode::UNPROCESSABLE_ENTITY, notice(Tone::Bad, problem))).await;
    }
    let to = if typed.raw("to") == "all" { Vec::new() } else { vec![asked.question.region] };
    let (by, at) = (cx.person().name, cx.app.site.now());
    let written = Notice { title: title.to_owned(), text, by, at, answers: Some(key.clone()), reminds: None };
    let entry = cx.audit_entry("question_answer", &key, "");
    match guidance::publish(&cx.app, &written, &to, &entry).await {
        Ok(_) => {
            let said = lang.pick("答复已发布，正在送达", "the answer is published, and on its way");
            Ok(cx.done(&format!("/questions/{key}"), said))
        }
        Err(failure) => {
            let detail = failure.on_page(Lang::Zh);
            cx.audit("question_answer", &key, &detail, false).await?;
            let told = (failure.status(), notice(Tone::Bad, &failure.on_page(lang)));
            view.show(&typed, &[], told).await
        }
    }
}

/// Notes who of the roster shall look at it.
pub(super) async fn expert(cx: Context, Path(key): Path<String>, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&HANDLERS).await?;
    let lang = cx.lang();
    let view = View { cx: &cx, key: &key };
    let asked = view.found().await?;
    let chosen = typed.text("expert");
    let experts = cx.app.experts().await?;
    let known = experts.iter().any(|expert| format!("{} {}", expert.expert_id, expert.display_name) == chosen);
    if !chosen.is_empty() && !known {
        let said = lang.pick("没有保存：请从专家库名单中选择", "not saved: choose from the roster");
        let told = (StatusCode::UNPROCESSABLE_ENTITY, notice(Tone::Bad, said));
        return view.show(&Fields::default(), &[], told).await;
    }
    let entry = cx.audit_entry("question_expert", &key, chosen);
    let (store, by) = (cx.app.store(), cx.person().name);
    let step = store.note_expert(&asked.question.region, &key, chosen, &by);
    let noted = store.audited_if(&entry, step).await;
    noted?;
    Ok(cx.done(&format!("/questions/{key}"), lang.pick("已保存", "saved")))
}
