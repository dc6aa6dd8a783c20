//! 催报: who would be reminded and in which words, seen before it goes out; then a signed notice to each of them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{
    Fields, LongText, PageError, PageFailure as _, Posted, Tone, check_box, notice, sure_of, token,
};
use tongpin_domain::guidance::LONGEST_TEXT;
use tongpin_domain::lang::Lang;

use super::super::Context;
use super::one::View;
use crate::ops::collected::Collected;
use crate::ops::collections::remind::{Owing, names, owing, publish, recent, words};
use crate::ops::nodes::ago;

/// The most characters of the note, so that what the program says has room beside it.
const LONGEST_NOTE: usize = LONGEST_TEXT - 500;

/// What is seen before it goes out.
pub(in crate::web) async fn get(cx: Context, Path(id): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(&[Duty::Publish]).await?;
    let view = View::of(cx, id);
    let evidence = Collected::gather(&view.cx.app, &view.id).await?;
    let all = owing(&view.cx.app, &evidence).await?;
    let only = asked.text("to");
    let chosen = all.iter().filter(|one| only.is_empty() || one.region.as_str() == only).cloned().collect::<Vec<_>>();
    view.remind(&evidence, &all, &chosen, &Fields::default(), (StatusCode::OK, html! {})).await
}

impl View {
    async fn remind(
        &self,
        evidence: &Collected,
        all: &[Owing],
        chosen: &[Owing],
        typed: &Fields,
        told: (StatusCode, Markup),
    ) -> Result<Response, PageError> {
        let (lang, now) = (self.lang(), self.cx.app.site.now());
        let (title, text) = words(evidence, "", now);
        let lately = recent(all, now);
        let contacts = self.contacts().await?;
        let about = |one: &Owing| {
            let reminded = one.reminded_at.map(|at| ago(at, now, lang));
            let reminded = reminded.unwrap_or_else(|| lang.pick("从未", "never").to_owned());
            let heard = match contacts.get(&one.region) {
                None => lang.pick("节点未加入，收不到", "its node has not joined").to_owned(),
                Some(None) => lang.pick("节点尚未联系过", "its node was never heard of").to_owned(),
                Some(Some(at)) => format!("{}{}", lang.pick("节点上次联系 ", "last heard of "), ago(*at, now, lang)),
            };
            format!("{}{reminded}{}{heard}", lang.pick("上次催报：", "last reminded: "), lang.pick("；", "; "))
        };
        let hint = lang.pick("写在上面这段话之后，例如联系人、另定的时间", "it stands below the words above");
        let body = html! {
            (told.1)
            @if !evidence.open {
                (notice(Tone::Warn, lang.pick("此任务已关闭，不接收上报，不能催报。", "It is closed and takes no reports.")))
            } @else if all.is_empty() {
                p.empty { (lang.pick("没有未报的单位，无需催报。", "Nobody owes a report.")) }
            } @else {
                p { (lang.pick("尚未发出。下列单位会各收到一条签名通知，并在待办中首先看到，直到其上报：",
                    "Nothing has gone out yet. Each of these gets a signed notice that stands first in its list until it reports:")) }
                section.notice { p { strong { (title) } } p.said { (text) } }
                form.card method="post" action=(format!("/collections/{}/remind", self.id)) data-keep {
                    (token(&self.cx.signed))
                    fieldset {
                        legend { (lang.pick("催报哪些单位", "Whom")) }
                        @for one in all { (check_box("to", one.region.as_str(), &one.name, &about(one), chosen.contains(one))) }
                    }
                    (LongText { name: "note", label: lang.pick("附言（可不填）", "A word of your own"), value: typed.raw("note"),
                        hint, error: "", longest: LONGEST_NOTE }.draw())
                    @if !lately.is_empty() {
                        (check_box("again", "1", lang.pick("一天之内已催报过的也再催一次", "Also those that were reminded within a day"),
                            &names(&lately, lang), typed.checked("again")))
                    }
                    p.hint { (lang.pick("有发布岗位的一人即可发出；发出后不能撤回", "One person may send it. It cannot be taken back.")) }
                    (sure_of(typed, lang, "sure-remind"))
                    button.main { (lang.pick("催报", "Remind")) }
                }
            }
            p { a href=(format!("/collections/{}", self.id)) { (lang.pick("返回归集任务", "Back to the collection")) } }
        };
        Ok(self
            .cx
            .page(&format!("{}{}", lang.pick("催报：", "Remind: "), evidence.collection.title))
            .status(told.0)
            .show(&body))
    }
}

/// Sends it.
pub(in crate::web) async fn post(
    cx: Context,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Publish]).await?;
    let view = View::of(cx, id);
    let (lang, app) = (view.lang(), &view.cx.app);
    let evidence = Collected::gather(app, &view.id).await?;
    let all = owing(app, &evidence).await?;
    // Whoever has reported since the page was seen is not reminded.
    let named = |one: &&Owing| typed.all("to").any(|code| code == one.region.as_str());
    let chosen: Vec<Owing> = all.iter().filter(named).cloned().collect();
    let lately = recent(&chosen, app.site.now());
    let problem = match (chosen.is_empty(), typed.checked("sure"), lately.is_empty() || typed.checked("again")) {
        (true, _, _) => {
            lang.pick("没有催报：请至少勾选一个未报的单位", "not sent: choose somebody who is missing").to_owned()
        }
        (_, false, _) => lang.pick("没有催报：请勾选“确认”", "not sent: be sure").to_owned(),
        (_, _, false) => {
            let named = names(&lately, lang);
            lang.pick(
                &format!("没有催报：{named}一天之内已催报过；确要再催请勾选“也再催一次”，或去掉这些单位"),
                &format!("not sent: {named} were reminded within a day; say so if you mean it"),
            )
            .to_owned()
        }
        (false, true, true) => {
            let told = names(&chosen, Lang::Zh);
            let entry = view.cx.audit_entry("collection_remind", &view.id, &told);
            let by = view.cx.person().name;
            match publish(app, &evidence, &chosen, typed.text("note"), &by, &entry).await {
                Ok(_) => {
                    let count = chosen.len();
                    let zh = format!("已催报 {count} 个单位，正在送达");
                    let en = format!("{count} were reminded; it is on its way");
                    let address = format!("/collections/{}", view.id);
                    return Ok(view.cx.done(&address, lang.pick(&zh, &en)));
                }
                Err(failure) => {
                    view.cx.audit("collection_remind", &view.id, &failure.on_page(Lang::Zh), false).await?;
                    failure.on_page(lang)
                }
            }
        }
    };
    let told = (StatusCode::UNPROCESSABLE_ENTITY, notice(Tone::Bad, &problem));
    view.remind(&evidence, &all, &chosen, &typed, told).await
}
