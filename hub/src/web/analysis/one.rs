//! The analysis of one collection: by the method it was made for, or by any dimension it was collected by.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Ask, Asked, CSV, Cell, Filter, ListColumn, Listing, attachment, search};
use tongpin_console::web::{PageError, PageFailure as _, Tone, notice};
use tongpin_domain::collection::{Collection, Records, Table};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rollup::{By, FundLine, Method, pivot};
use tongpin_domain::rules::RuleSet;

use super::super::Context;
use super::super::WORK;
use super::super::rows::chosen;
use super::dimension::{self, Dimension};
use super::view::{DIMENSIONS, View, names};
use super::{before, documents, funds, league, picture};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use crate::ops::rollup::{self, Computed, Figures, RolledUp};

/// What a page shows of a view.
struct Drawn<'a> {
    columns: Vec<ListColumn<'a>>,
    rows: Vec<Vec<Cell>>,
    /// A row below the others, whatever they are sorted by.
    last: Option<Vec<Cell>>,
    head: Vec<String>,
    filter: Markup,
    pictures: Markup,
}

/// The page.
pub(in crate::web) async fn get(cx: Context, Path(id): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let lang = cx.lang();
    let analysis = Analysis { app: &cx.app, id: &id, asked: &asked, drafts: cx.may(&[Duty::Enter]), lang };
    let evidence = Collected::gather(&cx.app, &id).await?;
    let collection = evidence.collection.clone();
    let view = View::of_word(&collection, asked.text("by"));
    let view = view.ok_or_else(|| Failure::input("这个任务没有可汇总的表", "there is nothing to analyse"))?;
    let drawn = analysis.draw(&collection, evidence, &view).await;
    let title = format!("{}{}", lang.pick("汇总分析：", "Analysis: "), collection.title);
    let body = match drawn {
        // No reports, no rules: the other views and the reason are still worth showing.
        Err(failure) => html! {
            (analysis.tabs(&collection, &view))
            (notice(Tone::Warn, &failure.on_page(lang)))
        },
        Ok(drawn) => {
            let (mut rows, total) = chosen(drawn.rows, &drawn.columns, &asked);
            rows.extend(drawn.last);
            let empty = lang.pick(
                "还没有可汇总的上报：区县上报后这里就有数。",
                "Nothing to roll up yet: counties have to report first.",
            );
            let listing = Listing { title: &title, columns: &drawn.columns, rows: &rows, total, empty };
            if let Some(file) = listing.exported(&asked, lang) {
                return Ok(file);
            }
            html! {
                @for line in &drawn.head { p { (line) } }
                (analysis.tabs(&collection, &view))
                (drawn.filter)
                (listing.draw(&asked, lang))
                @if total > 0 { (drawn.pictures) }
                (analysis.unavailable(&collection))
            }
        }
    };
    let body = html! {
        (body)
        div.row.noprint {
            button type="button" data-print { (lang.pick("打印", "Print")) }
            @if Method::of(&collection).is_some() {
                a href=(format!("/analysis/{id}/rollup.csv")) { (lang.pick("下载汇总表（交换格式 CSV）", "Roll-up in the exchange format (CSV)")) }
            }
            a href=(format!("/collections/{id}")) { (lang.pick("查看各单位上报", "The counties' reports")) }
            a href="/analysis" { (lang.pick("换一个归集任务", "Another collection")) }
        }
    };
    Ok(cx.page(&title).show(&body))
}

/// The roll-up as offices exchange it, the same file that the command writes.
pub(in crate::web) async fn csv(cx: Context, Path(id): Path<String>) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let computed = rollup::compute(&cx.app, &id).await?;
    Ok(attachment(computed.figures.csv(), CSV, &format!("{id}.csv")))
}

/// One look at a collection.
struct Analysis<'a> {
    app: &'a App,
    id: &'a str,
    asked: &'a Asked,
    /// Whether the reader makes collections.
    drafts: bool,
    lang: Lang,
}

impl Analysis<'_> {
    fn tabs(&self, collection: &Collection, now: &View) -> Markup {
        html! {
            nav.noprint aria-label=(self.lang.pick("汇总维度", "Dimensions")) {
                @for view in View::all(collection) {
                    a.button href=(format!("?by={}", view.word())) aria-current=[(view == *now).then_some("page")] {
                        (view.label(collection, self.lang))
                    }
                }
            }
        }
    }

    /// The dimensions that cannot be had: what was not collected apart cannot be told apart.
    fn unavailable(&self, collection: &Collection) -> Markup {
        let grouped = |field: &str| {
            field == "region" || collection.tables.iter().any(|table| table.group_by.iter().any(|by| by == field))
        };
        let lost: Vec<&str> = DIMENSIONS
            .iter()
            .filter(|(field, _, _)| !grouped(field))
            .map(|(_, zh, en)| self.lang.pick(zh, en))
            .collect();
        let names = lost.join(self.lang.pick("、", ", "));
        html! {
            @if !lost.is_empty() {
                p.hint.noprint {
                    (self.lang.pick(
                        &format!("不能按{names}汇总：本任务没有按它们分组归集，区县报来的是合计，拆不开。"),
                        &format!("Not by {names}: counties reported totals that cannot be taken apart. ")))
                    @if self.drafts {
                        a href="/collections/new?template=own" { (self.lang.pick("新建一个按它们分组的归集任务", "Make a collection grouped by them")) }
                    }
                }
            }
        }
    }

    async fn draw<'c>(
        &self,
        collection: &'c Collection,
        evidence: Collected,
        view: &View,
    ) -> Result<Drawn<'c>, Failure> {
        if let Some((table, by)) = view.table(collection).filter(|(table, _)| table.is_of_form()) {
            return self.by_form(table, by, &evidence, view).await;
        }
        let last = before::evidence(self.app, collection).await?;
        match view {
            View::Method => self.by_method(evidence, last).await,
            View::Table { .. } => self.by_dimension(evidence, last, view).await,
        }
    }

    async fn by_method(&self, evidence: Collected, last: Option<Collected>) -> Result<Drawn<'static>, Failure> {
        let lang = self.lang;
        let mut extra = vec![compared(last.as_ref(), lang)];
        let last = match last {
            Some(last) => rollup::finish(self.app, last).await.ok().map(|computed| computed.figures),
            None => None,
        };
        let computed = rollup::finish(self.app, evidence).await?;
        let spreads = picture::spreads(&computed.evidence, Some(&computed.rules), lang);
        let complete = computed.evidence.coverage.complete();
        let rules = computed.rules.clone();
        let mut drawn = match &computed.figures {
            Figures::Regions(rollup) => {
                extra.push(
                    lang.pick(
                        &format!("预算覆盖率低于 {}% 的区县不排名。", rules.ranking.coverage_pct),
                        &format!(
                            "Counties of which less than {}% of the budget is rated are not ranked.",
                            rules.ranking.coverage_pct
                        ),
                    )
                    .to_owned(),
                );
                let scores = last.as_ref().map(league::scores).unwrap_or_default();
                let mut rows = league::rows(self.id, &rollup.lines, &scores, complete, lang);
                let whole = rows.pop();
                let ratings = picture::ratings(&rollup.lines, &rules, lang);
                let pictures = html! { (picture::scores(&rollup.lines, lang)) (ratings) (spreads) };
                let filter = self.search(None);
                Drawn { columns: league::COLUMNS.to_vec(), rows, last: whole, head: Vec::new(), filter, pictures }
            }
            Figures::Funds(rollup) => {
                let scores = last.as_ref().map(funds::scores).unwrap_or_default();
                self.of_funds(&rollup.lines, &scores, &rules, &computed).await?
            }
        };
        drawn.head = RolledUp::new(computed).head(lang);
        drawn.head.extend(extra);
        Ok(drawn)
    }

    async fn of_funds(
        &self,
        lines: &[FundLine],
        scores: &BTreeMap<(String, String), rust_decimal::Decimal>,
        rules: &RuleSet,
        computed: &Computed,
    ) -> Result<Drawn<'static>, Failure> {
        let names = names(self.app, &computed.evidence.regions).await?;
        let fund = self.asked.text("fund");
        let wanted: Vec<&FundLine> = lines.iter().filter(|line| fund.is_empty() || line.fund_code == fund).collect();
        let mut codes: Vec<&str> = lines.iter().map(|line| line.fund_code.as_str()).collect();
        codes.dedup();
        let called = |code: &&str| {
            let name = names.get(*code).map_or("", String::as_str);
            ((*code).to_owned(), format!("{code} {name}"))
        };
        let choice = Filter::new("fund", self.lang.pick("专项", "Fund"), Ask::One(codes.iter().map(called).collect()));
        let pictures = if fund.is_empty() {
            picture::executions(&wanted, rules, self.lang)
        } else {
            picture::shares(&wanted, rules, self.lang)
        };
        let rows = funds::rows(self.id, &wanted, scores, &names, self.lang);
        let filter = self.search(Some(choice));
        Ok(Drawn { columns: funds::COLUMNS.to_vec(), rows, last: None, head: Vec::new(), filter, pictures })
    }

    async fn by_dimension(
        &self,
        evidence: Collected,
        last: Option<Collected>,
        view: &View,
    ) -> Result<Drawn<'static>, Failure> {
        let lang = self.lang;
        let Some((table, by)) = view.table(&evidence.collection) else {
            return Err(Failure::input("没有这个维度", "there is no such dimension"));
        };
        let reports = evidence.reports();
        let rules = rollup::rules(self.app, &evidence, &reports).await?;
        let (names, word) = (names(self.app, &evidence.regions).await?, view.word());
        let rounding = rules.rounding;
        let dimension = Dimension { id: self.id, table, by, word: &word, rounding, names: &names };
        let lines = dimension.lines(&evidence);
        let earlier = last.as_ref().map(|last| dimension.lines(last)).unwrap_or_default();
        let mut head = vec![
            lang.pick(
                "汇总方法：各单位上报的中间量相加；执行率 = Σ执行数 ÷ Σ预算数，得分按预算加权",
                "Method: what counties reported is added up; rates and scores are finished afterwards",
            )
            .to_owned(),
            format!("{}{}", lang.pick("上报情况：", "Coverage: "), evidence.coverage.say(lang)),
            compared(last.as_ref(), lang),
        ];
        if table.records == Records::Indicators {
            head.push(
                lang.pick(
                    "不同指标的单位和分值不同，数值不能相加，这里只列条数。",
                    "Values of different indicators cannot be added up: only their number is told.",
                )
                .to_owned(),
            );
        }
        let pictures = dimension.pictures(&lines, lang);
        let pictures =
            html! { @for picture in &pictures { (picture) } (picture::spreads(&evidence, Some(&rules), lang)) };
        let rows = dimension.rows(&lines, &earlier, lang);
        let (columns, filter) = (dimension::COLUMNS.to_vec(), self.search(None));
        Ok(Drawn { columns, rows, last: None, head, filter, pictures })
    }

    /// Documents need no rules: what their form lets leave is added up, and each measure is a column.
    async fn by_form<'c>(
        &self,
        table: &'c Table,
        by: By,
        evidence: &Collected,
        view: &View,
    ) -> Result<Drawn<'c>, Failure> {
        let lang = self.lang;
        let (names, word) = (names(self.app, &evidence.regions).await?, view.word());
        let side = documents::Side { id: self.id, table, word: &word, names: &names };
        let lines = pivot(&evidence.reports(), table, by, &evidence.regions);
        let head =
            vec![table.say(lang), format!("{}{}", lang.pick("上报情况：", "Coverage: "), evidence.coverage.say(lang))];
        let spreads = picture::spreads(evidence, None, lang);
        let (rows, filter) = (side.rows(&lines, lang), self.search(None));
        let columns = documents::columns(table);
        Ok(Drawn { columns, rows, last: Some(side.whole(&lines, lang)), head, filter, pictures: spreads })
    }

    fn search(&self, more: Option<Filter>) -> Markup {
        let filters: Vec<Filter> = more.into_iter().chain([Filter::words("", self.lang)]).collect();
        search(&filters, self.asked, self.lang)
    }
}

/// Which collection stands for the year before.
fn compared(last: Option<&Collected>, lang: Lang) -> String {
    match last {
        None => lang
            .pick("没有上一年度的同一归集任务，不作比较。", "The same was not collected the year before.")
            .to_owned(),
        Some(last) => {
            let (title, coverage) = (&last.collection.title, last.coverage.say(lang));
            lang.pick(&format!("与上年比较：{title}（{coverage}）"), &format!("Compared with: {title} ({coverage})"))
                .to_owned()
        }
    }
}
