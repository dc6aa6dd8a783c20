//! A new collection: choosing what it is made from, the form, and what would be asked, in words, before it is drafted.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, Posted, Tone, filling, notice};
use tongpin_domain::collection::Collection;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::Regions;
use tongpin_domain::rollup::{Method, children};

use super::super::Context;
use super::build::{Base, Wrong, build};
use super::form::{Filled, form};
use crate::ops::collections::{draft, of_form};

/// The page of a new collection, and who reads it.
struct NewCollection(Context);

impl NewCollection {
    async fn base(&self, word: &str) -> Result<Option<Base>, PageError> {
        Ok(Base::of_word(&self.0.app, word).await?)
    }

    /// The periods of what is published, by id.
    async fn taken(&self) -> Result<BTreeMap<String, String>, PageError> {
        let published = self.0.app.collections().await?;
        Ok(published.into_iter().map(|one| (one.collection.id, one.collection.period)).collect())
    }

    async fn regions(&self) -> Result<Regions, PageError> {
        Ok(self.0.app.regions().await?)
    }

    async fn show(&self, base: &Base, filled: &Filled, wrong: &Wrong, seen: &Markup) -> Result<Response, PageError> {
        let lang = self.0.lang();
        let regions = self.regions().await?;
        let below = children(&regions, &self.0.app.site.region());
        let counties: Vec<(String, String)> = below.iter().map(|code| (code.to_string(), regions.name(code))).collect();
        let body = html! {
            @if !wrong.is_empty() {
                (notice(Tone::Bad, lang.pick("没有保存，请改正下面标出的内容", "Not saved: correct what is marked below")))
            }
            (form(base, filled, wrong, &counties, &self.0.signed, lang))
            h2 { (lang.pick("区县会看到什么、会上报什么", "What the counties will read and report")) }
            div id="preview" { (seen) }
            p { a href="/collections/new" { (lang.pick("换一个模板", "Another template")) } }
        };
        let title = lang.pick("新建归集任务", "New collection");
        let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok(self.0.page(title).status(status).show(&body))
    }
}

/// The choice of what it is made from, or the form.
pub(in crate::web) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let writing = NewCollection(cx);
    let word = match (asked.text("template"), asked.text("from")) {
        ("", "") => return writing.choice().await,
        ("", id) => format!("from:{id}"),
        (template, _) => template.to_owned(),
    };
    let Some(base) = writing.base(&word).await? else { return writing.choice().await };
    let taken = writing.taken().await?;
    let filled = Filled::of_base(&base, &taken, writing.0.app.site.now(), writing.0.lang());
    let seen = writing.seen(&build(&filled, &base, &taken, writing.0.lang())).await?;
    writing.show(&base, &filled, &Wrong::new(), &seen).await
}

impl NewCollection {
    async fn choice(&self) -> Result<Response, PageError> {
        let lang = self.0.lang();
        let published = self.0.app.collections().await?;
        let forms = of_form::published(&self.0.app).await?;
        let forms: Vec<_> = forms.into_iter().filter(Definition::leaves_something).collect();
        let link = |address: String, name: &str, about: &str| {
            html! { li { a href=(address) { (name) } div.hint { (about) } } }
        };
        let template = |word: &str| format!("/collections/new?template={word}");
        let body = html! {
            h2 { (lang.pick("用模板", "From a template")) }
            ul {
                (link(template("county-scores"), lang.pick("区县项目自评得分", "County scores"),
                    lang.pick("每个区县的项目数、预算、得分和得分分布；先评分后加权，可以排名", "scores first, then weighted; can be ranked")))
                (link(template("fund-indicators"), lang.pick("专项资金绩效指标", "Fund indicators"),
                    lang.pick("每项专项资金的执行率和每个指标的目标值、完成值；先汇总后评分", "values first, then scored")))
            }
            @if !forms.is_empty() {
                h2 { (lang.pick("按表单归集", "From a form")) }
                ul { @for form in &forms {
                    (link(template(&format!("form:{}", form.code)), form.called(lang), if form.is_kept() {
                        lang.pick("本年度全部记录中，市级增加的、声明可以归集的字段的合计和分组",
                            "what the form lets leave of the fields that were added to it, of all records of the year")
                    } else {
                        lang.pick("已批复单据中，表单声明可以归集的合计和分组", "what the form lets leave of approved documents")
                    }))
                } }
            }
            h2 { (lang.pick("自行设计", "Of one's own making")) }
            ul { (link(template("own"), lang.pick("自行设计一张表", "A table of your own"),
                lang.pick("自选范围、分组（如主管部门、预算本）和要上报的数；可在汇总分析中按分组汇总", "choose records, groupings and measures"))) }
            @if !published.is_empty() {
                h2 { (lang.pick("以已有任务为底", "From an earlier collection")) }
                ul { @for one in &published {
                    (link(format!("/collections/new?from={}", one.collection.id), &one.collection.title,
                        &format!("{}{}", lang.pick("期间 ", "period "), one.collection.period)))
                } }
            }
            p { a href="/collections" { (lang.pick("返回归集列表", "Back to the collections")) } }
        };
        Ok(self.0.page(lang.pick("新建归集任务", "New collection")).show(&body))
    }

    /// What would be asked, or that it cannot be told yet.
    async fn seen(&self, built: &Result<Collection, Wrong>) -> Result<Markup, PageError> {
        let lang = self.0.lang();
        let regions = self.regions().await?;
        Ok(match built {
            Ok(collection) => {
                let forms = of_form::published(&self.0.app).await?;
                preview(collection, &forms, &regions, self.0.app.site.now(), lang)
            }
            Err(wrong) => html! {
                p.empty { (lang.pick("填写完整后，这里会用文字说明要区县上报什么。", "What would be asked is told here once the form is complete.")) }
                @if let Some(whole) = wrong.get("") { (notice(Tone::Warn, whole)) }
            },
        })
    }
}

/// The preview alone, as one types.
pub(in crate::web) async fn live(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let writing = NewCollection(cx);
    let Some(base) = writing.base(typed.text("base")).await? else { return Ok(writing.0.back("/collections/new")) };
    let seen = writing.seen(&build(&Filled::typed(&typed), &base, &writing.taken().await?, writing.0.lang())).await?;
    Ok(Html(html! { div id="preview" { (seen) } }.into_string()).into_response())
}

/// Puts it into the draft, or shows the form again: for the preview, or with what is wrong.
pub(in crate::web) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let writing = NewCollection(cx);
    let Some(base) = writing.base(typed.text("base")).await? else { return Ok(writing.0.back("/collections/new")) };
    let filled = Filled::typed(&typed);
    let built = build(&filled, &base, &writing.taken().await?, writing.0.lang());
    let seen = writing.seen(&built).await?;
    let collection = match built {
        Ok(collection) if typed.text("step") != "preview" => collection,
        Ok(_) => return writing.show(&base, &filled, &Wrong::new(), &seen).await.map(filling),
        Err(wrong) => return writing.show(&base, &filled, &wrong, &seen).await,
    };
    let detail = format!("{}，期间 {}，截止 {}", collection.title, collection.period, collection.due);
    let (cx, by) = (&writing.0, writing.0.person());
    let entry = cx.audit_entry("collection_draft", &collection.id, &detail);
    let added = cx.app.store().audited(&entry, draft::add(&cx.app, &collection, &by)).await;
    added?;
    Ok(cx.back("/collections/draft"))
}

/// What a collection asks, of whom, and what of it the counties let out.
pub(super) fn preview(
    collection: &Collection,
    forms: &[Definition],
    regions: &Regions,
    now: Moment,
    lang: Lang,
) -> Markup {
    let form = |code: &str| forms.iter().find(|form| form.code == code);
    let refusals = EgressContract::default().check_with(collection, form).err().unwrap_or_default();
    let names: Vec<String> = collection.audience.iter().map(|code| regions.name(code)).collect();
    let asked = if names.is_empty() {
        lang.pick("全部区县", "every county").to_owned()
    } else {
        names.join(lang.pick("、", ", "))
    };
    let smallest = collection.smallest_group;
    let method = Method::of(collection).map(|method| method.say(lang));
    html! {
        @for line in collection.say(lang).lines() { p { (line) } }
        ul {
            li { (lang.pick("归集范围：", "Asked: ")) (asked) }
            li { (lang.pick(&format!("最小分组：记录数少于 {smallest} 的分组不上报"), &format!("Groups of fewer than {smallest} records are withheld"))) }
            li { (lang.pick("接收方式：", "Accepting: ")) (collection.accepting.say(lang)) }
            li { (lang.pick("出域约定：只上报上面列明的分组合计；项目名称、项目代码、单位和说明文字一律不离开区县。",
                "Egress contract: only the totals named above leave a county; names, codes, units and texts stay.")) }
            li { @match &method {
                Some(method) => { (lang.pick("汇总方法：", "Method: ")) (method) }
                None => { (lang.pick("此任务不适用内置的计分汇总方法：汇总分析中可按区县和各分组合计，没有得分排名。",
                    "No built-in method scores it: the analysis adds it up by county and grouping, without a ranking.")) }
            } }
        }
        @if !refusals.is_empty() {
            (notice(Tone::Warn, &format!("{}{}",
                lang.pick("区县按默认的出域约定不会应答此任务：", "By the default egress contract counties will not answer it: "),
                refusals.iter().map(|refusal| refusal.say(lang)).collect::<Vec<_>>().join(lang.pick("；", "; ")))))
        }
        @if now >= collection.deadline() {
            (notice(Tone::Warn, lang.pick("截止日期已过，之后的上报都算迟报", "The due day is over: every report will count as late")))
        }
    }
}
