//! `admit`: enrolment by file, for a node that no network reaches.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::Output;
use tongpin_console::private;
use tongpin_link::downlink;

use crate::app::App;
use crate::failure::Failure;
use tongpin_console::output::Printed;

/// The files that travel.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  对方： tongpin-node join 加入码 --request 申请.tp     带到市里
  本级： tongpin-hub admit 申请.tp 答复.tp              带回对方
  对方： tongpin-node join 加入码 --answer 答复.tp")]
pub(crate) struct Args {
    /// 对方带来的加入申请文件
    #[arg(value_name = "申请文件")]
    request: PathBuf,
    /// 签发结果写到这个文件
    #[arg(value_name = "答复文件")]
    answer: PathBuf,
}

#[derive(Serialize)]
struct Admitted {
    answer: PathBuf,
}

/// Answers an enrolment that came as a file.
///
/// # Errors
/// The token is not known, used or expired, or a file cannot be read or written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    exchange(app, &args.request, &args.answer).await?;
    Ok(app.output.give(&Admitted { answer: args.answer })?)
}

/// Reads the request and writes the answer.
///
/// # Errors
/// As [`run`].
pub(crate) async fn exchange(app: &App, request: &Path, answer: &Path) -> Result<(), Failure> {
    if answer.exists() {
        return Err(Common::FileExists(answer.to_owned()).into());
    }
    let bytes = std::fs::read(request).map_err(|source| Common::File { path: request.to_owned(), source })?;
    let name = request.file_name().unwrap_or(request.as_os_str()).to_string_lossy();
    let entry = app.audit_entry("", "node_admit", &name, "");
    let issued = app.store().audited(&entry, downlink::enrol_by_file(&app.site, &bytes)).await?;
    Ok(private::write(answer, &issued).map_err(|source| Common::File { path: answer.to_owned(), source })?)
}

impl Printed for Admitted {
    fn tell(&self, output: Output) -> io::Result<()> {
        let shown = self.answer.display();
        let zh = format!("已签发证书，写入 {shown}；请带回给对方，运行 tongpin-node join 加入码 --answer 文件");
        let en = format!("Certified; take {shown} back, where they run tongpin-node join TOKEN --answer FILE");
        output.tell(output.pick(&zh, &en))
    }
}
