//! 影响测算: what the counties' documents have to do with the drafted forms, in a table that fills while they answer.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Tone, notice, token};
use tongpin_domain::form::{Answer, Count, FORMS, MOST_A_DAY, Tally};
use tongpin_domain::lang::Lang;
use tongpin_link::publish::forms::Impact;

use super::View;
use crate::ops::trials::{self, Line, Stand, Standing};
use crate::web::{Context, WORK};

/// The page, which loads itself anew.
pub(in crate::web) async fn get(cx: Context) -> Result<Response, PageError> {
    let view = View::open(cx, FORMS.to_owned(), &WORK).await?;
    view.trials(&html! {}, StatusCode::OK).await
}

/// Asks the counties, or ends that.
pub(in crate::web) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    let view = View::open(cx, FORMS.to_owned(), &[Duty::Publish]).await?;
    let (lang, app, by) = (view.cx.lang(), &view.cx.app, view.cx.person());
    let ends = typed.text("step") == "end";
    let action = if ends { "trial_end" } else { "trial_ask" };
    let entry = view.cx.audit_entry(action, &view.name, "");
    let done = if ends {
        trials::end(app, &by, &entry).await.map(|ended| {
            let (zh, en) = if ended {
                ("已结束测算", "the trials are ended")
            } else {
                ("没有正在进行的测算", "there are no trials")
            };
            (zh.to_owned(), en.to_owned())
        })
    } else {
        let asked = trials::ask(app, &by, &entry).await;
        asked.map(|count| {
            let zh = format!("已请各区县测算 {count} 张表单，结果随到随显示");
            (zh, format!("the counties are asked about {count} forms; answers show as they come"))
        })
    };
    match done {
        Ok((zh, en)) => Ok(view.cx.done(&view.action("trial"), lang.pick(&zh, &en))),
        Err(failure) => {
            view.cx.audit(action, &view.name, &failure.on_page(Lang::Zh), false).await?;
            view.trials(&notice(Tone::Bad, &failure.on_page(lang)), failure.status()).await
        }
    }
}

impl View {
    async fn trials(&self, told: &Markup, status: StatusCode) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let standing = trials::standing(&self.cx.app).await?;
        let body = html! {
            (told)
            @if standing.is_empty() {
                p.empty { (lang.pick("没有正在进行的测算；在“核对并发布”页面点“请各区县测算影响”。",
                    "No trial is under way; ask the counties on the page “Check and publish”.")) }
            }
            (self.trial_tables(&standing))
            @if !standing.is_empty() && self.cx.may(&[Duty::Publish]) {
                form method="post" action=(self.action("trial")) {
                    (token(&self.cx.signed))
                    button name="step" value="end" { (lang.pick("结束测算", "End the trials")) }
                }
            }
            p { a href=(self.action("publish")) { (lang.pick("返回核对并发布", "Back to check and publish")) } }
        };
        let title = format!("{}：{}", self.called(), lang.pick("影响测算", "trial"));
        let page = self.cx.page(&title).status(status);
        let waiting = standing.iter().any(|one| one.answered() < one.lines.len());
        Ok(if waiting { page.refreshing().show(&body) } else { page.show(&body) })
    }

    /// What the counties said so far, and the button that asks them, for whoever is about to publish.
    pub(super) async fn trial_section(&self, impacts: &[Impact]) -> Result<Markup, PageError> {
        let lang = self.cx.lang();
        if self.name != FORMS || !impacts.iter().any(trials::can_be_tried) {
            return Ok(html! {});
        }
        let standing = trials::standing(&self.cx.app).await?;
        Ok(html! {
            h2 { (lang.pick("各区县单据受影响的情况", "What it does to the counties' documents")) }
            @if standing.is_empty() {
                p { (lang.pick(
                    "各区县在自己的程序里清点，只报个数，1 至 4 份不报准数；涉及个人信息的不清点。草稿下发只供清点，不改变现行表单。",
                    "Each county counts in its own program and tells numbers only, none of them exactly where one to four \
                     documents are meant or left, and none that tells of personal fields. The draft goes down to be \
                     counted with; the forms in force stay as they are.")) }
            }
            (self.trial_tables(&standing))
            p.hint { (lang.pick(
                &format!("同一张表单，各区县每天最多测算 {MOST_A_DAY} 次，超出的次日测算。"),
                &format!("A county counts {MOST_A_DAY} drafts of one form in a day at most, and others the next day."))) }
            form method="post" action=(self.action("trial")) {
                (token(&self.cx.signed))
                button name="step" value="ask" { (lang.pick("请各区县测算影响", "Ask the counties")) }
                @if !standing.is_empty() { " " a href=(self.action("trial")) { (lang.pick("随到随看", "Watch the answers come")) } }
            }
        })
    }

    fn trial_tables(&self, standing: &[Standing]) -> Markup {
        let lang = self.cx.lang();
        html! { @for one in standing {
            h3 { (one.title) }
            p {
                (lang.pick("测算发起：", "asked: ")) (one.trial.by) " " (one.trial.at)
                (lang.pick("，当时表单目录为第 ", ", when the catalog of forms was in release ")) (one.trial.forms_at)
                (lang.pick(" 版；各单据与其填报时的版本比较", "; each document is compared with its own release"))
            }
            (outdated(one, lang))
            p role="status" { (coverage(one, lang)) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("单位", "node")) }
                    th scope="col" { (lang.pick("状态", "state")) }
                    @for tally in Tally::ALL { th.number scope="col" { (tally.text(lang)) } }
                } }
                tbody { @for line in &one.lines { tr {
                    th scope="row" { (line.name) }
                    td { (state(line, lang)) }
                    @for tally in Tally::ALL { td.number { (figure(line, tally, lang)) } }
                } } }
                tfoot { tr {
                    th scope="row" { (lang.pick("合计", "sum")) }
                    td { (one.counted()) " / " (one.lines.len()) }
                    @for tally in Tally::ALL {
                        td.number { (one.sum(tally).map_or_else(|| "—".to_owned(), |sum| sum.text(lang))) }
                    }
                } }
            } }
            p.hint { (lang.pick(
                "除单据数和无法读取外，都只数可改用新版的单据；其余仍按填报时的版本办理。未答和未授权的不计入合计，不当作零。",
                "All but the first and the last count only documents that can move to the new release; others stay as they are. \
                 Who has not answered or does not tell is not in the sum, and is not zero.")) }
        } }
    }
}

fn coverage(one: &Standing, lang: Lang) -> String {
    let (answered, counted, all) = (one.answered(), one.counted(), one.lines.len());
    let zh = format!("{answered} / {all} 个区县已答，其中 {counted} 个已测算");
    lang.pick(&zh, &format!("{answered} of {all} have answered, {counted} of them with numbers")).to_owned()
}

fn state(line: &Line, lang: Lang) -> String {
    let Some(told) = &line.answer else {
        let has = line.delivered;
        let (zh, en) = if has { ("已送达", "has the question") } else { ("未送达", "not reached") };
        return lang.pick(&format!("未答（{zh}）"), &format!("no answer yet ({en})")).to_owned();
    };
    match &told.answer {
        Answer::Counted(count) => {
            format!("{}{}{}", lang.pick("已测算 ", "counted "), told.at, left_out(count, lang))
        }
        Answer::Withheld => lang.pick("未授权", "does not tell").to_owned(),
        Answer::Unable => lang.pick("程序较旧，无法测算", "its program is too old").to_owned(),
        Answer::Postponed => {
            lang.pick("今日测算次数已满，次日自动测算", "it has counted enough today and goes on tomorrow").to_owned()
        }
    }
}

/// What of a draft that it counted a county left out.
fn left_out(count: &Count, lang: Lang) -> String {
    if count.left_out.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = count.left_out.iter().map(|tally| tally.text(lang)).collect();
    let zh = format!("；“{}”未含涉及个人信息的部分", names.join("”“"));
    lang.pick(&zh, &format!("; without what tells of personal fields: {}", names.join(", "))).to_owned()
}

/// What is to be known of numbers that were counted by another draft, or for which nothing is concerned.
fn outdated(one: &Standing, lang: Lang) -> Markup {
    let said = match one.stand {
        Stand::Current if one.renews => return html! {},
        Stand::Current => lang.pick(
            "草稿的流程中没有“改用新版表单”的步骤，已有单据都按填报时的版本办理，不受影响。",
            "No step of the draft moves documents to it: those that exist stay as they are.",
        ),
        Stand::Changed => lang.pick(
            "草稿已改动，下列结果是按当时的草稿测算的；请重新测算。",
            "The draft is another now: this was counted by what it was then. Ask again.",
        ),
        Stand::Over => lang.pick(
            "这张表单已有新版，或草稿已放弃；下列结果是按当时的草稿测算的，已经过时，测算随即结束。",
            "Something else was published of this form, or its draft is gone: this is of an older state, and ends.",
        ),
    };
    notice(Tone::Warn, said)
}

fn figure(line: &Line, tally: &Tally, lang: Lang) -> String {
    let told = line.count().and_then(|count| count.tallies.get(tally));
    told.map_or_else(|| "—".to_owned(), |counted| counted.text(lang))
}
