//! The facts below: children, releases and how far they got, collections with their coverage.

use tongpin_console::disk::shown_bytes;
use tongpin_console::page::{Cell, Fact, StatusPage, Table};
use tongpin_console::state::State;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::identity::Standing;

use super::Overview;
use crate::app::App;
use crate::ops::collections;
use crate::ops::nodes::{self, Row};
use crate::ops::status::{self, Status};
use crate::web::catalogs;

/// The facts and tables; the children only for those who follow them, what is the bureau's work only for those who do
/// it.
pub(super) fn page(app: &App, seen: &Overview, (follows, works): (bool, bool), lang: Lang) -> StatusPage {
    let (status, rows) = (&seen.status, &seen.nodes);
    let mut tables = Vec::new();
    if works {
        tables.push(collection_table(&status.collections, lang));
    }
    if follows {
        tables.push(node_table(rows, lang));
        tables.push(release_table(status, rows, works, lang));
    }
    StatusPage { facts: facts(app, status, lang), tables }
}

fn facts(app: &App, status: &Status, lang: Lang) -> Vec<Fact> {
    let counts = &status.nodes;
    let quiet = counts.connected.is_some_and(|up| up < counts.joined) || counts.current < counts.joined;
    let state = if quiet { State::Warn } else { State::Good };
    let standing = app.site.identity().standing(app.site.now());
    let certificate = match standing {
        Standing::Valid { .. } | Standing::RenewSoon { .. } => State::Good,
        Standing::Expired { .. } | Standing::NotYetValid { .. } => State::Bad,
    };
    vec![
        Fact::new(lang.pick("下级单位", "Children"), counts.said(lang), state),
        Fact::new(lang.pick("本级证书", "Certificate"), standing.say(lang), certificate),
        Fact::new(
            lang.pick("本机时钟", "This clock"),
            status.clock_jump.map_or_else(|| lang.pick("平稳", "steady").to_owned(), |jump| jump.say(lang)),
            if status.clock_jump.is_some() { State::Bad } else { State::Good },
        ),
        Fact::new(lang.pick("数据库", "Database"), shown_bytes(status.database_bytes), State::Plain),
        Fact::new(lang.pick("区划代码", "Region"), status.region.to_string(), State::Plain),
        Fact::new(lang.pick("软件", "Software"), status.software, State::Plain),
    ]
}

fn headers(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn collection_table(rows: &[collections::Row], lang: Lang) -> Table {
    let row = |row: &collections::Row| {
        let state = match row.state(Lang::En) {
            "overdue" => State::Bad,
            "under review" => State::Warn,
            _ if row.coverage.complete() => State::Good,
            _ => State::Plain,
        };
        vec![
            Cell::link(row.title.clone(), format!("/collections/{}", row.id)),
            Cell::from(row.period.clone()),
            Cell::from(row.due.clone()),
            Cell::new(row.state(lang), state),
            Cell::from(row.progress()),
            Cell::from(row.awaiting(lang)),
            Cell::from(row.missing(lang)),
        ]
    };
    Table {
        title: lang.pick("归集任务", "Collections").to_owned(),
        headers: headers(match lang {
            Lang::Zh => &["任务", "期间", "截止", "状态", "已报", "待审核", "未报单位"],
            Lang::En => &["Collection", "Period", "Due", "State", "Reported", "To review", "Missing"],
        }),
        rows: rows.iter().map(row).collect(),
        empty: lang
            .pick("还没有归集任务；在“归集”中开放", "No collections yet: open one under Collections.")
            .to_owned(),
    }
}

fn node_table(rows: &[Row], lang: Lang) -> Table {
    let row = |row: &Row| {
        let active = row.status == "active";
        let link = match (active, row.connected) {
            (true, Some(true)) => State::Good,
            (true, Some(false)) => State::Warn,
            (true, None) | (false, _) => State::Plain,
        };
        let refused = row.catalogs.iter().any(|catalog| catalog.state == "refused" && !catalog.current);
        let releases = match (active, row.current, refused) {
            (_, _, true) => State::Bad,
            (true, true, _) => State::Good,
            (true, false, _) => State::Warn,
            _ => State::Plain,
        };
        let off = row.clock_offset_ms.is_some_and(|offset| offset.unsigned_abs() > 60_000);
        vec![
            Cell::link(format!("{} {}", row.region, row.name), format!("/nodes/{}", row.region)),
            Cell::new(row.link(lang), link),
            Cell::new(row.releases(lang), releases),
            Cell::from(nodes::day(row.certificate_ends)),
            Cell::new(row.clock(lang), if off { State::Warn } else { State::Plain }),
            Cell::from(row.disk_free_bytes.map_or_else(|| "—".to_owned(), shown_bytes)),
        ]
    };
    Table {
        title: lang.pick("下级单位", "Children").to_owned(),
        headers: headers(match lang {
            Lang::Zh => &["单位", "连接", "目录", "证书到期", "时钟", "磁盘余量"],
            Lang::En => &["Bureau", "Link", "Catalogs", "Cert. ends", "Clock", "Disk free"],
        }),
        rows: rows.iter().map(row).collect(),
        empty: lang
            .pick(
                "还没有下级单位；由系统管理员在“节点”中邀请",
                "No children yet: the administrator invites them under Nodes.",
            )
            .to_owned(),
    }
}

fn release_table(status: &Status, rows: &[Row], works: bool, lang: Lang) -> Table {
    let active: Vec<&Row> = rows.iter().filter(|row| row.status == "active").collect();
    let of = |name: &str| {
        let current = |row: &&&Row| {
            let found = row.catalogs.iter().find(|one| one.publisher == status.region && one.catalog == name);
            found.is_some_and(|one| one.due > 0 && one.current)
        };
        active.iter().filter(current).count()
    };
    let row = |state: &status::CatalogState| {
        let applied = of(&state.catalog);
        let spread = match (state.number, applied == active.len()) {
            (0, _) => Cell::from("—"),
            (_, all) => {
                let spread = if all { State::Good } else { State::Warn };
                Cell::new(format!("{applied}/{}", active.len()), spread)
            }
        };
        let name = catalogs::name(&state.catalog, lang);
        vec![
            if works { Cell::link(name, format!("/catalogs/{}", state.catalog)) } else { Cell::from(name) },
            Cell::from(if state.number == 0 { "—".to_owned() } else { state.number.to_string() }),
            Cell::from(state.entries.to_string()),
            Cell::from(state.published_at.map_or_else(|| lang.pick("未发布", "never").to_owned(), |at| at.to_string())),
            spread,
            Cell::from(state.draft_said(lang)),
        ]
    };
    Table {
        title: lang.pick("目录与版本", "Catalogs and releases").to_owned(),
        headers: headers(match lang {
            Lang::Zh => &["目录", "版本", "条目", "发布时间", "已应用", "草稿"],
            Lang::En => &["Catalog", "Release", "Entries", "Published", "Applied", "Draft"],
        }),
        rows: status.catalogs.iter().map(row).collect(),
        empty: String::new(),
    }
}
