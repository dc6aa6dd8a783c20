//! The facts below: the link, the certificate, records and scores, catalogs, townships, and what is set aside.

use tongpin_console::page::{Cell, Fact, StatusPage, Table};
use tongpin_console::state::State;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::identity::Standing;

use crate::app::App;
use crate::ops::summary::Summary;
use crate::words::catalog;

/// The facts and tables; what is the bureau's work only for those who do it.
pub(super) fn page(app: &App, summary: &Summary, works: bool, lang: Lang) -> StatusPage {
    let mut tables = vec![catalogs_table(summary, lang)];
    if !summary.children.is_empty() {
        tables.push(townships(summary, lang));
    }
    if works && !summary.set_aside.is_empty() {
        tables.push(aside(summary, lang));
    }
    StatusPage { facts: facts(app, summary, works, lang), tables }
}

fn facts(app: &App, summary: &Summary, works: bool, lang: Lang) -> Vec<Fact> {
    let parent = &summary.parent;
    let link = Fact::new(
        lang.pick("与上级的连接", "Link to the parent"),
        summary.link(lang),
        if summary.is_connected() { State::Good } else { State::Bad },
    );
    let advice = lang.pick("本级工作不受影响，恢复后自动补齐", "work here goes on, and it catches up by itself");
    let waiting = summary.unsent.iter().any(|unsent| unsent.count > 0);
    let standing = app.site.identity().standing(app.site.now());
    let certificate = match standing {
        Standing::Valid { .. } => State::Good,
        Standing::RenewSoon { .. } => State::Warn,
        Standing::NotYetValid { .. } | Standing::Expired { .. } => State::Bad,
    };
    let count = |kind: &str| summary.records.get(kind).copied().unwrap_or(0).to_string();
    let set_aside = summary.set_aside.len();
    let mut facts = vec![
        Fact::new(
            lang.pick("上级", "Parent"),
            format!("{} {}{}{}", parent.region, parent.name, lang.pick("，", ", "), parent.address),
            State::Plain,
        ),
        if summary.is_connected() { link } else { link.hint(advice) },
        Fact::new(
            lang.pick("待上级确认", "Unacknowledged"),
            summary.waiting(lang),
            if waiting { State::Warn } else { State::Good },
        ),
        Fact::new(lang.pick("证书", "Certificate"), standing.say(lang), certificate),
        Fact::new(lang.pick("软件", "Software"), summary.software, State::Plain),
    ];
    let troubles = summary.troubles(lang).into_iter();
    facts.extend(troubles.map(|said| Fact::new(lang.pick("身份", "Identity"), said, State::Bad)));
    if works {
        facts.extend([
            Fact::new(lang.pick("项目", "Projects"), count("project"), State::Plain),
            Fact::new(lang.pick("项目绩效指标", "Indicator lines"), count("project_indicator"), State::Plain),
            Fact::new(lang.pick("评分", "Scores"), summary.scoring(lang), State::Plain),
            Fact::new(
                lang.pick("有问题未计入的记录", "Records set aside"),
                set_aside.to_string(),
                if set_aside == 0 { State::Good } else { State::Warn },
            ),
        ]);
    }
    facts
}

fn headers(lang: Lang, names: &[(&str, &str)]) -> Vec<String> {
    names.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
}

fn catalogs_table(summary: &Summary, lang: Lang) -> Table {
    let row = |line: &crate::ops::summary::CatalogLine| {
        vec![
            catalog::title(&line.catalog, lang).into(),
            line.publisher.to_string().into(),
            line.release.to_string().into(),
            line.entries.to_string().into(),
            line.signed_at.map(|at| at.to_string()).unwrap_or_default().into(),
        ]
    };
    let names = [
        ("目录", "catalog"),
        ("发布单位", "publisher"),
        ("版本", "release"),
        ("条目", "entries"),
        ("签发时间", "signed"),
    ];
    Table {
        title: lang.pick("目录", "Catalogs").to_owned(),
        headers: headers(lang, &names),
        rows: summary.catalogs.iter().map(row).collect(),
        empty: lang.pick("还没有收到目录；与上级连通后自动接收", "none have come yet").to_owned(),
    }
}

fn townships(summary: &Summary, lang: Lang) -> Table {
    let row = |child: &crate::ops::summary::ChildLine| {
        let heard = match (child.status, child.heard) {
            ("active", Some(true)) => State::Good,
            ("active", Some(false)) => State::Warn,
            _ => State::Plain,
        };
        let lacks = if child.behind.iter().any(|behind| behind.progress == "refused") {
            State::Bad
        } else if child.current {
            State::Plain
        } else {
            State::Warn
        };
        vec![
            child.name.clone().into(),
            child.region.to_string().into(),
            Cell::new(child.standing(lang), heard),
            child.last_contact.map(|at| at.to_string()).unwrap_or_default().into(),
            Cell::new(child.lacks(lang), lacks),
        ]
    };
    let names =
        [("名称", "name"), ("区划", "region"), ("状态", "state"), ("最近联系", "last contact"), ("目录", "catalogs")];
    Table {
        title: lang.pick("下级单位", "Townships").to_owned(),
        headers: headers(lang, &names),
        rows: summary.children.iter().map(row).collect(),
        empty: lang.pick("没有下级单位", "none").to_owned(),
    }
}

fn aside(summary: &Summary, lang: Lang) -> Table {
    let row = |aside: &crate::records::SetAside| {
        vec![
            aside.key.clone().into(),
            aside.kind.clone().into(),
            aside.author.to_string().into(),
            Cell::new(aside.reason.clone(), State::Warn),
        ]
    };
    Table {
        title: lang.pick("有问题未计入的记录", "Records set aside").to_owned(),
        headers: headers(lang, &[("键", "key"), ("类别", "kind"), ("单位", "author"), ("原因", "reason")]),
        rows: summary.set_aside.iter().map(row).collect(),
        empty: lang.pick("没有", "none").to_owned(),
    }
}
