//! `collect diff`: what changed between two revisions of one region's report.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::collection::Collection;
use tongpin_domain::lang::Lang;
use tongpin_domain::partial::Partial;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Report;

use crate::answer::{self, Answer};
use crate::app::App;
use crate::command::rollup::measure;
use crate::evidence;
use crate::failure::Failure;

/// Whose report, and which revisions.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect diff county-scores 320581                最近两次
  tongpin-hub collect diff county-scores 320581 --from 1 --to 3")]
pub(crate) struct Args {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 较早的一次；默认是倒数第二次
    #[arg(long, value_name = "次数")]
    from: Option<u64>,
    /// 较晚的一次；默认是最近一次
    #[arg(long, value_name = "次数")]
    to: Option<u64>,
}

#[derive(Serialize)]
struct Compared {
    collection: String,
    region: RegionCode,
    name: String,
    from: u64,
    to: u64,
    changes: Vec<Change>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    table: String,
    group: String,
    measure: String,
    before: Option<String>,
    after: Option<String>,
}

/// Compares two revisions.
///
/// # Errors
/// There are no two, or the database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let Args { id, region, from, to } = args;
    let asked = app.collection(&id).await?.collection;
    let mut all = app.store().received_all(&id).await?;
    let regions = app.regions().await?;
    all.retain(|received| regions.current(&received.region) == regions.current(&region));
    all.sort_by_key(|received| received.revision);
    let numbers: Vec<u64> = all.iter().map(|received| received.revision).collect();
    let to = to.or_else(|| numbers.last().copied()).unwrap_or(0);
    let from = from.or_else(|| numbers.iter().rev().find(|number| **number < to).copied()).unwrap_or(0);
    let revision = |wanted: u64| {
        let found = all.iter().find(|received| received.revision == wanted);
        let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let (zh, en) = if list.is_empty() {
            (format!("{region} 还没有上报过“{id}”"), format!("{region} has sent nothing for {id:?}"))
        } else {
            let list = list.join("、");
            (
                format!("{region} 对“{id}”只有第 {list} 次上报，没有可比较的另一次"),
                format!("{region} sent only {list} for {id:?}"),
            )
        };
        found.ok_or_else(|| Failure::input(zh, en)).and_then(evidence::read)
    };
    let changes = changes(&asked, &revision(from)?, &revision(to)?, app.output.lang);
    let name = regions.name(&region);
    answer::give(app.output, &Compared { collection: id, region, name, from, to, changes })
}

/// Every measure that differs, by table and group.
fn changes(asked: &Collection, before: &Report, after: &Report, lang: Lang) -> Vec<Change> {
    let all = side_by_side(asked, Some(before), after, lang);
    all.into_iter().filter(|figure| figure.before != figure.after).map(Change::from).collect()
}

/// One figure of a report beside the same figure of an earlier revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) table: String,
    pub(crate) group: String,
    pub(crate) measure: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// By how much it went up or down, where both are plain numbers.
    pub(crate) difference: Option<String>,
}

impl From<Figure> for Change {
    fn from(Figure { table, group, measure, before, after, .. }: Figure) -> Self {
        Self { table, group, measure, before, after }
    }
}

/// Every figure of a report, beside the one of an earlier revision, by table and group.
pub(crate) fn side_by_side(asked: &Collection, before: Option<&Report>, after: &Report, lang: Lang) -> Vec<Figure> {
    let earlier = before.map(figures).unwrap_or_default();
    let later = figures(after);
    let keys: BTreeSet<_> = earlier.keys().chain(later.keys()).collect();
    let figure = |key: &(String, String, String)| {
        let (table, group, id) = key.clone();
        let known = asked.table(&table).and_then(|table| table.measures.iter().find(|measure| measure.id == id));
        let (before, after) = (earlier.get(key), later.get(key));
        let text = |partial: &Partial| measure::text(known, partial, lang);
        let difference = before.zip(after).and_then(|(before, after)| measure::difference(known, before, after));
        let title = if id.is_empty() { lang.pick("记录数", "records") } else { known.map_or(&*id, measure::title) };
        let measure = title.to_owned();
        Figure { table, group, measure, before: before.map(text), after: after.map(text), difference }
    };
    keys.into_iter().map(figure).collect()
}

/// All partials of a report by table, group and measure; the number of records of a group stands under no measure.
fn figures(report: &Report) -> BTreeMap<(String, String, String), Partial> {
    let mut all = BTreeMap::new();
    for answer in report.tables.iter().map(|table| &table.answer) {
        for group in &answer.groups {
            let at = |measure: &str| (answer.table.clone(), group.keys.join("/"), measure.to_owned());
            all.insert(at(""), Partial::Count(group.records));
            all.extend(group.measures.iter().map(|(id, partial)| (at(id), partial.clone())));
        }
    }
    all
}

impl Answer for Compared {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, region, name, from, to, changes } = self;
        let count = changes.len();
        let zh = format!("{region} {name} 对“{collection}”的第 {from} 次与第 {to} 次上报：{count} 处不同");
        let en = format!("{region} {name}, {collection:?}, revisions {from} and {to}: {count} differences");
        output.tell(output.pick(&zh, &en))?;
        if changes.is_empty() {
            return Ok(());
        }
        let headers = match output.lang {
            Lang::Zh => ["表", "分组", "项目", "之前", "之后"],
            Lang::En => ["Table", "Group", "Measure", "Before", "After"],
        };
        let none = output.pick("（无）", "(none)");
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| none.to_owned());
        let rows: Vec<Vec<String>> = changes
            .iter()
            .map(|one| {
                vec![one.table.clone(), one.group.clone(), one.measure.clone(), shown(&one.before), shown(&one.after)]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a changed, a new and a vanished figure are each told with both values, and equal ones are not.
    #[test]
    fn every_change_is_told() {
        let asked: Collection = serde_json::from_str(
            r#"{"id":"c","title":"t","period":"2024","due":"2025-03-31","tables":[{"id":"t","records":"projects",
            "measures":[{"id":"b","title":"预算","kind":"sum","field":"budget_fen"}]}]}"#,
        )
        .expect("a collection");
        let report = |groups: &str| -> Report {
            let none = "0".repeat(64);
            let json = format!(
                r#"{{"collection":"c","collection_release":{{"publisher":"320500","release":1}},"region":"320581",
                "period":"2024","revision":1,"replaces":"{none}","rules":[],"computed_at":0,"approved_by":"甲",
                "tables":[{{"table":"t","records":1,"groups":[{groups}],"withheld":{{"groups":0,"records":0}}}}]}}"#
            );
            serde_json::from_str(&json).expect("a report")
        };
        let group =
            |key: &str, fen: u32| format!(r#"{{"keys":["{key}"],"records":1,"measures":{{"b":{{"sum":"{fen}"}}}}}}"#);
        let before = report(&[group("x", 100), group("y", 500)].join(","));
        let after = report(&[group("x", 150), group("z", 500)].join(","));
        let told: Vec<_> = changes(&asked, &before, &after, Lang::Zh)
            .into_iter()
            .map(|change| (change.group, change.measure, change.before, change.after))
            .collect();
        let row = |group: &str, measure: &str, before: Option<&str>, after: Option<&str>| {
            (group.to_owned(), measure.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
        };
        let expected = [
            row("x", "预算", Some("1.00"), Some("1.50")),
            row("y", "记录数", Some("1"), None),
            row("y", "预算", Some("5.00"), None),
            row("z", "记录数", None, Some("1")),
            row("z", "预算", None, Some("5.00")),
        ];
        assert_eq!(told, expected);
    }
}
