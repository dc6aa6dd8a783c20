//! One county: its link and its machine, every catalog that it should hold, and where it stands with what is asked.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::page::{self, Cell, Fact, StatusPage, Table};
use tongpin_console::state::State as Standing;
use tongpin_console::web::PageError;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::downlink::quotas_told;
use tongpin_store::{ReportMark, Verdict};

use super::nodes::READERS;
use super::overview::Overview;
use super::{Context, WORK, catalogs};
use crate::ops::nodes::{Row, day};

/// The page.
pub(super) async fn get(cx: Context, Path(region): Path<String>) -> Result<Response, PageError> {
    cx.must(&READERS).await?;
    let lang = cx.lang();
    let seen = Overview::gather(&cx.app).await?;
    let own = cx.app.site.region();
    let code = RegionCode::new(&region).ok().filter(|code| *code != own && known(&seen, code));
    let Some(code) = code else {
        let body = html! {
            p { (lang.pick("没有这个单位；请从单位列表进入。", "There is no such node; start from the list.")) }
            p { a href="/nodes" { (lang.pick("返回节点列表", "Back to the nodes")) } }
        };
        let title = lang.pick("没有此页", "No such page");
        return Ok(cx.page(title).status(StatusCode::NOT_FOUND).show(&body));
    };
    let row = seen.nodes.iter().find(|row| seen.regions.same(&row.region, &code));
    let mut tables = vec![catalog_table(row, lang)];
    if cx.may(&WORK) {
        tables.push(report_table(&seen, &code, lang));
    }
    let witness = cx.app.store().witness(&code).await?;
    let mut facts = facts(row, &code, lang);
    if row.is_some() {
        facts.push(page::witness(witness.as_ref(), lang));
        let used = cx.app.store().quotas(&code).await?;
        let said = quotas_told(&used, cx.app.site.now(), lang);
        let state = if used.iter().any(|quota| quota.refused > 0) { Standing::Warn } else { Standing::Plain };
        facts.push(Fact::new(lang.pick("今日用量", "Used today"), said, state));
    }
    let shown = StatusPage { facts, tables };
    let body = html! {
        (page::body(&shown, lang))
        (ways(row, cx.may(&WORK), lang))
    };
    let name = seen.regions.name(&code);
    Ok(cx.page(&name).show(&body))
}

/// Whether it is a division or has joined.
fn known(seen: &Overview, code: &RegionCode) -> bool {
    seen.regions.get(code).is_some() || seen.nodes.iter().any(|row| row.region == *code)
}

fn ways(row: Option<&Row>, works: bool, lang: Lang) -> Markup {
    html! {
        p.noprint {
            a href="/nodes" { (lang.pick("返回节点列表", "Back to the nodes")) }
            @if works { "　" a href="/collections" { (lang.pick("归集", "Collections")) } }
            @if row.is_none() { "　" (lang.pick("由系统管理员在节点列表中邀请。", "The system administrator invites it there.")) }
        }
    }
}

fn facts(row: Option<&Row>, code: &RegionCode, lang: Lang) -> Vec<Fact> {
    let mut facts = vec![Fact::new(lang.pick("区划代码", "Region"), code.to_string(), Standing::Plain)];
    let Some(row) = row else {
        facts.push(Fact::new(lang.pick("状况", "State"), lang.pick("未邀请", "not invited"), Standing::Plain));
        return facts;
    };
    let link = match (row.status, row.connected) {
        ("active", Some(true)) => Standing::Good,
        ("active", Some(false)) => Standing::Warn,
        _ => Standing::Plain,
    };
    let dash = || "—".to_owned();
    let software = Some(row.software.clone()).filter(|software| !software.is_empty()).unwrap_or_else(dash);
    facts.extend([
        Fact::new(lang.pick("连接", "Link"), row.link(lang), link),
        Fact::new(
            lang.pick("最近一次联系", "Last heard"),
            row.last_contact.map_or_else(dash, |at| at.to_string()),
            Standing::Plain,
        ),
        Fact::new(lang.pick("证书到期", "Certificate ends"), day(row.certificate_ends), Standing::Plain),
        Fact::new(lang.pick("时钟", "Clock"), row.clock(lang), Standing::Plain),
        Fact::new(
            lang.pick("磁盘余量", "Disk free"),
            row.disk_free_bytes.map_or_else(dash, shown_bytes),
            Standing::Plain,
        ),
        Fact::new(lang.pick("软件", "Software"), software, Standing::Plain),
    ]);
    facts
}

fn catalog_table(row: Option<&Row>, lang: Lang) -> Table {
    let line = |catalog: &crate::ops::nodes::CatalogRow| {
        let state = match (catalog.current, catalog.state) {
            (true, _) => Standing::Good,
            (false, "refused") => Standing::Bad,
            (false, _) => Standing::Warn,
        };
        vec![
            Cell::from(catalogs::name(&catalog.catalog, lang)),
            Cell::from(if catalog.due == 0 { "—".to_owned() } else { catalog.due.to_string() }),
            Cell::new(catalog.said(lang), state),
        ]
    };
    Table {
        title: lang.pick("目录", "Catalogs").to_owned(),
        headers: match lang {
            Lang::Zh => vec!["目录".into(), "应有版本".into(), "状态".into()],
            Lang::En => vec!["Catalog".into(), "Due".into(), "State".into()],
        },
        rows: row.map(|row| row.catalogs.iter().map(line).collect()).unwrap_or_default(),
        empty: lang.pick("还没有向它推送目录", "no catalog has been rolled out to it").to_owned(),
    }
}

fn report_table(seen: &Overview, code: &RegionCode, lang: Lang) -> Table {
    let rows = seen.status.collections.iter().filter_map(|row| {
        let is = |units: &[tongpin_domain::rollup::Unit]| units.iter().any(|unit| unit.code == *code);
        let coverage = &row.coverage;
        let newest = newest(&seen.marks, &row.id, code, &seen.regions);
        let (state, said) = match (is(&coverage.reported), newest.map(|mark| mark.verdict)) {
            (_, Some(Verdict::Returned)) => (Standing::Bad, lang.pick("已退回，待重报", "given back")),
            (_, Some(Verdict::Received)) => (Standing::Warn, lang.pick("已收，待审核", "awaits review")),
            (true, _) if is(&coverage.late) => (Standing::Good, lang.pick("已接收（迟报）", "accepted (late)")),
            (true, _) => (Standing::Good, lang.pick("已接收", "accepted")),
            (false, _) if !is(&coverage.missing) => return None,
            (false, _) if coverage.overdue && row.open => (Standing::Bad, lang.pick("逾期未报", "overdue")),
            (false, _) => (Standing::Plain, lang.pick("未报", "not reported")),
        };
        let came = newest.map_or_else(|| "—".to_owned(), |mark| mark.received_at.to_string());
        Some(vec![
            Cell::link(row.title.clone(), format!("/collections/{}", row.id)),
            Cell::from(row.due.clone()),
            Cell::new(said, state),
            Cell::from(newest.map_or_else(|| "—".to_owned(), |mark| mark.revision.to_string())),
            Cell::from(came),
        ])
    });
    Table {
        title: lang.pick("归集任务", "Collections").to_owned(),
        headers: match lang {
            Lang::Zh => ["任务", "截止", "状态", "最近一次", "收到时间"].map(str::to_owned).to_vec(),
            Lang::En => ["Collection", "Due", "State", "Revision", "Received"].map(str::to_owned).to_vec(),
        },
        rows: rows.collect(),
        empty: lang.pick("没有要求它上报的归集任务", "nothing is asked of it").to_owned(),
    }
}

/// The report of a region that waits for a person, else its newest, whatever was decided about it.
fn newest<'a>(
    marks: &'a [ReportMark],
    collection: &str,
    code: &RegionCode,
    regions: &Regions,
) -> Option<&'a ReportMark> {
    let of = |mark: &&ReportMark| mark.collection == collection && regions.current(&mark.region) == *code;
    marks.iter().filter(of).max_by_key(|mark| (mark.verdict == Verdict::Received, mark.revision))
}
