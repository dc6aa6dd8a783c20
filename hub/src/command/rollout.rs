//! `rollout`: who gets which release of a catalog, and widening that in waves.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_store::AuditDraft;

use super::import::titled;
use super::nodes::{self, CatalogRow};
use crate::answer::{self, Answer};
use crate::app::App;
use crate::failure::Failure;

/// Which catalog, and to whom the newest release shall go.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub rollout rules                   查看
  tongpin-hub rollout rules --to 320582       第二批
  tongpin-hub rollout rules --all             全部")]
pub(crate) struct Args {
    /// 目录，如 rules
    #[arg(value_name = "目录")]
    catalog: String,
    /// 把最新一版推给这些区划，用逗号隔开
    #[arg(long, value_name = "区划代码", value_delimiter = ',', conflicts_with = "all")]
    to: Vec<RegionCode>,
    /// 把最新一版推给全部
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct State {
    catalog: String,
    /// The newest release, 0 for none.
    number: u64,
    nodes: Vec<NodeState>,
}

#[derive(Serialize)]
struct NodeState {
    region: RegionCode,
    name: String,
    #[serde(flatten)]
    release: Option<CatalogRow>,
}

/// Shows, after widening it if that was asked for.
///
/// # Errors
/// Nothing is published, a region is not inside the city, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let id = app.catalog(&args.catalog);
    let number = newest(app, &args.catalog).await?;
    if args.all || !args.to.is_empty() {
        let whom: Vec<&str> = args.to.iter().map(RegionCode::as_str).collect();
        let whom = if whom.is_empty() { "全部".to_owned() } else { whom.join("、") };
        widen(app, &args.catalog, &args.to, &app.entry("", "catalog_rollout", &args.catalog, &whom)).await?;
    }
    let rows = nodes::rows(app).await?.into_iter().filter(|row| row.status == "active");
    let nodes = rows.map(|row| NodeState {
        region: row.region,
        name: row.name,
        release: row.catalogs.into_iter().find(|one| one.publisher == id.publisher && one.catalog == id.name),
    });
    answer::give(app.output, &State { catalog: args.catalog, number, nodes: nodes.collect() })
}

/// Rolls the newest release of a catalog out to these regions too, or to everybody if none is named, and tells its
/// number. Whom it went to is the detail of the audit entry.
///
/// # Errors
/// Nothing is published, a region is not inside the city, or the database cannot be written.
pub(crate) async fn widen(app: &App, catalog: &str, to: &[RegionCode], entry: &AuditDraft<'_>) -> Result<u64, Failure> {
    let id = app.catalog(catalog);
    let number = newest(app, catalog).await?;
    let to = wave(app, to).await?;
    let (store, detail) = (app.store(), format!("第 {number} 版：{}", entry.detail));
    let entry = AuditDraft { detail: &detail, ..*entry };
    store.audited(&entry, store.allow(&id, number, to.as_deref(), app.site.now())).await?;
    app.site.nudge();
    Ok(number)
}

async fn newest(app: &App, catalog: &str) -> Result<u64, Failure> {
    let head = app.store().head(&app.catalog(catalog)).await?;
    head.map(|head| head.number).ok_or_else(|| {
        Failure::input(
            format!("目录 {catalog} 还没有发布过；请先用 publish 发布"),
            format!("nothing of {catalog} is published; publish it first"),
        )
    })
}

/// The regions of a wave, each inside the city; `None` for everybody.
///
/// # Errors
/// [`Failure::Input`].
pub(crate) async fn wave(app: &App, to: &[RegionCode]) -> Result<Option<Vec<RegionCode>>, Failure> {
    let wanted = inside(&app.site.region(), to)?;
    match wanted {
        Some(wanted) => Ok(Some(app.site.addressed(&wanted).await?)),
        None => Ok(None),
    }
}

fn inside(own: &RegionCode, to: &[RegionCode]) -> Result<Option<Vec<RegionCode>>, Failure> {
    if let Some(outside) = to.iter().find(|region| !region.within(own) || *region == own) {
        return Err(Failure::input(
            format!("{outside} 不在本级 {own} 的辖区之内；请核对区划代码"),
            format!("{outside} does not lie within {own}; check the code"),
        ));
    }
    let mut regions = to.to_vec();
    regions.sort();
    regions.dedup();
    Ok((!regions.is_empty()).then_some(regions))
}

impl Answer for State {
    fn tell(&self, output: Output) -> io::Result<()> {
        let zh = format!("目录 {}，最新为第 {} 版", titled(&self.catalog), self.number);
        output.tell(output.pick(&zh, &format!("{}, newest release {}", self.catalog, self.number)))?;
        if self.nodes.is_empty() {
            return output.tell(output.pick("没有已加入的单位。", "No child has joined."));
        }
        let headers = match output.lang {
            Lang::Zh => ["区划", "名称", "推送", "状态"],
            Lang::En => ["Region", "Name", "Due", "State"],
        };
        let rows: Vec<Vec<String>> = self
            .nodes
            .iter()
            .map(|node| {
                let due = node.release.as_ref().map_or(0, |release| release.due);
                let state = match &node.release {
                    Some(release) if release.due > 0 => release.said(output.lang),
                    _ => output.pick("未推送", "not rolled out").to_owned(),
                };
                let due = if due == 0 { "—".to_owned() } else { due.to_string() };
                vec![node.region.to_string(), node.name.clone(), due, state]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a wave is sorted and without repeats, that none means everybody, and that neither another city's
    /// county nor the city itself can be in it.
    #[test]
    fn waves() {
        let code = |text: &str| RegionCode::new(text).expect("a code");
        let own = code("320500");
        let wave = |list: &[&str]| inside(&own, &list.iter().map(|text| code(text)).collect::<Vec<_>>()).ok();
        assert_eq!(wave(&[]), Some(None));
        let both = Some(Some(vec![code("320581"), code("320583")]));
        assert_eq!(wave(&["320583", "320581", "320583"]), both);
        assert_eq!(wave(&["320581", "320102"]), None);
        assert_eq!(wave(&["320500"]), None);
    }
}
