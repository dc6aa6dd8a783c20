//! `publish`: a second person's approval, a signed release, and its first wave.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::forms::{self, Impact};
use tongpin_link::publish::{self, Publication};
use tongpin_store::Person;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use crate::ops::publish::approved;
use crate::ops::rollout::wave;
use tongpin_console::output::Printed;

/// What to publish, who approves, and to whom it goes first.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub publish rules --by 审核人
  tongpin-hub publish rules --by 审核人 --to 320581,320583    先推两个区县试行
  tongpin-hub rollout rules --all                             再推给全部
发布的版本不可修改、不可撤回；要还原，把原来的内容作为新版本再发布一次。")]
pub(crate) struct Args {
    /// 目录，如 indicators
    #[arg(value_name = "目录")]
    catalog: String,
    /// 审核人：须是起草人以外的另一人
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
    /// 首批推送的区划代码，用逗号隔开；不写就推给全部
    #[arg(long, value_name = "区划代码", value_delimiter = ',')]
    to: Vec<RegionCode>,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Published {
    catalog: String,
    number: u64,
    digest: Digest,
    entries: u64,
    upserts: usize,
    retired: usize,
    drafted_by: String,
    approved_by: String,
    /// `None`: to everybody.
    to: Option<Vec<RegionCode>>,
}

/// Publishes the draft of a catalog.
///
/// # Errors
/// There is no draft, it changes nothing, the approver drafted it, or nothing was confirmed.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let to = wave(app, &args.to).await?;
    let publication = approved(app, &args.catalog, &Person::named(&args.by), None).await?;
    let (upserts, retired) = (publication.difference.upserts.len(), publication.difference.removals.len());
    let number = publication.signed.release.number;
    let forms = form_changes(app, &publication).await?;
    let zh = format!(
        "{}将发布目录 {} 第 {number} 版：新增或修改 {upserts} 条，停用 {retired} 条。发布后不可撤回。确定？",
        forms[0],
        titled(&args.catalog)
    );
    let en = format!(
        "{}This publishes release {number} of {}: {upserts} added or changed, {retired} retired. Go on?",
        forms[1], args.catalog
    );
    app.output.confirm(&zh, &en, args.yes)?;
    let detail = format!("第 {number} 版{}", publication.alone());
    let entry = app.audit_entry(&args.by, "catalog_publish", &args.catalog, &detail);
    let step = publish::commit(&app.site, publication, to.as_deref());
    let signed = app.store().audited(&entry, step).await?;
    let published = Published {
        catalog: args.catalog,
        number,
        digest: signed.digest,
        entries: signed.release.parts.iter().map(|part| part.count).sum(),
        upserts,
        retired,
        drafted_by: signed.release.drafted_by,
        approved_by: signed.release.approved_by,
        to,
    };
    Ok(app.output.give(&published)?)
}

/// What changed forms do to documents that exist and what is doubtful about them, a line each, in both languages.
async fn form_changes(app: &App, publication: &Publication) -> Result<[String; 2], Failure> {
    let release = &publication.signed.release;
    if release.catalog.name != FORMS {
        return Ok([String::new(), String::new()]);
    }
    let impacts = forms::of(app.store(), &release.catalog, &publication.difference.upserts).await?;
    let told = |lang: Lang| {
        let line = |impact: &Impact| {
            let changes = impact.changes.iter().map(|change| change.say(lang));
            let said = changes.chain(impact.doubt(lang)).collect::<Vec<_>>();
            (!said.is_empty())
                .then(|| format!("{}{}{}\n", impact.title, lang.pick("：", ": "), said.join(lang.pick("；", "; "))))
        };
        impacts.iter().filter_map(line).collect::<String>()
    };
    Ok([told(Lang::Zh), told(Lang::En)])
}

impl Printed for Published {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { number, entries, upserts, retired, drafted_by, approved_by, .. } = self;
        let (zh_to, en_to) = match &self.to {
            None => ("推送给全部区县".to_owned(), "rolled out to all".to_owned()),
            Some(regions) => {
                let list: Vec<&str> = regions.iter().map(RegionCode::as_str).collect();
                (format!("首批推送给 {}", list.join("、")), format!("rolled out to {} first", list.join(", ")))
            }
        };
        let zh = format!(
            "目录 {} 第 {number} 版已发布：共 {entries} 条（新增或修改 {upserts}，停用 {retired}），{zh_to}
  起草 {drafted_by}，审核 {approved_by}，摘要 {}",
            titled(&self.catalog),
            self.digest.short()
        );
        let en = format!(
            "Release {number} of {} is published: {entries} entries ({upserts} added or changed, {retired} retired), {en_to}
  drafted by {drafted_by}, approved by {approved_by}, digest {}",
            self.catalog,
            self.digest.short()
        );
        output.tell(output.pick(&zh, &en))?;
        if self.to.is_some() {
            let zh = format!("用 tongpin-hub rollout {} --all 推给其余区县", self.catalog);
            let en = format!("tongpin-hub rollout {} --all rolls it out to the others", self.catalog);
            output.tell(output.pick(&zh, &en))?;
        }
        Ok(())
    }
}
