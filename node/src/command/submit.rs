//! `submit`: an officer approves, and the report leaves.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Say;
use tongpin_link::admin;
use tongpin_store::Person;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::submit::{Approval, ReportDraft};

/// What to submit, and who approves.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node preview county-scores                        先看清要送出什么
  tongpin-node submit county-scores --by 审核002
  tongpin-node submit county-scores --by 审核002 --yes      不再询问（脚本中使用）")]
pub(crate) struct Args {
    /// 归集任务
    #[arg(value_name = "任务")]
    collection: String,
    /// 审核人
    #[arg(long, value_name = "姓名")]
    by: String,
    /// 内容没有变化也重新上报
    #[arg(long)]
    force: bool,
    /// 记录数比上一次大幅减少时，确认本次的记录数（--yes 不能代替）
    #[arg(long, value_name = "记录数")]
    fewer: Option<u64>,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Told {
    collection: String,
    revision: u64,
    digest: Digest,
    approved_by: String,
    groups: usize,
    late: bool,
    serving: bool,
    remarks: Vec<String>,
}

/// Submits.
///
/// # Errors
/// As for a preview; the content was reported already, would be returned, or is not confirmed.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let by = args.by.trim();
    if by.is_empty() {
        return Err(Failure::input("请用 --by 写明审核人", "name who approves with --by"));
    }
    let draft = ReportDraft::prepare(app, &args.collection, by).await?;
    let approval = Approval { by: Person::named(by), again: args.force, seen: None, fewer: args.fewer };
    draft.may_leave(app, &approval).await?;
    let ReportDraft { answer, report: told, .. } = &draft;
    let title = &answer.asked.collection.title;
    let mut remarks: Vec<String> = answer.remarks.iter().map(|remark| remark.say(app.output.lang)).collect();
    if answer.is_told(draft.last.as_ref()) {
        let (zh, en) = ("内容与上一次上报相同", "this is what the last report said");
        remarks.push(app.output.pick(zh, en).to_owned());
    }
    for remark in &remarks {
        if !app.output.json {
            say(app.output, &format!("注意：{remark}"), &format!("note: {remark}"))?;
        }
    }
    app.output.confirm(
        &format!(
            "将向 {} 上报“{title}”第 {} 次（{} 组汇总数），送出后不能撤回。",
            app.parent.region,
            told.revision,
            answer.groups()
        ),
        &format!(
            "Revision {} of \"{title}\" ({} groups) will go to {} and cannot be taken back.",
            told.revision,
            answer.groups(),
            app.parent.region
        ),
        args.yes,
    )?;
    let digest = draft.send(app, &app.entry(by, "submit", &args.collection, "")).await?;
    let result = Told {
        collection: args.collection,
        revision: told.revision,
        digest,
        approved_by: told.approved_by.clone(),
        groups: answer.groups(),
        late: draft.is_late(app.site.now()),
        serving: admin::serving(&app.data).is_some(),
        remarks,
    };
    Ok(app.output.give(&result)?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, revision, groups, approved_by, .. } = self;
        let digest = self.digest.short();
        say(
            output,
            &format!(
                "{collection} 第 {revision} 次上报已签名存档（{groups} 组汇总数，审核人 {approved_by}，摘要 {digest}）"
            ),
            &format!(
                "revision {revision} of {collection} is signed and kept ({groups} groups, approved by {approved_by}, digest {digest})"
            ),
        )?;
        if self.late {
            say(output, "注意：已过截止日期，上级会记为迟报", "note: the due day has passed, so it counts as late")?;
        }
        if self.serving {
            return say(
                output,
                "serve 正在送出；用 collections 或 receipts 查看上级回执",
                "serve is sending it; collections and receipts show the answer",
            );
        }
        say(
            output,
            "serve 没有运行，尚未送出：启动 serve，或用 pack 写成文件带给上级",
            "serve does not run, so it has not left yet: start serve, or pack it into a file",
        )
    }
}
