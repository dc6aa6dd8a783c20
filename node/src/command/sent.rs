//! `sent` and `receipts`: all that ever left this bureau, and what the parent answered.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::lang::Say;
use tongpin_domain::moment::Moment;
use tongpin_domain::report::Receipt;
use tongpin_store::QUESTION;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::records::receipts;

/// How much to show.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node sent --limit 20
  tongpin-node sent --limit 100000 --json > 送出清单.json")]
pub(crate) struct Args {
    /// 最多显示几条，最近的在前
    #[arg(long, value_name = "条数", default_value_t = 50)]
    limit: u64,
}

#[derive(Serialize)]
struct Left {
    stream: String,
    number: u64,
    kind: String,
    key: String,
    bytes: u64,
    written_at: Moment,
    acknowledged_at: Option<Moment>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Sent(Vec<Left>);

/// Shows what left, or is about to.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let rows = app.store().sent_log(args.limit).await?;
    let left = rows.into_iter().map(|row| Left {
        stream: row.stream,
        number: row.seq,
        kind: row.kind,
        key: row.key,
        bytes: row.bytes,
        written_at: row.created_at,
        acknowledged_at: row.acked_at,
    });
    Ok(app.output.give(&Sent(left.collect()))?)
}

/// What left, as people call it; the names of records stay those of their files.
fn kind(word: &str, output: Output) -> &str {
    match word {
        "report" => output.pick("归集", "report"),
        QUESTION => output.pick("提问", "question"),
        other => other,
    }
}

impl Printed for Sent {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "还没有任何内容离开本级", "nothing has left this bureau");
        }
        let headers = [
            output.pick("序号", "number"),
            output.pick("类别", "stream"),
            output.pick("内容", "content"),
            output.pick("字节", "bytes"),
            output.pick("写入时间", "written"),
            output.pick("上级确认时间", "acknowledged"),
        ];
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|left| {
                let stream = match left.stream.as_str() {
                    "reports" => output.pick("上报", "reports"),
                    "records" => output.pick("记录", "records"),
                    other => other,
                };
                vec![
                    left.number.to_string(),
                    stream.to_owned(),
                    format!("{} {}", kind(&left.kind, output), left.key),
                    left.bytes.to_string(),
                    left.written_at.to_string(),
                    left.acknowledged_at
                        .map_or_else(|| output.pick("未确认", "not yet").to_owned(), |at| at.to_string()),
                ]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Receipts(Vec<Receipt>);

/// Shows the receipts, the newest first.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn receipts(app: &App) -> Result<Exit, Failure> {
    let mut receipts = receipts::all(app.store()).await?;
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.number));
    Ok(app.output.give(&Receipts(receipts))?)
}

impl Printed for Receipts {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "还没有收到回执", "no receipts yet");
        }
        self.0.iter().try_for_each(|receipt| output.tell(&receipt.say(output.lang)))
    }
}
