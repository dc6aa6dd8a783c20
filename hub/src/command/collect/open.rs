//! `collect open`: a collection becomes an entry of the catalog `collections`, published with two persons' names.

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::Output;
use tongpin_domain::catalog::Audience;
use tongpin_domain::collection::Collection;
use tongpin_domain::intake;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::compose::{Choices, Template};
use crate::ops::collections::of_form;
use crate::ops::collections::open::{Opened, open};
use crate::ops::rollout::wave;
use tongpin_console::output::Printed;

/// What to ask, of whom, until when, and who answers for it.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect open --template county-scores --period 2025 --due 2026-03-31 --by 经办人 --approved-by 审核人
  tongpin-hub collect open --form road_dispatch --period 2025Q3 --due 2025-10-20 --by 经办人 --approved-by 审核人
  tongpin-hub collect open --file 任务.toml --to 320581,320583 --by 经办人 --approved-by 审核人
模板：county-scores 区县项目自评得分（先评分后加权）；fund-indicators 专项资金绩效指标（先汇总后评分）。
county-scores、fund-indicators 的 TOML 原文见 samples/collections，可复制修改后用 --file 开放。")]
pub(crate) struct Args {
    /// 用内置模板
    #[arg(long, value_name = "模板", value_enum, required_unless_present_any = ["file", "form"], conflicts_with_all = ["file", "form"])]
    template: Option<Template>,
    /// 按已发布的表单：归集表单声明可以归集的内容
    #[arg(long, value_name = "表单代号", conflicts_with = "file")]
    form: Option<String>,
    /// 用自己写的 TOML 文件
    #[arg(long, value_name = "文件")]
    file: Option<PathBuf>,
    /// 任务代号；默认用模板或文件里的，同名任务已用于别的期间时加上期间
    #[arg(long, value_name = "代号")]
    id: Option<String>,
    /// 期间，以预算年度开头，如 2024
    #[arg(long, value_name = "期间")]
    period: Option<String>,
    /// 截止日期，如 2025-03-31
    #[arg(long, value_name = "日期")]
    due: Option<String>,
    /// 归集范围，用逗号隔开；不写就是全部区县
    #[arg(long, value_name = "区划代码", value_delimiter = ',')]
    to: Vec<RegionCode>,
    /// 人工审核：上报通过系统校验后，还要审核人用 collect accept 通过才计入汇总；不写就是自动接收
    #[arg(long)]
    review: bool,
    /// 经办人
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
    /// 审核人：须是另一人
    #[arg(long, value_name = "姓名")]
    approved_by: String,
}

/// Opens a collection.
///
/// # Errors
/// The file or a value will not do, one person stands for both, there is a draft in the way, or nothing would change.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let (name, text) = source(app, &args).await?;
    let audience = wave(app, &args.to).await?.unwrap_or_default();
    let choices = Choices { id: args.id, period: args.period, due: args.due, audience, review: args.review };
    Ok(app.output.give(&open(app, (&name, &text), choices, &args.by, &args.approved_by).await?)?)
}

impl ValueEnum for Template {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let about = match self {
            Self::CountyScores => "区县项目自评得分",
            Self::FundIndicators => "专项资金绩效指标",
        };
        Some(PossibleValue::new(self.word()).help(about))
    }
}

async fn source(app: &App, args: &Args) -> Result<(String, String), Failure> {
    if let Some(code) = &args.form {
        let collection = of_form::usual(app, code, args.period.as_deref()).await?;
        let json = serde_json::to_string(&collection).map_err(|error| Failure::unreadable(code.clone(), &error))?;
        let text = intake::entry_to_toml(&Audience::Everyone, &json).unwrap_or_default();
        return Ok((format!("{code}.toml"), text));
    }
    if let Some(template) = args.template {
        let (name, text) = template.file();
        return Ok((name.to_owned(), text.to_owned()));
    }
    let path = args.file.clone().unwrap_or_default();
    let text = std::fs::read_to_string(&path).map_err(|source| Common::File { path: path.clone(), source })?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text))
}

impl Printed for Opened {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Collection { id, title, period, due, audience, accepting, .. } = &self.collection;
        let asked: Vec<&str> = audience.iter().map(RegionCode::as_str).collect();
        let (zh_to, en_to) = if asked.is_empty() {
            ("全部区县".to_owned(), "all".to_owned())
        } else {
            (asked.join("、"), asked.join(", "))
        };
        let replaced = if self.replaced { "，替换了同名任务" } else { "" };
        let zh = format!(
            "归集任务 {id} 已开放：{title}
  期间 {period}，截止 {due}，归集范围 {zh_to}
  {}
  随 collections 目录第 {} 版发布（经办 {}，审核 {}）{replaced}
下一步：tongpin-hub collect show {id} 查看上报进度，tongpin-hub rollup {id} 汇总",
            accepting.say(Lang::Zh),
            self.release,
            self.by,
            self.approved_by
        );
        let replaced = if self.replaced { "; it replaces the one of that id" } else { "" };
        let en = format!(
            "Collection {id} is open: {title}
  period {period}, due {due}, asked: {en_to}
  accepted {}
  published with release {} of collections (by {}, approved by {}){replaced}
Next: tongpin-hub collect show {id}, tongpin-hub rollup {id}",
            accepting.say(Lang::En),
            self.release,
            self.by,
            self.approved_by
        );
        output.tell(output.pick(&zh, &en))?;
        if self.overdue {
            let zh = format!("注意：截止日期 {due} 已过，之后的上报都算迟报；可用 --due 另定日期重新开放。");
            output.tell(
                output.pick(&zh, &format!("Note: the due day {due} is over; every report will count as late.")),
            )?;
        }
        Ok(())
    }
}
