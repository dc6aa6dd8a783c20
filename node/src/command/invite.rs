//! `invite`: a one-time token for a township; `admit` is its counterpart for one that no network reaches.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::downlink;

use crate::app::App;
use crate::command::files::{read_file, write_new};
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::townships::{self, Invitation};

/// Whom to invite.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node invite 320581101 --address 10.1.2.3:7402
  tongpin-node invite 320581101 --days 3 --by 经办001       地址取自配置的 public_address

加入码只能用一次，在使用之前与密码同等保密。")]
pub(crate) struct Args {
    /// 乡镇的区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 乡镇看到的本节点地址（主机:端口）；默认用配置文件里的地址
    #[arg(long, value_name = "地址")]
    address: Option<String>,
    /// 加入码几天内有效
    #[arg(long, value_name = "天数", default_value_t = 7)]
    days: u32,
    /// 经办人
    #[arg(long, value_name = "姓名", default_value = "")]
    by: String,
}

#[derive(Serialize)]
struct Told {
    region: RegionCode,
    token: String,
    address: String,
    expires_at: Moment,
    joined_before: bool,
    /// What whoever invites should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
}

/// Invites.
///
/// # Errors
/// The region is not within this one, the address is none, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let address = args.address.unwrap_or_else(|| app.settings.common.public_address.clone());
    if address.trim().is_empty() {
        return Err(Failure::input(
            "不知道乡镇用什么地址连接本节点；请用 --address 主机:端口 写明，或在 config.toml 中设置 public_address",
            "no address for the township to connect to; give --address host:port, or set public_address",
        ));
    }
    let entry = app.entry(&args.by, "node_invite", args.region.as_str(), "");
    let invitation = Invitation { region: &args.region, address: address.trim(), days: args.days, by: args.by.trim() };
    let invited = townships::invite(app, &invitation, &entry).await?;
    let told = Told {
        remarks: invited.remarks(&args.region, app.output.lang),
        region: invited.token.region.clone(),
        token: invited.token.text(),
        address: invited.token.address.clone(),
        expires_at: invited.expires_at,
        joined_before: invited.joined_before,
    };
    Ok(app.output.give(&told)?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, address, expires_at, .. } = self;
        say(
            output,
            &format!("给 {region} 的加入码（{expires_at} 前有效，只能用一次）:\n"),
            &format!("the token for {region} (until {expires_at}, works once):\n"),
        )?;
        output.print_text(&self.token)?;
        say(
            output,
            &format!(
                "\n请通过可靠的途径交给对方，对方运行：tongpin-node join 加入码\n对方将连接 {address}；本节点的 serve 须在运行"
            ),
            &format!(
                "\nhand it over safely; there they run: tongpin-node join TOKEN\nthey connect to {address}, where serve must run"
            ),
        )?;
        for remark in &self.remarks {
            output.tell(remark)?;
        }
        if self.joined_before {
            say(
                output,
                "该单位以前加入过：使用新加入码后，原证书由新证书代替，已有数据保留",
                "it has joined before: the new certificate takes the place of the old one, its data stays",
            )?;
        }
        Ok(())
    }
}

/// The files that travel.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  乡镇： tongpin-node join @token.txt --request 申请.tp     带到县里
  县级： tongpin-node admit 申请.tp 答复.tp                 带回乡镇
  乡镇： tongpin-node join @token.txt --answer 答复.tp")]
pub(crate) struct Admit {
    /// 对方带来的加入申请文件
    #[arg(value_name = "申请文件")]
    request: PathBuf,
    /// 签发结果写到这个文件；已存在的不覆盖
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
pub(crate) async fn admit(app: &App, args: Admit) -> Result<Exit, Failure> {
    if args.answer.exists() {
        return Err(Common::FileExists(args.answer).into());
    }
    let request = read_file(&args.request)?;
    let name = args.request.file_name().unwrap_or(args.request.as_os_str()).to_string_lossy();
    let entry = app.entry("", "node_admit", &name, "");
    let issued = app.store().audited(&entry, downlink::enrol_by_file(&app.site, &request)).await?;
    write_new(&args.answer, &issued)?;
    Ok(app.output.give(&Admitted { answer: args.answer })?)
}

impl Printed for Admitted {
    fn tell(&self, output: Output) -> io::Result<()> {
        let file = self.answer.display();
        say(
            output,
            &format!("已签发证书，写入 {file}；请带回对方，运行 tongpin-node join 加入码 --answer {file}"),
            &format!("certified; take {file} back, where they run tongpin-node join TOKEN --answer {file}"),
        )
    }
}
