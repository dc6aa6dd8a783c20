//! 影响测算: what the counties' documents have to do with the drafted forms, in a table that fills while they answer.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Tone, notice, token};
use tongpin_domain::form::{Answer, FORMS, Tally};
use tongpin_domain::lang::Lang;
use tongpin_link::publish::forms::Impact;

use super::View;
use crate::ops::trials::{self, Line, Standing};
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
            let zh = format!("已请各县测算 {count} 张表单，结果随到随显示");
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
                p.empty { (lang.pick("没有正在进行的测算；在“核对并发布”页面点“请各县测算影响”。",
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
            h2 { (lang.pick("各县单据受影响的情况", "What it does to the counties' documents")) }
            @if standing.is_empty() {
                p { (lang.pick(
                    "各县在自己的程序里清点，只报个数，1 至 4 份只报“少于 5”；草稿下发只供清点，不改变现行表单。",
                    "Each county counts in its own program and tells numbers only, one to four as “fewer than 5”. The draft \
                     goes down to be counted with; the forms in force stay as they are.")) }
            }
            (self.trial_tables(&standing))
            form method="post" action=(self.action("trial")) {
                (token(&self.cx.signed))
                button name="step" value="ask" { (lang.pick("请各县测算影响", "Ask the counties")) }
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
                (lang.pick("，与第 ", ", compared with release ")) (one.trial.compared_with) (lang.pick(" 版比较", ""))
            }
            @if !one.current {
                (notice(Tone::Warn, lang.pick("草稿已改动或已不在，下列结果是按当时的草稿测算的；请重新测算。",
                    "The draft is another now, or gone: this was counted by what it was then. Ask again.")))
            }
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
                        td.number { (one.sum(tally).map_or_else(|| "—".to_owned(), |sum| trials::said(sum, lang))) }
                    }
                } }
            } }
            p.hint { (lang.pick(
                "除单据数和无法读取外，都只数可修改的单据；其余仍按填报时的版本办理。未答和未授权的不计入合计，不当作零。",
                "All but the first and the last count only documents that can be changed now; others stay as they are. Who has \
                 not answered or does not tell is not in the sum, and is not zero.")) }
        } }
    }
}

fn coverage(one: &Standing, lang: Lang) -> String {
    let (answered, counted, all) = (one.answered(), one.counted(), one.lines.len());
    let zh = format!("{answered} / {all} 个县已答，其中 {counted} 个已测算");
    lang.pick(&zh, &format!("{answered} of {all} have answered, {counted} of them with numbers")).to_owned()
}

fn state(line: &Line, lang: Lang) -> String {
    let Some(told) = &line.answer else {
        let has = line.delivered;
        let (zh, en) = if has { ("已送达", "has the question") } else { ("未送达", "not reached") };
        return lang.pick(&format!("未答（{zh}）"), &format!("no answer yet ({en})")).to_owned();
    };
    match told.answer {
        Answer::Counted(_) => format!("{}{}", lang.pick("已测算 ", "counted "), told.at),
        Answer::Withheld => lang.pick("未授权", "does not tell").to_owned(),
        Answer::Unable => lang.pick("程序较旧，无法测算", "its program is too old").to_owned(),
    }
}

fn figure(line: &Line, tally: &Tally, lang: Lang) -> String {
    let told = line.answer.as_ref().and_then(|told| match &told.answer {
        Answer::Counted(tallies) => tallies.get(tally),
        Answer::Withheld | Answer::Unable => None,
    });
    told.map_or_else(|| "—".to_owned(), |counted| counted.text(lang))
}
